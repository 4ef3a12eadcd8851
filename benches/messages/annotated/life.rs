//! Actors that come and go, or do nothing.

use actor_core::{Spawn as _, actor};

use super::ask::{self, AskedHandle};
use crate::{
    CAPACITY, SPAWNS,
    meter::{Meter, Sample},
};

pub(crate) async fn spawn_stop() -> Sample {
    let meter = Meter::start();
    for _ in 0..SPAWNS {
        ask::start(CAPACITY).stop().await;
    }
    meter.stop(SPAWNS)
}

pub(crate) async fn spawn_ask_stop() -> Sample {
    let meter = Meter::start();
    for number in 0..SPAWNS {
        let actor = ask::start(CAPACITY);
        assert_eq!(actor.next(number).await, Ok(number));
        actor.stop().await;
    }
    meter.stop(SPAWNS)
}

pub(crate) fn sync_handlers() -> AskedHandle {
    ask::start(CAPACITY)
}

#[derive(Default)]
struct Waiting {
    total: u64,
}

/// As `Asked`, but that one of the handlers can wait: its future is part of the actor's memory.
#[actor]
impl Waiting {
    pub async fn next(&mut self, number: u64) -> u64 {
        tokio::task::yield_now().await;
        self.total = self.total.wrapping_add(number);
        self.total
    }

    pub fn last(&mut self) -> u64 {
        self.total
    }
}

pub(crate) fn async_handler() -> WaitingHandle {
    Waiting::default().options().mailbox(CAPACITY).spawn().expect("inside a runtime")
}
