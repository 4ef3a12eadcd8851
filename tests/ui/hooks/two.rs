#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    #[on_start]
    fn a(&mut self) {}

    #[on_start]
    fn b(&mut self) {}
}

fn main() {}
