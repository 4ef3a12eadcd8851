#![allow(unused)]

use actor_core::prelude::*;

struct A {
    n: u32,
}

#[actor]
impl A {
    pub fn f(&self) -> Option<&u32> {
        Some(&self.n)
    }

    pub async fn g(&mut self, v: &mut u8) -> u32 {
        self.n
    }

    pub fn h(&self, s: Option<&str>, n: u8) -> Result<&str, String> {
        Ok("")
    }

    #[tell]
    pub fn t(&self) -> u32 {
        self.n
    }
}

async fn u() {
    let handle = A { n: 1 }.spawn();
    let f: Option<u32> = handle.f().await.unwrap();
    let g: u32 = handle.g(&mut 1).await.unwrap();
    let h: String = handle.h(None::<&str>, 1).await.unwrap();
    handle.t().try_tell().unwrap();
}

fn main() {}
