#![allow(unused)]

use actor_core::prelude::*;

struct A;

trait T {
    fn t(&self);
}

#[actor]
impl T for A {
    fn t(&self) {}
}

fn main() {}
