//! actix: a type for each message, boxed in a queue of its own; actors are bound to the thread of their arbiter, here
//! that of a `System` of one thread. A panic ends the task.

use actix::{Actor, ActorContext as _, Addr, Context, Handler, Message, MessageResult, System, dev::SendError};
use tokio::{
    sync::oneshot,
    task::{JoinHandle, yield_now},
};

use crate::peer::{Ball, CAPACITY, Others, Pair, Peer, Place, ROOM};

/// Whether a tell keeps to the bound of the mailbox, by `try_send`, or ignores it, by `do_send`. No call waits for room
/// only, so after a yield the former is tried again.
pub(crate) struct Actix<const TRIED: bool>;

pub(crate) struct Counter {
    sum: u64,
    /// Dropped with the actor, which is how its end is seen.
    _end: oneshot::Sender<()>,
}

impl Actor for Counter {
    type Context = Context<Self>;
}

#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Add(Pair);

#[derive(Message)]
#[rtype(result = "u64")]
pub(crate) struct Next(u64);

#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Stop;

impl Handler<Add> for Counter {
    type Result = ();

    fn handle(&mut self, Add(numbers): Add, _: &mut Context<Self>) {
        self.sum += numbers[0];
    }
}

impl Handler<Next> for Counter {
    type Result = MessageResult<Next>;

    fn handle(&mut self, Next(number): Next, _: &mut Context<Self>) -> MessageResult<Next> {
        self.sum += number;
        MessageResult(self.sum)
    }
}

/// Only an actor itself can stop its context.
impl Handler<Stop> for Counter {
    type Result = ();

    fn handle(&mut self, Stop: Stop, cx: &mut Context<Self>) {
        cx.stop();
    }
}

pub(crate) struct Node {
    place: Place<Addr<Node>>,
}

impl Actor for Node {
    type Context = Context<Self>;
}

#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Meet(Others<Addr<Node>>);

#[derive(Message)]
#[rtype(result = "()")]
pub(crate) struct Hit(Ball);

impl Handler<Meet> for Node {
    type Result = ();

    fn handle(&mut self, Meet(others): Meet, _: &mut Context<Self>) {
        self.place.others = others;
    }
}

impl Handler<Hit> for Node {
    type Result = ();

    fn handle(&mut self, Hit(ball): Hit, _: &mut Context<Self>) {
        if let Some((to, ball)) = self.place.next(ball) {
            to.try_send(Hit(ball)).expect("it is up, and there is room for all balls");
        }
    }
}

impl<const TRIED: bool> Peer for Actix<TRIED> {
    const CRATE: &'static str = "actix";
    const MAILBOX: &'static str = if TRIED {
        "bounded, `set_mailbox_capacity(64)`; a tell is `try_send`, tried again after a yield when it is full"
    } else {
        "a tell is `do_send`, which ignores the bound"
    };
    const BOUNDED: bool = TRIED;

    type System = ();
    type Counter = Addr<Counter>;
    type End = oneshot::Receiver<()>;
    type Node = Addr<Node>;

    fn run<T: Send + 'static>(body: impl Future<Output = T> + Send + 'static) -> T {
        System::new().block_on(async { actix::spawn(body).await.expect("a workload does not panic") })
    }

    fn task(body: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
        actix::spawn(body)
    }

    async fn system() {}

    async fn counter((): &()) -> (Self::Counter, Self::End) {
        let (end, until_end) = oneshot::channel();
        let counter = Counter::create(|cx| {
            cx.set_mailbox_capacity(CAPACITY);
            Counter { sum: 0, _end: end }
        });
        (counter, until_end)
    }

    async fn add(counter: &Self::Counter, numbers: Pair) {
        if !TRIED {
            return counter.do_send(Add(numbers));
        }
        let mut message = Add(numbers);
        loop {
            match counter.try_send(message) {
                Ok(()) => return,
                Err(SendError::Full(back)) => message = back,
                Err(SendError::Closed(_)) => panic!("it is up"),
            }
            yield_now().await;
        }
    }

    async fn next(counter: &Self::Counter, number: u64) -> u64 {
        counter.send(Next(number)).await.expect("it answers")
    }

    async fn stop(counter: Self::Counter, end: Self::End) {
        counter.do_send(Stop);
        // An error is what is waited for: that the other end was dropped.
        let _ = end.await;
    }

    async fn node((): &(), place: Place<Self::Node>) -> Self::Node {
        Node::create(|cx| {
            cx.set_mailbox_capacity(ROOM);
            Node { place }
        })
    }

    async fn meet(node: &Self::Node, others: Others<Self::Node>) {
        node.send(Meet(others)).await.expect("it is up");
    }

    async fn ball(node: &Self::Node, ball: Ball) {
        node.do_send(Hit(ball));
    }
}
