//! Tells.

use std::hint::black_box;

use futures_util::future::join_all;
use tokio::sync::mpsc;

use super::Actor;
use crate::{
    CAPACITY, MESSAGES, WARM,
    meter::{Meter, Sample},
    tally::{Tally, expect_handled},
};

pub(crate) enum Small {
    Add(u64),
    Set(u64),
}

enum Large {
    Add([u64; 15]),
    Set([u64; 15]),
}

const _: () = assert!(size_of::<Small>() == 16 && size_of::<Large>() == 128);

pub(crate) fn small(capacity: usize) -> Actor<Small> {
    Actor::spawn(capacity, async |mut mailbox: mpsc::Receiver<Small>| {
        let mut tally = Tally::default();
        while let Some(message) = mailbox.recv().await {
            match message {
                Small::Add(number) => tally.add(number),
                Small::Set(number) => tally.set(number),
            }
        }
    })
}

async fn add(sender: &mpsc::Sender<Small>, times: u64) {
    for _ in 0..times {
        sender.send(Small::Add(black_box(1))).await.expect("it is up");
    }
}

/// All messages by so many tasks at once.
pub(crate) async fn drive(actor: Actor<Small>, producers: u64) -> Sample {
    // Never sent by the actors' own users, but the compiler is not to know.
    actor.sender.send(black_box(Small::Set(0))).await.expect("it is up");
    add(&actor.sender, WARM).await;
    let meter = Meter::start();
    if producers == 1 {
        add(&actor.sender, MESSAGES).await;
    } else {
        let produce = |sender: mpsc::Sender<Small>| async move { add(&sender, MESSAGES / producers).await };
        let tasks = (0..producers).map(|_| tokio::spawn(produce(actor.sender.clone())));
        join_all(tasks).await.into_iter().for_each(|task| task.expect("it does not panic"));
    }
    actor.stop().await;
    let sample = meter.stop(MESSAGES);
    expect_handled(WARM + MESSAGES);
    sample
}

pub(crate) async fn large() -> Sample {
    async fn add(actor: &Actor<Large>, times: u64) {
        for _ in 0..times {
            actor.sender.send(Large::Add(black_box([1; 15]))).await.expect("it is up");
        }
    }

    let actor = Actor::spawn(CAPACITY, async |mut mailbox: mpsc::Receiver<Large>| {
        let mut tally = Tally::default();
        while let Some(message) = mailbox.recv().await {
            match message {
                Large::Add(numbers) => tally.add(numbers[0]),
                Large::Set(numbers) => tally.set(numbers[0]),
            }
        }
    });
    actor.sender.send(black_box(Large::Set([0; 15]))).await.expect("it is up");
    add(&actor, WARM).await;
    let meter = Meter::start();
    add(&actor, MESSAGES).await;
    actor.stop().await;
    let sample = meter.stop(MESSAGES);
    expect_handled(WARM + MESSAGES);
    sample
}
