#![allow(unused)]

use actor_core::prelude::*;

#[actor]
pub struct Lonely {
    n: u32,
}

fn main() {}
