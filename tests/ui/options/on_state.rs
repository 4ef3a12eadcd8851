#![allow(unused)]

use actor_core::prelude::*;

#[actor(handle = Door, msg = Letter, debug)]
struct B;

#[actor]
impl B {}

fn main() {}
