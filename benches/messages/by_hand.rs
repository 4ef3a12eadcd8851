//! The actor as one writes it by hand.

use futures_util::future::join_all;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use crate::{CAPACITY, MESSAGES, SPAWNS};

enum Small {
    Add(u64),
}

enum Large {
    Add([u64; 15]),
}

enum Asked {
    Next(u64, oneshot::Sender<u64>),
}

pub(crate) async fn tell_16() {
    let (sender, mut mailbox) = mpsc::channel(CAPACITY);
    let actor = tokio::spawn(async move {
        let mut total = 0_u64;
        while let Some(message) = mailbox.recv().await {
            match message {
                Small::Add(number) => total = total.wrapping_add(number),
            }
        }
        total
    });
    for number in 0..MESSAGES {
        sender.send(Small::Add(number)).await.expect("it is up");
    }
    finish(sender, actor).await;
}

pub(crate) async fn tell_128() {
    let (sender, mut mailbox) = mpsc::channel(CAPACITY);
    let actor = tokio::spawn(async move {
        let mut total = 0_u64;
        while let Some(message) = mailbox.recv().await {
            match message {
                Large::Add(numbers) => total = total.wrapping_add(numbers[0]),
            }
        }
        total
    });
    for number in 0..MESSAGES {
        sender.send(Large::Add([number; 15])).await.expect("it is up");
    }
    finish(sender, actor).await;
}

fn asked() -> (mpsc::Sender<Asked>, JoinHandle<u64>) {
    let (sender, mut mailbox) = mpsc::channel(CAPACITY);
    let actor = tokio::spawn(async move {
        let mut total = 0_u64;
        while let Some(message) = mailbox.recv().await {
            match message {
                Asked::Next(number, reply) => {
                    total = total.wrapping_add(number);
                    // A caller that left does not take its reply.
                    let _ = reply.send(total);
                }
            }
        }
        total
    });
    (sender, actor)
}

async fn next(sender: &mpsc::Sender<Asked>, number: u64) -> u64 {
    let (reply, answer) = oneshot::channel();
    sender.send(Asked::Next(number, reply)).await.expect("it is up");
    answer.await.expect("it answers")
}

pub(crate) async fn ask() {
    let (sender, actor) = asked();
    for number in 0..MESSAGES {
        next(&sender, number).await;
    }
    finish(sender, actor).await;
}

pub(crate) async fn ask_64() {
    let (sender, actor) = asked();
    for number in 0..MESSAGES / 64 {
        join_all((0..64).map(|i| next(&sender, number + i))).await;
    }
    finish(sender, actor).await;
}

pub(crate) async fn spawn_stop() {
    for number in 0..SPAWNS {
        let (sender, actor) = asked();
        next(&sender, number).await;
        finish(sender, actor).await;
    }
}

/// Lets the actor handle the rest and waits for its end, as `stop().await` does.
async fn finish<M>(sender: mpsc::Sender<M>, actor: JoinHandle<u64>) {
    drop(sender);
    actor.await.expect("it does not panic");
}
