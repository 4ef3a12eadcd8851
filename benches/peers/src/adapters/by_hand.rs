//! No crate at all: the bare loop over a bounded tokio channel, and a oneshot channel for each reply.

use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use crate::peer::{Ball, CAPACITY, Others, Pair, Peer, Place, ROOM};

pub(crate) struct ByHand;

pub(crate) enum Count {
    Add(Pair),
    Next(u64, oneshot::Sender<u64>),
}

pub(crate) enum Node {
    Meet(Others<mpsc::Sender<Node>>),
    Ball(Ball),
}

impl Peer for ByHand {
    const CRATE: &'static str = "tokio";
    const MAILBOX: &'static str = "bounded `mpsc::channel(64)`";
    const BOUNDED: bool = true;

    type System = ();
    type Counter = mpsc::Sender<Count>;
    type End = JoinHandle<()>;
    type Node = mpsc::Sender<Node>;

    async fn system() {}

    async fn counter((): &()) -> (Self::Counter, Self::End) {
        let (sender, mut mailbox) = mpsc::channel(CAPACITY);
        let task = tokio::spawn(async move {
            let mut sum = 0;
            while let Some(message) = mailbox.recv().await {
                match message {
                    Count::Add(numbers) => sum += numbers[0],
                    Count::Next(number, reply) => {
                        sum += number;
                        // A caller that left does not take its reply.
                        let _ = reply.send(sum);
                    }
                }
            }
        });
        (sender, task)
    }

    async fn add(counter: &Self::Counter, numbers: Pair) {
        counter.send(Count::Add(numbers)).await.expect("it is up");
    }

    async fn next(counter: &Self::Counter, number: u64) -> u64 {
        let (reply, answer) = oneshot::channel();
        counter.send(Count::Next(number, reply)).await.expect("it is up");
        answer.await.expect("it answers")
    }

    /// The loop ends when the last sender is gone.
    async fn stop(counter: Self::Counter, task: Self::End) {
        drop(counter);
        task.await.expect("it does not panic");
    }

    async fn node((): &(), mut place: Place<Self::Node>) -> Self::Node {
        let (sender, mut mailbox) = mpsc::channel(ROOM);
        tokio::spawn(async move {
            while let Some(message) = mailbox.recv().await {
                match message {
                    Node::Meet(others) => place.others = others,
                    Node::Ball(ball) => {
                        if let Some((to, ball)) = place.next(ball) {
                            to.send(Node::Ball(ball)).await.expect("it is up");
                        }
                    }
                }
            }
        });
        sender
    }

    async fn meet(node: &Self::Node, others: Others<Self::Node>) {
        node.send(Node::Meet(others)).await.expect("it is up");
    }

    async fn ball(node: &Self::Node, ball: Ball) {
        node.send(Node::Ball(ball)).await.expect("it is up");
    }
}
