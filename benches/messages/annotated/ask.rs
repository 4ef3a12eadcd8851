//! Asks.

use std::time::Duration;

use actor_core::{Child, Spawn as _, Supervisor, actor};
use futures_util::future::join_all;

use crate::{
    CAPACITY, MESSAGES, WARM,
    meter::{Meter, Sample},
};

/// Counts what it is asked, so that each answer says how many came before.
#[derive(Default)]
pub(crate) struct Asked {
    total: u64,
}

#[actor]
impl Asked {
    pub fn next(&mut self, number: u64) -> u64 {
        self.total = self.total.wrapping_add(number);
        self.total
    }

    pub fn last(&mut self) -> u64 {
        self.total
    }
}

/// Passes on what it is told to ask.
struct Relay {
    to: AskedHandle,
}

#[actor]
impl Relay {
    pub async fn run(&mut self, times: u64) -> u64 {
        let mut last = 0;
        for _ in 0..times {
            last = self.to.next(1).await.expect("it is up");
        }
        last
    }

    pub fn leave(&mut self) {}
}

pub(crate) fn start(capacity: usize) -> AskedHandle {
    Asked::default().options().mailbox(capacity).spawn().expect("inside a runtime")
}

async fn ask(actor: &AskedHandle, times: u64) {
    for _ in 0..times {
        actor.next(1).await.expect("it is up");
    }
}

pub(crate) async fn one_by_one() -> Sample {
    let actor = start(CAPACITY);
    ask(&actor, WARM).await;
    let meter = Meter::start();
    ask(&actor, MESSAGES).await;
    let sample = meter.stop(MESSAGES);
    assert_eq!(actor.last().await, Ok(WARM + MESSAGES));
    actor.stop().await;
    sample
}

pub(crate) async fn supervised() -> Sample {
    let mut tree = Supervisor::one_for_one();
    let actor = tree.add(Child::new("asked", Asked::default).mailbox(CAPACITY));
    let app = tree.start().await.expect("it starts");
    ask(&actor, WARM).await;
    let meter = Meter::start();
    ask(&actor, MESSAGES).await;
    let sample = meter.stop(MESSAGES);
    assert_eq!(actor.last().await, Ok(WARM + MESSAGES));
    app.stop().await;
    sample
}

/// 64 tasks, each of which asks one by one.
pub(crate) async fn clients() -> Sample {
    async fn all(actor: &AskedHandle, times: u64) {
        let client = |actor: AskedHandle| async move { ask(&actor, times / 64).await };
        let tasks = (0..64).map(|_| tokio::spawn(client(actor.clone())));
        join_all(tasks).await.into_iter().for_each(|task| task.expect("it does not panic"));
    }

    let actor = start(CAPACITY);
    all(&actor, WARM).await;
    let times = MESSAGES / 64 * 64;
    let meter = Meter::start();
    all(&actor, times).await;
    let sample = meter.stop(times);
    assert_eq!(actor.last().await, Ok(WARM + times));
    actor.stop().await;
    sample
}

/// A hundred asks in each run of another actor's handler.
pub(crate) async fn inside() -> Sample {
    let to = start(CAPACITY);
    let relay = Relay { to: to.clone() }.options().mailbox(CAPACITY).spawn().expect("inside a runtime");
    relay.run(WARM).await.expect("it is up");
    let meter = Meter::start();
    let mut last = 0;
    for _ in 0..MESSAGES / 100 {
        last = relay.run(100).await.expect("it is up");
    }
    let sample = meter.stop(MESSAGES);
    assert_eq!(last, WARM + MESSAGES);
    relay.stop().await;
    to.stop().await;
    sample
}

pub(crate) async fn limited() -> Sample {
    async fn ask(actor: &AskedHandle, times: u64) {
        for _ in 0..times {
            actor.next(1).timeout(Duration::from_secs(1)).await.expect("it is up");
        }
    }

    let actor = start(CAPACITY);
    ask(&actor, WARM).await;
    let meter = Meter::start();
    ask(&actor, MESSAGES).await;
    let sample = meter.stop(MESSAGES);
    assert_eq!(actor.last().await, Ok(WARM + MESSAGES));
    actor.stop().await;
    sample
}
