#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub fn push(&mut self, v: &mut Vec<u8>) {
        v.push(1)
    }
}

fn main() {}
