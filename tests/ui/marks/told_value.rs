#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    #[tell]
    pub fn f(&mut self) -> u32 {
        1
    }

    #[tell]
    pub fn g(&mut self) -> Result<u32, String> {
        Ok(1)
    }
}

fn main() {}
