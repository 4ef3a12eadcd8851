#![allow(unused)]

use actor_core::prelude::*;

struct A;

const NONE: usize = 0;

#[actor(mailbox = NONE)]
impl A {}

fn main() {}
