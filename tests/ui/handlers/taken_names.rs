#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub fn clone(&self) {}

    pub fn actor(&self) {}

    pub fn handle_as(&self) {}
}

fn main() {}
