#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    #[timeout("1s")]
    #[every("1s")]
    fn a(&mut self) {}
}

fn main() {}
