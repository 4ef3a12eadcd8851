//! The annotated actor.

use actor_core::{Spawn as _, actor};
use futures_util::future::join_all;

use crate::{CAPACITY, MESSAGES, SPAWNS};

/// A message of its own for each actor: an enum is as large as its largest variant.
#[derive(Default)]
struct Large {
    total: u64,
}

#[actor]
impl Large {
    #[tell]
    pub fn add(&mut self, numbers: [u64; 15]) {
        self.total = self.total.wrapping_add(numbers[0]);
    }
}

#[derive(Default)]
struct Small {
    total: u64,
}

#[actor]
impl Small {
    #[tell]
    pub fn add(&mut self, number: u64) {
        self.total = self.total.wrapping_add(number);
    }
}

pub(crate) async fn tell_16() {
    let h = Small::default().options().mailbox(CAPACITY).spawn().expect("inside a runtime");
    for number in 0..MESSAGES {
        h.add(number).await.expect("it is up");
    }
    h.stop().await;
}

pub(crate) async fn tell_128() {
    let h = Large::default().options().mailbox(CAPACITY).spawn().expect("inside a runtime");
    for number in 0..MESSAGES {
        h.add([number; 15]).await.expect("it is up");
    }
    h.stop().await;
}

pub(crate) async fn ask() {
    let h = asker();
    for number in 0..MESSAGES {
        h.next(number).await.expect("it is up");
    }
    h.stop().await;
}

pub(crate) async fn ask_64() {
    let h = asker();
    for number in 0..MESSAGES / 64 {
        join_all((0..64).map(|i| h.next(number + i))).await;
    }
    h.stop().await;
}

#[derive(Default)]
struct Asked {
    total: u64,
}

#[actor]
impl Asked {
    pub fn next(&mut self, number: u64) -> u64 {
        self.total = self.total.wrapping_add(number);
        self.total
    }
}

fn asker() -> AskedHandle {
    Asked::default().options().mailbox(CAPACITY).spawn().expect("inside a runtime")
}

pub(crate) async fn spawn_stop() {
    for number in 0..SPAWNS {
        let h = asker();
        h.next(number).await.expect("it is up");
        h.stop().await;
    }
}
