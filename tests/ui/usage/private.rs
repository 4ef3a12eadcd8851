#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    fn secret(&self) {}

    pub fn open(&self) {
        self.secret();
    }
}

async fn u(h: AHandle) {
    let _ = h.secret().await;
}

fn main() {}
