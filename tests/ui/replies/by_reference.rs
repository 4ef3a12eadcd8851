#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub fn a(&mut self, r: &mut Reply<u32>) {}
}

fn main() {}
