#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    #[skip]
    #[tell]
    pub fn a(&mut self) {}
}

fn main() {}
