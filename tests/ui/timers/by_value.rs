#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    #[every("1s")]
    fn a(self) {}

    #[every("1s")]
    fn b() {}
}

fn main() {}
