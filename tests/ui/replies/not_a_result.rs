#![allow(unused)]

use actor_core::prelude::*;

struct A;

pub struct Result(u8);

#[actor]
impl A {
    pub fn a(&mut self) -> Result {
        Result(1)
    }
}

fn main() {}
