#![allow(unused)]

use actor_core::prelude::*;
use std::cell::Cell;

pub struct B {
    n: Cell<u32>,
}

#[actor]
impl B {
    pub async fn a(&self) -> u32 {
        tokio::task::yield_now().await;
        self.n.get()
    }
}

fn main() {}
