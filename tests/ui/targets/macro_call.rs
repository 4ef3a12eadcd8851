#![allow(unused)]

use actor_core::prelude::*;

struct A;

macro_rules! more {
    () => {
        pub fn more(&self) {}
    };
}

#[actor]
impl A {
    pub fn ok(&self) {}

    more!();
}

fn main() {
    let _ = |h: AHandle| drop(h.ok());
}
