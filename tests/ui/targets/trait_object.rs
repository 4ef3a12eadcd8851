#![allow(unused)]

use actor_core::prelude::*;

trait T {}

#[actor]
impl dyn T {
    pub fn f(&self) {}
}

fn main() {}
