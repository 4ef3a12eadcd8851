#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    #[cfg_attr(test, tell)]
    pub fn f(&mut self) {}
}

fn main() {}
