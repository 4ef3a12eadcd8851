#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub unsafe fn f(&self) {}

    pub const fn g(&self) {}

    pub extern "C" fn h(&self) {}
}

fn main() {}
