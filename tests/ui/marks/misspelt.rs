#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    #[evry("1s")]
    fn a(&mut self) {}

    #[hander]
    fn b(&mut self) {}
}

fn main() {}
