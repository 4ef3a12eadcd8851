#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    #[every("1s", mised = skip)]
    fn a(&mut self) {}

    #[every("1s", missed = never)]
    fn b(&mut self) {}

    #[every("1s", immediate, immediate)]
    fn c(&mut self) {}
}

fn main() {}
