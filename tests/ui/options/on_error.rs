#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor(on_error = panic)]
impl A {}

fn main() {}
