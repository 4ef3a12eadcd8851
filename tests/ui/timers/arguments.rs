#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    #[every("5s")]
    fn t(&mut self, n: u32) {}
}

fn main() {}
