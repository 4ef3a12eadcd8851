#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub fn a(&mut self, cx: &mut Context<Self>, other: &mut Context<Self>) {}
}

fn main() {}
