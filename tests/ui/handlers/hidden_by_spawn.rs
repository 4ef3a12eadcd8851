#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub fn spawn(&mut self) {}

    fn options(&self) {}
}

fn main() {}
