#![allow(unused)]

use actor_core::prelude::*;

struct A;

fn main() {
    A.spawn();
}
