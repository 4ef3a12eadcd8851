#![deny(unused_must_use)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub fn ok(&self) {}

    fn use_it(h: AHandle) {
        h.ok();
    }
}

fn main() {}
