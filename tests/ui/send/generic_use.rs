#![allow(unused)]

use actor_core::prelude::*;
use std::rc::Rc;

struct G<T> {
    t: T,
}

#[actor]
impl<T: Clone> G<T> {
    pub fn new(t: T) -> Self {
        G { t }
    }

    pub fn get(&self) -> T {
        self.t.clone()
    }
}

fn main() {
    let _ = G::new(Rc::new(1_u8));
}
