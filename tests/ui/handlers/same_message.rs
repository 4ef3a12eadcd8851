#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub fn put_all(&self) {}

    pub fn put__all(&self) {}
}

fn main() {}
