#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor(mailbx = 8)]
impl A {}

fn main() {}
