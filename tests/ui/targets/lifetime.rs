#![allow(unused)]

use actor_core::prelude::*;

pub struct B<'a> {
    x: &'a str,
}

#[actor]
impl<'a> B<'a> {
    pub fn get(&self) -> usize {
        self.x.len()
    }
}

fn main() {
    let _ = B { x: "" }.spawn().get();
}
