#![allow(unused)]

use actor_core::prelude::*;

#[actor]
mod m {}

fn main() {}
