#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor(mailbox = 0, nam = "a", local, debug debug)]
impl A {
    pub fn ok(&self) {}
}

fn main() {
    let _ = |h: AHandle| drop(h.ok());
}
