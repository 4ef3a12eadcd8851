#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    #[tell]
    pub fn f(&mut self, reply: Reply<u32>) {}
}

fn main() {}
