#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub fn a(&mut self, #[cfg(any())] x: u8, #[cfg_attr(any(), allow(unused))] y: u8) {}
}

fn main() {}
