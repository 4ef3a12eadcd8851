#![allow(unused)]

use actor_core::prelude::*;

struct A;

#[actor]
impl A {
    #[ask(whole)]
    pub fn a(&mut self) {}

    #[tell(now)]
    pub fn b(&mut self) {}

    #[skip()]
    pub fn c(&mut self) {}

    #[handler = 1]
    fn d(&mut self) {}
}

fn main() {}
