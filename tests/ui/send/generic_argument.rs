#![allow(unused)]

use actor_core::prelude::*;
use std::rc::Rc;

struct G<T>(T);

#[actor]
impl<T: Clone> G<T> {
    pub fn set(&mut self, t: Rc<T>) {
        self.0 = (*t).clone();
    }
}

fn main() {}
