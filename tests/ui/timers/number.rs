#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    #[every(5)]
    fn t(&mut self) {}
}

fn main() {}
