#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    #[every("5 sec")]
    fn t(&mut self) {}

    #[every("5")]
    fn u(&mut self) {}

    #[every("s")]
    fn v(&mut self) {}
}

fn main() {}
