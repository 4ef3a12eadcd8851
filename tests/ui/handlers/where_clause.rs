#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub fn f(&self)
    where
        Self: Sized,
    {
    }
}

fn main() {}
