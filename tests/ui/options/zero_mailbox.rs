#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor(mailbox = 0)]
impl A {}

#[actor(mailbox = 0)]
struct B;

#[actor]
impl B {}

fn main() {}
