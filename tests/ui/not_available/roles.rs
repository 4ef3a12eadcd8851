#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    #[stream(self.s)]
    fn f0(&mut self, n: u32) {}

    #[recv(self.s)]
    fn f1(&mut self, n: u32) {}

    #[watch(self.s)]
    fn f2(&mut self, n: u32) {}

    #[broadcast(self.s)]
    fn f3(&mut self, n: u32) {}

    #[after("5s")]
    fn f4(&mut self, n: u32) {}

    #[on_panic]
    fn f5(&mut self, n: u32) {}

    #[on_exit]
    fn f6(&mut self, n: u32) {}

    #[on_idle("5s")]
    fn f7(&mut self, n: u32) {}
}

fn main() {}
