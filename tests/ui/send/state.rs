#![allow(unused)]

use actor_core::prelude::*;
use std::rc::Rc;

pub struct B {
    r: Rc<u32>,
}

#[actor]
impl B {
    pub async fn a(&mut self) -> u32 {
        tokio::task::yield_now().await;
        *self.r
    }
}

fn main() {}
