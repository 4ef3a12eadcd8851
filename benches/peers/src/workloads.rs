//! The work, the same for every crate.

use std::{hint::black_box, sync::Arc};

use futures_util::future::join_all;
use tokio::{sync::mpsc, task::yield_now};

use crate::{
    alloc::{self, Count},
    meter::{Meter, Sample},
    peer::{Ball, CAPACITY, Peer, Place},
};

const MESSAGES: u64 = 100_000;
/// Before the clock starts.
const WARM: u64 = 4096;
const SPAWNS: u64 = 5_000;
const IDLE: u64 = 1_000;
const CLIENTS: u64 = 64;

async fn add<P: Peer>(counter: &P::Counter, times: u64) {
    for number in 1..=times {
        P::add(counter, black_box([1, 0])).await;
        if !P::BOUNDED && number % CAPACITY as u64 == 0 {
            yield_now().await;
        }
    }
}

async fn ask<P: Peer>(counter: &P::Counter, times: u64) {
    for _ in 0..times {
        black_box(P::next(counter, 1).await);
    }
}

/// Until all that was told has been handled. One ask is enough wherever messages are handled in order; those of xtra are
/// taken from a heap, where one that was sent later may come first.
async fn drained<P: Peer>(counter: &P::Counter, sum: u64) {
    for _ in 0..1000 {
        if P::next(counter, 0).await == sum {
            return;
        }
    }
    panic!("{}: not every message was handled", P::CRATE);
}

pub(crate) async fn tell<P: Peer>() -> Sample {
    let system = P::system().await;
    let (counter, end) = P::counter(&system).await;
    add::<P>(&counter, WARM).await;
    drained::<P>(&counter, WARM).await;
    let meter = Meter::start();
    add::<P>(&counter, MESSAGES).await;
    drained::<P>(&counter, WARM + MESSAGES).await;
    let sample = meter.stop(MESSAGES);
    P::stop(counter, end).await;
    sample
}

pub(crate) async fn ask_one_by_one<P: Peer>() -> Sample {
    let system = P::system().await;
    let (counter, end) = P::counter(&system).await;
    ask::<P>(&counter, WARM).await;
    let meter = Meter::start();
    ask::<P>(&counter, MESSAGES).await;
    let sample = meter.stop(MESSAGES);
    assert_eq!(P::next(&counter, 0).await, WARM + MESSAGES);
    P::stop(counter, end).await;
    sample
}

pub(crate) async fn ask_clients<P: Peer>() -> Sample {
    async fn all<P: Peer>(counter: &P::Counter, each: u64) {
        let client = |counter: P::Counter| async move { ask::<P>(&counter, each).await };
        let tasks = (0..CLIENTS).map(|_| P::task(client(counter.clone())));
        join_all(tasks).await.into_iter().for_each(|task| task.expect("it does not panic"));
    }

    let system = P::system().await;
    let (counter, end) = P::counter(&system).await;
    all::<P>(&counter, WARM / CLIENTS).await;
    let meter = Meter::start();
    all::<P>(&counter, MESSAGES / CLIENTS).await;
    let sample = meter.stop(MESSAGES / CLIENTS * CLIENTS);
    assert_eq!(P::next(&counter, 0).await, WARM + MESSAGES / CLIENTS * CLIENTS);
    P::stop(counter, end).await;
    sample
}

/// So many balls as there are nodes, or one between two.
async fn game<P: Peer>(nodes: u64, balls: u64) -> Sample {
    let system = P::system().await;
    let (done, mut arrived) = mpsc::unbounded_channel();
    let mut all = Vec::new();
    for me in 0..nodes {
        let me = usize::try_from(me).expect("not that many");
        all.push(P::node(&system, Place { me, others: Arc::default(), arrived: done.clone() }).await);
    }
    let all = Arc::new(all);
    for node in all.iter() {
        P::meet(node, Arc::clone(&all)).await;
    }
    let mut play = async |hits: u64| {
        let left = u32::try_from(hits / balls).expect("not that many");
        for (luck, node) in (1..).zip(all.iter()).take(usize::try_from(balls).expect("not that many")) {
            P::ball(node, Ball { left, luck }).await;
        }
        for _ in 0..balls {
            arrived.recv().await.expect("every ball arrives");
        }
    };
    play(WARM).await;
    let meter = Meter::start();
    play(MESSAGES).await;
    let sample = meter.stop(MESSAGES / balls * balls);
    // Each holds a way to all of them.
    for node in all.iter() {
        P::meet(node, Arc::default()).await;
    }
    sample
}

pub(crate) async fn ping_pong<P: Peer>() -> Sample {
    game::<P>(2, 1).await
}

pub(crate) async fn many_to_many<P: Peer>() -> Sample {
    game::<P>(120, 120).await
}

pub(crate) async fn spawn_stop<P: Peer>() -> Sample {
    let system = P::system().await;
    let (counter, end) = P::counter(&system).await;
    P::stop(counter, end).await;
    let meter = Meter::start();
    for _ in 0..SPAWNS {
        let (counter, end) = P::counter(&system).await;
        P::stop(counter, end).await;
    }
    meter.stop(SPAWNS)
}

/// What so many idle actors hold of the heap; to be called inside of [`alloc::counting`].
pub(crate) async fn idle<P: Peer>() -> Sample {
    async fn spawn<P: Peer>(system: &P::System) -> (Vec<(P::Counter, P::End)>, Count) {
        let mut actors = Vec::with_capacity(usize::try_from(IDLE).expect("not that many"));
        let before = alloc::count();
        for _ in 0..IDLE {
            actors.push(P::counter(system).await);
        }
        // Until every one of them waits for its first message.
        for _ in 0..IDLE {
            yield_now().await;
        }
        (actors, alloc::count() - before)
    }

    let system = P::system().await;
    // The first round brings the queues of the runtime, and any register of actors, to their size.
    for (counter, end) in spawn::<P>(&system).await.0 {
        P::stop(counter, end).await;
    }
    let meter = Meter::start();
    let (actors, count) = spawn::<P>(&system).await;
    for (counter, end) in actors {
        P::stop(counter, end).await;
    }
    Sample { count, ..meter.stop(IDLE) }
}
