#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    #[tell]
    pub fn log(&mut self) {}
}

async fn u(h: AHandle) -> Result<u32, AskError> {
    h.log().await
}

fn main() {}
