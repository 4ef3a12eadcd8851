#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor(name = cache)]
impl A {}

fn main() {}
