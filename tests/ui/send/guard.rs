#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    pub async fn a(&mut self) {
        let m = std::sync::Mutex::new(1);
        let g = m.lock().unwrap();
        tokio::task::yield_now().await;
        drop(g);
    }
}

fn main() {}
