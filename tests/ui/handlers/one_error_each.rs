#![allow(unused)]

use actor_core::prelude::*;

struct A {
    n: u32,
}

#[actor]
impl A {
    pub fn f(&self) -> &u32 {
        &self.n
    }

    #[every]
    fn t(&mut self) {}

    pub fn g(&mut self, v: &mut u8) {}

    pub fn ok(&self) -> u32 {
        self.n
    }
}

async fn u(h: AHandle) -> u32 {
    h.ok().await.unwrap()
}

fn main() {
    let _ = u(A { n: 1 }.spawn());
}
