#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub fn a(&self) -> u32 {
        self.
    }

    pub fn ok(&self) {}
}

fn main() {
    let _ = |h: AHandle| drop(h.ok());
}
