#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    #[ask(result)]
    pub fn a(&mut self) {}
}

fn main() {}
