#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    #[on_stop]
    fn a(self) {}
}

fn main() {}
