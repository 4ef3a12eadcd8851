#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor(extend, local, thread, concurrent = 16)]
impl A {}

fn main() {}
