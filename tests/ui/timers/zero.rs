#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    #[every("0s")]
    fn t(&mut self) {}
}

fn main() {}
