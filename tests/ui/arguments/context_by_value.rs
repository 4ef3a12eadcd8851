#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub fn a(&mut self, cx: Context<Self>) {}
}

fn main() {}
