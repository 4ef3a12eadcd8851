#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    #[on_start]
    fn a(&mut self) -> u32 {
        1
    }
}

fn main() {}
