#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    #[on_start]
    fn a(&mut self, why: &Exit) {}

    #[on_stop]
    fn b(&mut self, why: Exit, n: u8) {}
}

fn main() {}
