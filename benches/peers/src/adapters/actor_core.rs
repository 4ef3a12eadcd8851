//! This library, by path: a variant of a generated enum for each handler. Catches panics.

use actor_core::{Spawn as _, actor};

use crate::peer::{Ball, CAPACITY, Others, Pair, Peer, Place, ROOM};

pub(crate) struct ActorCore;

#[derive(Default)]
pub(crate) struct Counter {
    sum: u64,
}

#[actor]
impl Counter {
    #[tell]
    pub fn add(&mut self, numbers: Pair) {
        self.sum += numbers[0];
    }

    pub fn next(&mut self, number: u64) -> u64 {
        self.sum += number;
        self.sum
    }
}

pub(crate) struct Node {
    place: Place<NodeHandle>,
}

#[actor]
impl Node {
    #[tell]
    pub fn meet(&mut self, others: Others<NodeHandle>) {
        self.place.others = others;
    }

    #[tell]
    // As actix's handler: there is room for all balls, so it need not wait.
    pub fn ball(&mut self, ball: Ball) {
        if let Some((to, ball)) = self.place.next(ball) {
            to.ball(ball).try_tell().expect("it is up, and there is room for all balls");
        }
    }
}

impl Peer for ActorCore {
    const CRATE: &'static str = "actor-core";
    const MAILBOX: &'static str = "bounded, `.options().mailbox(64)`";
    const BOUNDED: bool = true;

    type System = ();
    type Counter = CounterHandle;
    type End = ();
    type Node = NodeHandle;

    async fn system() {}

    async fn counter((): &()) -> (CounterHandle, ()) {
        (Counter::default().options().mailbox(CAPACITY).spawn().expect("inside a runtime"), ())
    }

    async fn add(counter: &CounterHandle, numbers: Pair) {
        counter.add(numbers).await.expect("it is up");
    }

    async fn next(counter: &CounterHandle, number: u64) -> u64 {
        counter.next(number).await.expect("it answers")
    }

    async fn stop(counter: CounterHandle, (): ()) {
        counter.stop().await;
    }

    async fn node((): &(), place: Place<NodeHandle>) -> NodeHandle {
        Node { place }.options().mailbox(ROOM).spawn().expect("inside a runtime")
    }

    async fn meet(node: &NodeHandle, others: Others<NodeHandle>) {
        node.meet(others).await.expect("it is up");
    }

    async fn ball(node: &NodeHandle, ball: Ball) {
        node.ball(ball).await.expect("it is up");
    }
}
