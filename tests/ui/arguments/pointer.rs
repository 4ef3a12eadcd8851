#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub fn f(&mut self, p: *const u8) {}
}

fn main() {}
