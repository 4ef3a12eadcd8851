#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub fn a<T>(&self, t: T) {}

    pub fn b<const N: usize>(&self, t: [u8; N]) {}

    pub fn c(&self, t: impl Into<String>) {}
}

fn main() {}
