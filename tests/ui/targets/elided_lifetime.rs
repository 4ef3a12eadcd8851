#![allow(unused)]

use actor_core::prelude::*;

pub struct B<'a> {
    x: &'a str,
}

#[actor]
impl B<'_> {
    pub fn get(&self) -> usize {
        self.x.len()
    }
}

fn main() {}
