#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    #[timeout("2s")]
    pub fn a(&self) {}

    #[priority]
    pub fn b(&self) {}

    #[boxed]
    pub fn c(&self) {}

    #[handler(always)]
    fn d(&self) {}
}

fn main() {}
