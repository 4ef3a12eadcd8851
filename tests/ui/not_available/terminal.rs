#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub fn finish(self) -> u32 {
        1
    }
}

fn main() {}
