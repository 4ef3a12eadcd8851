//! tokio-actors: one type of messages and one of responses for each actor, in a tokio channel. Catches panics; every actor
//! is registered in a system.

use tokio_actors::{Actor, ActorConfig, ActorContext, ActorExt as _, ActorHandle, ActorResult, StopReason};

use crate::peer::{Ball, CAPACITY, Others, Pair, Peer, Place, ROOM};

pub(crate) struct TokioActors;

pub(crate) struct Counter {
    sum: u64,
}

pub(crate) enum Count {
    Add(Pair),
    Next(u64),
}

impl Actor for Counter {
    type Message = Count;
    type Response = u64;

    async fn handle(&mut self, message: Count, _: &mut ActorContext<Self>) -> ActorResult<u64> {
        match message {
            Count::Add(numbers) => self.sum += numbers[0],
            Count::Next(number) => self.sum += number,
        }
        Ok(self.sum)
    }
}

pub(crate) struct Node {
    place: Place<ActorHandle<Node>>,
}

pub(crate) enum Play {
    Meet(Others<ActorHandle<Node>>),
    Ball(Ball),
}

impl Actor for Node {
    type Message = Play;
    type Response = ();

    async fn handle(&mut self, message: Play, _: &mut ActorContext<Self>) -> ActorResult<()> {
        match message {
            Play::Meet(others) => self.place.others = others,
            Play::Ball(ball) => {
                if let Some((to, ball)) = self.place.next(ball) {
                    to.notify(Play::Ball(ball)).await.expect("it is up");
                }
            }
        }
        Ok(())
    }
}

impl Peer for TokioActors {
    const CRATE: &'static str = "tokio-actors";
    const MAILBOX: &'static str = "bounded, `ActorConfig::with_mailbox_capacity(64)`";
    const BOUNDED: bool = true;

    /// The default one, which is a global.
    type System = ();
    type Counter = ActorHandle<Counter>;
    type End = ();
    type Node = ActorHandle<Node>;

    async fn system() {}

    async fn counter((): &()) -> (Self::Counter, ()) {
        let config = ActorConfig::default().with_mailbox_capacity(CAPACITY);
        (Counter { sum: 0 }.spawn().with_config(config).await.expect("it starts"), ())
    }

    async fn add(counter: &Self::Counter, numbers: Pair) {
        counter.notify(Count::Add(numbers)).await.expect("it is up");
    }

    async fn next(counter: &Self::Counter, number: u64) -> u64 {
        counter.send(Count::Next(number)).await.expect("it answers")
    }

    async fn stop(counter: Self::Counter, (): ()) {
        counter.stop(StopReason::Graceful).await.expect("it is up");
        counter.wait_stopped().await;
    }

    async fn node((): &(), place: Place<Self::Node>) -> Self::Node {
        let config = ActorConfig::default().with_mailbox_capacity(ROOM);
        Node { place }.spawn().with_config(config).await.expect("it starts")
    }

    async fn meet(node: &Self::Node, others: Others<Self::Node>) {
        node.notify(Play::Meet(others)).await.expect("it is up");
    }

    async fn ball(node: &Self::Node, ball: Ball) {
        node.notify(Play::Ball(ball)).await.expect("it is up");
    }
}
