#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub fn a(&self, x: Missing) -> Gone {
        x
    }
}

fn main() {}
