//! ractor: one enum of messages, boxed in an unbounded tokio channel; three more channels for signals, stops and
//! supervision. Catches panics, links actors.

use ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort, call};
use tokio::task::JoinHandle;

use crate::peer::{Ball, Others, Pair, Peer, Place};

pub(crate) struct Ractor;

struct Counter;

pub(crate) enum Count {
    Add(Pair),
    Next(u64, RpcReplyPort<u64>),
}

impl Actor for Counter {
    type Msg = Count;
    type State = u64;
    type Arguments = ();

    async fn pre_start(&self, _: ActorRef<Count>, (): ()) -> Result<u64, ActorProcessingErr> {
        Ok(0)
    }

    async fn handle(&self, _: ActorRef<Count>, message: Count, sum: &mut u64) -> Result<(), ActorProcessingErr> {
        match message {
            Count::Add(numbers) => *sum += numbers[0],
            Count::Next(number, reply) => {
                *sum += number;
                reply.send(*sum)?;
            }
        }
        Ok(())
    }
}

struct Node;

pub(crate) enum Play {
    Meet(Others<ActorRef<Play>>),
    Ball(Ball),
}

impl Actor for Node {
    type Msg = Play;
    type State = Place<ActorRef<Play>>;
    type Arguments = Place<ActorRef<Play>>;

    async fn pre_start(&self, _: ActorRef<Play>, place: Self::Arguments) -> Result<Self::State, ActorProcessingErr> {
        Ok(place)
    }

    async fn handle(
        &self,
        _: ActorRef<Play>,
        message: Play,
        place: &mut Self::State,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            Play::Meet(others) => place.others = others,
            Play::Ball(ball) => {
                if let Some((to, ball)) = place.next(ball) {
                    to.send_message(Play::Ball(ball))?;
                }
            }
        }
        Ok(())
    }
}

impl Peer for Ractor {
    const CRATE: &'static str = "ractor";
    const MAILBOX: &'static str = "unbounded (there is no other)";
    const BOUNDED: bool = false;

    type System = ();
    type Counter = ActorRef<Count>;
    type End = JoinHandle<()>;
    type Node = ActorRef<Play>;

    async fn system() {}

    async fn counter((): &()) -> (Self::Counter, Self::End) {
        Actor::spawn(None, Counter, ()).await.expect("it starts")
    }

    async fn add(counter: &Self::Counter, numbers: Pair) {
        counter.send_message(Count::Add(numbers)).expect("it is up");
    }

    async fn next(counter: &Self::Counter, number: u64) -> u64 {
        call!(counter, Count::Next, number).expect("it answers")
    }

    async fn stop(counter: Self::Counter, end: Self::End) {
        counter.stop(None);
        end.await.expect("it does not panic");
    }

    async fn node((): &(), place: Place<Self::Node>) -> Self::Node {
        Actor::spawn(None, Node, place).await.expect("it starts").0
    }

    async fn meet(node: &Self::Node, others: Others<Self::Node>) {
        node.send_message(Play::Meet(others)).expect("it is up");
    }

    async fn ball(node: &Self::Node, ball: Ball) {
        node.send_message(Play::Ball(ball)).expect("it is up");
    }
}
