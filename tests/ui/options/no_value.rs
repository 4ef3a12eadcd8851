#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor(debug = true)]
impl A {}

fn main() {}
