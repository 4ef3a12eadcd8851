//! xtra: a type for each message, boxed in a heap behind a lock, so that those of one priority have no order. A panic ends
//! the task.

use xtra::{Actor, Address, Context, Handler, Mailbox};

use crate::peer::{Ball, CAPACITY, Others, Pair, Peer, Place, ROOM};

pub(crate) struct Xtra;

#[derive(Actor)]
pub(crate) struct Counter {
    sum: u64,
}

struct Add(Pair);
struct Next(u64);

impl Handler<Add> for Counter {
    type Return = ();

    async fn handle(&mut self, Add(numbers): Add, _: &mut Context<Self>) {
        self.sum += numbers[0];
    }
}

impl Handler<Next> for Counter {
    type Return = u64;

    async fn handle(&mut self, Next(number): Next, _: &mut Context<Self>) -> u64 {
        self.sum += number;
        self.sum
    }
}

#[derive(Actor)]
pub(crate) struct Node {
    place: Place<Address<Node>>,
}

struct Meet(Others<Address<Node>>);

impl Handler<Meet> for Node {
    type Return = ();

    async fn handle(&mut self, Meet(others): Meet, _: &mut Context<Self>) {
        self.place.others = others;
    }
}

impl Handler<Ball> for Node {
    type Return = ();

    async fn handle(&mut self, ball: Ball, _: &mut Context<Self>) {
        if let Some((to, ball)) = self.place.next(ball) {
            drop(to.send(ball).detach().await.expect("it is up"));
        }
    }
}

impl Peer for Xtra {
    const CRATE: &'static str = "xtra";
    const MAILBOX: &'static str = "bounded, `Mailbox::bounded(64)`; a tell is `send(..).detach()`";
    const BOUNDED: bool = true;

    type System = ();
    type Counter = Address<Counter>;
    type End = ();
    type Node = Address<Node>;

    async fn system() {}

    async fn counter((): &()) -> (Self::Counter, ()) {
        (xtra::spawn_tokio(Counter { sum: 0 }, Mailbox::bounded(CAPACITY)), ())
    }

    async fn add(counter: &Self::Counter, numbers: Pair) {
        drop(counter.send(Add(numbers)).detach().await.expect("it is up"));
    }

    async fn next(counter: &Self::Counter, number: u64) -> u64 {
        counter.send(Next(number)).await.expect("it answers")
    }

    /// It stops when its last address is gone.
    async fn stop(counter: Self::Counter, (): ()) {
        let end = counter.join();
        drop(counter);
        end.await;
    }

    async fn node((): &(), place: Place<Self::Node>) -> Self::Node {
        xtra::spawn_tokio(Node { place }, Mailbox::bounded(ROOM))
    }

    async fn meet(node: &Self::Node, others: Others<Self::Node>) {
        node.send(Meet(others)).await.expect("it is up");
    }

    async fn ball(node: &Self::Node, ball: Ball) {
        drop(node.send(ball).detach().await.expect("it is up"));
    }
}
