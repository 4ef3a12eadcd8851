#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor(name, overflow, ask_timeout)]
impl A {}

fn main() {}
