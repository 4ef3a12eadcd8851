#![allow(unused)]

use actor_core::prelude::*;
use std::rc::Rc;

struct A;

#[actor]
impl A {
    #[every("1s")]
    async fn a(&mut self) {
        let r = Rc::new(1);
        tokio::task::yield_now().await;
        drop(r);
    }
}

fn main() {}
