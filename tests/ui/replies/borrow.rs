#![allow(unused)]

use actor_core::prelude::*;

struct A {
    n: u32,
}

#[actor]
impl A {
    pub fn f(&self) -> &u32 {
        &self.n
    }

    pub fn g(&self) -> Option<&u32> {
        Some(&self.n)
    }
}

fn main() {}
