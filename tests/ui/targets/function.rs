#![allow(unused)]

use actor_core::prelude::*;

#[actor]
pub fn f() {}

fn main() {}
