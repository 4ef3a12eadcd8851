#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor(mailbox = "8")]
impl A {}

fn main() {}
