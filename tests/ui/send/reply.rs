#![allow(unused)]

use actor_core::prelude::*;
use std::rc::Rc;

struct A;

#[actor]
impl A {
    pub fn a(&mut self) -> Rc<u32> {
        Rc::new(1)
    }
}

fn main() {}
