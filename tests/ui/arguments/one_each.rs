#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub fn f(&mut self, a: &u8, b: *mut u8, c: &mut u8) {}
}

fn main() {}
