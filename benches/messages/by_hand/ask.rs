//! Asks.

use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::{mpsc, oneshot};

use super::Actor;
use crate::{
    CAPACITY, MESSAGES, WARM,
    meter::{Meter, Sample},
};

pub(crate) enum Asked {
    Next(u64, oneshot::Sender<u64>),
    Last(oneshot::Sender<u64>),
}

enum Relay {
    Run(u64, oneshot::Sender<u64>),
}

pub(crate) fn start(capacity: usize) -> Actor<Asked> {
    Actor::spawn(capacity, async |mut mailbox: mpsc::Receiver<Asked>| {
        let mut total = 0_u64;
        while let Some(message) = mailbox.recv().await {
            // A caller that left does not take its reply.
            let _ = match message {
                Asked::Next(number, reply) => {
                    total = total.wrapping_add(number);
                    reply.send(total)
                }
                Asked::Last(reply) => reply.send(total),
            };
        }
    })
}

async fn next(sender: &mpsc::Sender<Asked>, number: u64) -> u64 {
    let (reply, answer) = oneshot::channel();
    sender.send(Asked::Next(number, reply)).await.expect("it is up");
    answer.await.expect("it answers")
}

impl Actor<Asked> {
    pub(crate) async fn next(&self, number: u64) -> u64 {
        next(&self.sender, number).await
    }

    async fn last(&self) -> u64 {
        let (reply, answer) = oneshot::channel();
        self.sender.send(Asked::Last(reply)).await.expect("it is up");
        answer.await.expect("it answers")
    }
}

async fn ask(sender: &mpsc::Sender<Asked>, times: u64) {
    for _ in 0..times {
        next(sender, 1).await;
    }
}

pub(crate) async fn one_by_one() -> Sample {
    let actor = start(CAPACITY);
    ask(&actor.sender, WARM).await;
    let meter = Meter::start();
    ask(&actor.sender, MESSAGES).await;
    let sample = meter.stop(MESSAGES);
    assert_eq!(actor.last().await, WARM + MESSAGES);
    actor.stop().await;
    sample
}

/// 64 tasks, each of which asks one by one.
pub(crate) async fn clients() -> Sample {
    async fn all(sender: &mpsc::Sender<Asked>, times: u64) {
        let client = |sender: mpsc::Sender<Asked>| async move { ask(&sender, times / 64).await };
        let tasks = (0..64).map(|_| tokio::spawn(client(sender.clone())));
        join_all(tasks).await.into_iter().for_each(|task| task.expect("it does not panic"));
    }

    let actor = start(CAPACITY);
    all(&actor.sender, WARM).await;
    let times = MESSAGES / 64 * 64;
    let meter = Meter::start();
    all(&actor.sender, times).await;
    let sample = meter.stop(times);
    assert_eq!(actor.last().await, WARM + times);
    actor.stop().await;
    sample
}

/// A hundred asks for each message of another actor.
pub(crate) async fn inside() -> Sample {
    async fn run(relay: &Actor<Relay>, times: u64) -> u64 {
        let (reply, answer) = oneshot::channel();
        relay.sender.send(Relay::Run(times, reply)).await.expect("it is up");
        answer.await.expect("it answers")
    }

    let actor = start(CAPACITY);
    let to = actor.sender.clone();
    let relay = Actor::spawn(CAPACITY, async move |mut mailbox: mpsc::Receiver<Relay>| {
        while let Some(Relay::Run(times, reply)) = mailbox.recv().await {
            let mut last = 0;
            for _ in 0..times {
                last = next(&to, 1).await;
            }
            let _ = reply.send(last);
        }
    });
    run(&relay, WARM).await;
    let meter = Meter::start();
    let mut last = 0;
    for _ in 0..MESSAGES / 100 {
        last = run(&relay, 100).await;
    }
    let sample = meter.stop(MESSAGES);
    assert_eq!(last, WARM + MESSAGES);
    relay.stop().await;
    actor.stop().await;
    sample
}

pub(crate) async fn limited() -> Sample {
    async fn ask(actor: &Actor<Asked>, times: u64) {
        for _ in 0..times {
            tokio::time::timeout(Duration::from_secs(1), actor.next(1)).await.expect("it is in time");
        }
    }

    let actor = start(CAPACITY);
    ask(&actor, WARM).await;
    let meter = Meter::start();
    ask(&actor, MESSAGES).await;
    let sample = meter.stop(MESSAGES);
    assert_eq!(actor.last().await, WARM + MESSAGES);
    actor.stop().await;
    sample
}
