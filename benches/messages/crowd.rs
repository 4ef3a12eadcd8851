//! The lines about more threads than cores: what a single tell takes when 8 or 32 threads on two cores tell one actor.
//!
//! The hand-written side is `by_hand/locked.rs`: a lock that puts threads to sleep is the one that bears a crowd best.

use std::{
    future::Future,
    hint::black_box,
    sync::{Arc, Barrier, mpsc},
    thread,
    time::{Duration, Instant},
};

use tokio::sync::oneshot;

use crate::{
    annotated,
    by_hand::{locked, tell::Small},
    pairs::pairs,
    pin,
    stats::{float, median},
    table::{Cost, Table, Target},
    tally::expect_handled,
    worlds::one_thread,
};

/// Counted pairs for each number of threads and capacity.
const PAIRS: usize = 5;

/// By all threads of one measurement.
const TELLS: u64 = 96_000;

/// A mailbox that is full nearly all the time, where a tell waits its turn; and one that never is, where only the lock
/// of the queue is waited for.
const CAPACITIES: [(&str, usize); 2] = [("full mailbox", 64), ("roomy mailbox", 96_000)];

/// What a measurement brings: the times of all tells, sorted, and that of all together, until the last was handled.
struct Crowd {
    tells: Vec<Duration>,
    all: Duration,
}

impl Crowd {
    fn percentile(&self, percent: usize) -> f64 {
        let last = self.tells.len() - 1;
        self.tells[last * percent / 100].as_secs_f64() * 1e9
    }
}

/// One number of a measurement, in nanoseconds.
type Pick = fn(&Crowd) -> f64;

const LINES: [(&str, Target, Pick); 4] = [
    ("median", Target::NONE, |crowd| crowd.percentile(50)),
    ("p99", Target::ratio(2.00), |crowd| crowd.percentile(99)),
    ("longest", Target::NONE, |crowd| crowd.percentile(100)),
    ("all, per tell", Target::NONE, |crowd| crowd.all.as_secs_f64() * 1e9 / float(TELLS)),
];

pub(crate) fn run(filter: &str, table: &mut Table) {
    for threads in [8, 32] {
        for (mailbox, capacity) in CAPACITIES {
            let name = |what: &str| format!("tell from {threads} threads on two cores, {mailbox}, {what}");
            let lines = || LINES.into_iter().filter(|(what, ..)| name(what).contains(filter));
            if lines().next().is_none() {
                continue;
            }
            // All lines come from the same pairs.
            let pairs = pairs(PAIRS, || ours(threads, capacity), || hand(threads, capacity));
            for (what, target, pick) in lines() {
                let ratios = pairs.iter().map(|(ours, hand)| pick(ours) / pick(hand)).collect();
                let ours = Cost::nanos(median(pairs.iter().map(|pair| pick(&pair.0))));
                let hand = Cost::nanos(median(pairs.iter().map(|pair| pick(&pair.1))));
                table.line(&name(what), ratios, ours, hand, target);
            }
        }
    }
}

fn ours(threads: u64, capacity: usize) -> Crowd {
    crowd(
        threads,
        move || {
            let actor = annotated::tell::small(capacity);
            (actor.clone(), actor)
        },
        async |actor| actor.add(black_box(1)).await.expect("it is up"),
        async |actor| drop(actor.stop().await),
    )
}

fn hand(threads: u64, capacity: usize) -> Crowd {
    crowd(
        threads,
        move || {
            let queue = locked::Queue::new(capacity);
            (Arc::clone(&queue), (Arc::clone(&queue), locked::spawn(queue)))
        },
        async |queue| queue.send(Small::Add(black_box(1))).await,
        async |(queue, task)| {
            queue.close();
            task.await.expect("it does not panic");
        },
    )
}

/// The actor has a thread and a runtime of its own, and so has each that tells.
/// `start` gives what those need to reach it, and what `stop` needs.
fn crowd<T, S>(
    threads: u64,
    start: impl FnOnce() -> (T, S) + Send + 'static,
    tell: impl AsyncFn(&T) + Copy + Send + 'static,
    stop: impl AsyncFnOnce(S) + Send + 'static,
) -> Crowd
where
    T: Clone + Send + 'static,
{
    let (give, take) = mpsc::channel();
    let (finish, until_finish) = oneshot::channel();
    let actor = thread::spawn(move || {
        pin::to_both_of_two();
        one_thread().block_on(async {
            let (target, own) = start();
            give.send(target).expect("the other thread waits");
            until_finish.await.expect("it is told");
            stop(own).await;
        });
    });
    let target = take.recv().expect("the actor was started");
    let barrier = Arc::new(Barrier::new(usize::try_from(threads).expect("not that many") + 1));
    let tasks: Vec<_> = (0..threads)
        .map(|_| {
            let (target, barrier) = (target.clone(), Arc::clone(&barrier));
            thread::spawn(move || {
                pin::to_both_of_two();
                let runtime = one_thread();
                barrier.wait();
                runtime.block_on(times(TELLS / threads, async || tell(&target).await))
            })
        })
        .collect();
    barrier.wait();
    let began = Instant::now();
    let tells = tasks.into_iter().flat_map(|thread| thread.join().expect("telling does not panic"));
    let mut tells: Vec<_> = tells.collect();
    finish.send(()).expect("the actor is up until it is stopped");
    actor.join().expect("an actor does not panic");
    let all = began.elapsed();
    expect_handled(TELLS);
    tells.sort_unstable();
    Crowd { tells, all }
}

async fn times<F: Future<Output = ()>>(number: u64, tell: impl Fn() -> F) -> Vec<Duration> {
    let mut times = Vec::with_capacity(usize::try_from(number).expect("not that many"));
    for _ in 0..number {
        let began = Instant::now();
        tell().await;
        times.push(began.elapsed());
    }
    times
}
