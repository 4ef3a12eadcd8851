#![allow(unused)]

use actor_core::prelude::*;

struct A;

struct StreamReply<T>(T);

#[actor]
impl A {
    pub fn a(&self, out: StreamReply<u8>) {}
}

fn main() {}
