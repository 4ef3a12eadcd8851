#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub fn put(&mut self, key: String, n: u32) {}
}

async fn u(h: AHandle) {
    let _ = h.put(1u8, 2).await;
}

fn main() {}
