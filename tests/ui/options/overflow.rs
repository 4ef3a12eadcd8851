#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor(overflow = drop_old)]
impl A {}

struct B;

#[actor(overflow = lose)]
impl B {}

fn main() {}
