#![allow(unused)]

use actor_core::prelude::*;
use std::rc::Rc;

struct A;

#[actor]
impl A {
    pub fn a(&mut self, r: Rc<u32>) {}
}

fn main() {}
