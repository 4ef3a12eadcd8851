#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor(ask_timeout = "5 sec")]
impl A {}

struct B;

#[actor(ask_timeout = 5)]
impl B {}

fn main() {}
