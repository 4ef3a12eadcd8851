#![allow(unused)]

use actor_core::prelude::*;

#[actor]
pub trait KvStore {
    fn get(&mut self, key: String) -> Option<u32>;
}

fn main() {}
