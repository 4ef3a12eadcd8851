#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    #[every("1s")]
    fn a(&mut self) -> u32 {
        1
    }
}

fn main() {}
