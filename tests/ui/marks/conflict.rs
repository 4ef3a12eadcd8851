#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    #[tell]
    #[ask]
    pub fn f(&mut self) {}

    #[every("1s")]
    #[handler]
    fn g(&mut self) {}

    #[on_start]
    #[on_stop]
    fn h(&mut self) {}
}

fn main() {}
