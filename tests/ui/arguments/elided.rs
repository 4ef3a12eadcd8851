#![allow(unused)]

use actor_core::prelude::*;

struct A;

use std::borrow::Cow;

#[actor]
impl A {
    pub fn f(&mut self, v: Cow<'_, str>) {}
}

fn main() {}
