#![allow(unused)]

use actor_core::prelude::*;

#[actor]
const X: u8 = 1;

#[actor]
type T = u8;

#[actor]
union U {
    a: u8,
}

fn main() {}
