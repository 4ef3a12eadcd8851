#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub fn f(self: Box<Self>) {}

    pub fn g(self: &Self) {}
}

fn main() {}
