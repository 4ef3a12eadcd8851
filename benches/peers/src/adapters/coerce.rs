//! coerce: a type for each message, boxed in an unbounded tokio channel; handlers by async-trait. A panic ends
//! the task.

use async_trait::async_trait;
use coerce::actor::{
    Actor, LocalActorRef,
    context::ActorContext,
    message::{Handler, Message},
    system::ActorSystem,
};

use crate::peer::{Ball, Others, Pair, Peer, Place};

pub(crate) struct Coerce;

pub(crate) struct Counter {
    sum: u64,
}

impl Actor for Counter {}

struct Add(Pair);
struct Next(u64);

impl Message for Add {
    type Result = ();
}

impl Message for Next {
    type Result = u64;
}

#[async_trait]
impl Handler<Add> for Counter {
    async fn handle(&mut self, Add(numbers): Add, _: &mut ActorContext) {
        self.sum += numbers[0];
    }
}

#[async_trait]
impl Handler<Next> for Counter {
    async fn handle(&mut self, Next(number): Next, _: &mut ActorContext) -> u64 {
        self.sum += number;
        self.sum
    }
}

pub(crate) struct Node {
    place: Place<LocalActorRef<Node>>,
}

impl Actor for Node {}

struct Meet(Others<LocalActorRef<Node>>);

impl Message for Meet {
    type Result = ();
}

impl Message for Ball {
    type Result = ();
}

#[async_trait]
impl Handler<Meet> for Node {
    async fn handle(&mut self, Meet(others): Meet, _: &mut ActorContext) {
        self.place.others = others;
    }
}

#[async_trait]
impl Handler<Ball> for Node {
    async fn handle(&mut self, ball: Ball, _: &mut ActorContext) {
        if let Some((to, ball)) = self.place.next(ball) {
            to.notify(ball).expect("it is up");
        }
    }
}

impl Peer for Coerce {
    const CRATE: &'static str = "coerce";
    const MAILBOX: &'static str = "unbounded (there is no other)";
    const BOUNDED: bool = false;

    type System = ActorSystem;
    type Counter = LocalActorRef<Counter>;
    type End = ();
    type Node = LocalActorRef<Node>;

    async fn system() -> ActorSystem {
        ActorSystem::new()
    }

    async fn counter(system: &ActorSystem) -> (Self::Counter, ()) {
        (system.new_anon_actor(Counter { sum: 0 }).await.expect("it starts"), ())
    }

    async fn add(counter: &Self::Counter, numbers: Pair) {
        counter.notify(Add(numbers)).expect("it is up");
    }

    async fn next(counter: &Self::Counter, number: u64) -> u64 {
        counter.send(Next(number)).await.expect("it answers")
    }

    async fn stop(counter: Self::Counter, (): ()) {
        counter.stop().await.expect("it is up");
    }

    async fn node(system: &ActorSystem, place: Place<Self::Node>) -> Self::Node {
        system.new_anon_actor(Node { place }).await.expect("it starts")
    }

    async fn meet(node: &Self::Node, others: Others<Self::Node>) {
        node.notify(Meet(others)).expect("it is up");
    }

    async fn ball(node: &Self::Node, ball: Ball) {
        node.notify(ball).expect("it is up");
    }
}
