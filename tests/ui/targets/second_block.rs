#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub fn ok(&self) {}
}

#[actor]
impl A {
    pub fn other(&self) {}
}

fn main() {}
