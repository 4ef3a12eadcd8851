#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    #[every]
    fn t(&mut self) {}

    #[every()]
    fn u(&mut self) {}
}

fn main() {}
