//! kameo: a type for each message, a boxed message in a tokio channel. Catches panics, links actors.

use kameo::{
    Actor,
    actor::{ActorRef, Spawn as _},
    mailbox,
    message::{Context, Message},
};

use crate::peer::{Ball, CAPACITY, Others, Pair, Peer, Place, ROOM};

pub(crate) struct Kameo;

#[derive(Actor)]
pub(crate) struct Counter {
    sum: u64,
}

pub(crate) struct Add(Pair);
pub(crate) struct Next(u64);

impl Message<Add> for Counter {
    type Reply = ();

    async fn handle(&mut self, Add(numbers): Add, _: &mut Context<Self, ()>) {
        self.sum += numbers[0];
    }
}

impl Message<Next> for Counter {
    type Reply = u64;

    async fn handle(&mut self, Next(number): Next, _: &mut Context<Self, u64>) -> u64 {
        self.sum += number;
        self.sum
    }
}

#[derive(Actor)]
pub(crate) struct Node {
    place: Place<ActorRef<Node>>,
}

pub(crate) struct Meet(Others<ActorRef<Node>>);

impl Message<Meet> for Node {
    type Reply = ();

    async fn handle(&mut self, Meet(others): Meet, _: &mut Context<Self, ()>) {
        self.place.others = others;
    }
}

impl Message<Ball> for Node {
    type Reply = ();

    async fn handle(&mut self, ball: Ball, _: &mut Context<Self, ()>) {
        if let Some((to, ball)) = self.place.next(ball) {
            to.tell(ball).await.expect("it is up");
        }
    }
}

impl Peer for Kameo {
    const CRATE: &'static str = "kameo";
    const MAILBOX: &'static str = "bounded, `spawn_with_mailbox(.., mailbox::bounded(64))`";
    const BOUNDED: bool = true;

    type System = ();
    type Counter = ActorRef<Counter>;
    type End = ();
    type Node = ActorRef<Node>;

    async fn system() {}

    async fn counter((): &()) -> (Self::Counter, ()) {
        (Counter::spawn_with_mailbox(Counter { sum: 0 }, mailbox::bounded(CAPACITY)), ())
    }

    async fn add(counter: &Self::Counter, numbers: Pair) {
        counter.tell(Add(numbers)).await.expect("it is up");
    }

    async fn next(counter: &Self::Counter, number: u64) -> u64 {
        counter.ask(Next(number)).await.expect("it answers")
    }

    async fn stop(counter: Self::Counter, (): ()) {
        counter.stop_gracefully().await.expect("it is up");
        counter.wait_for_shutdown().await;
    }

    async fn node((): &(), place: Place<Self::Node>) -> Self::Node {
        Node::spawn_with_mailbox(Node { place }, mailbox::bounded(ROOM))
    }

    async fn meet(node: &Self::Node, others: Others<Self::Node>) {
        node.tell(Meet(others)).await.expect("it is up");
    }

    async fn ball(node: &Self::Node, ball: Ball) {
        node.tell(ball).await.expect("it is up");
    }
}
