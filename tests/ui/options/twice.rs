#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor(name = "a", name = "b")]
impl A {}

fn main() {}
