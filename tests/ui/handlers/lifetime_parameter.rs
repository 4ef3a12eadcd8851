#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub fn f<'a>(&self, x: &'a str) {}
}

fn main() {}
