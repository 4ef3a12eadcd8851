#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor(colour = 8)]
impl A {}

fn main() {}
