#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    #[handler]
    fn f(x: u32) {}
}

fn main() {}
