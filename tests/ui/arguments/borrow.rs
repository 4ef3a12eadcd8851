#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub fn f(&mut self, v: &u32, w: &[&str]) {}
}

fn main() {}
