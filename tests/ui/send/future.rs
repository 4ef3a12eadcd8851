#![allow(unused)]

use actor_core::prelude::*;
use std::rc::Rc;

struct A;

#[actor]
impl A {
    pub async fn a(&mut self) -> u32 {
        let r = Rc::new(1);
        tokio::task::yield_now().await;
        *r
    }
}

fn main() {}
