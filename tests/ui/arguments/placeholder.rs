#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub fn a(&mut self, x: Vec<_>) {}
}

fn main() {}
