#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub fn f(&self) -> *const u8 {
        std::ptr::null()
    }
}

fn main() {}
