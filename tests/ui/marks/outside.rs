#![allow(unused)]

use actor_core::{every, on_start, tell};

struct A;

impl A {
    #[tell]
    pub fn f(&mut self) {}

    #[every("5s")]
    fn g(&mut self) {}
}

#[on_start]
fn h() {}

fn main() {}
