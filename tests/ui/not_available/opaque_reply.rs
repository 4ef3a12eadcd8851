#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub fn a(&self) -> impl Iterator<Item = u8> {
        [1].into_iter()
    }
}

fn main() {}
