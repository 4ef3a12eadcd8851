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
    CAPACITY, annotated,
    by_hand::{locked, tell::Small},
    pairs::pairs,
    pin,
    stats::median,
    table::{Cost, Table, Target},
    tally::expect_handled,
    worlds::one_thread,
};

/// Counted pairs for each number of threads.
const PAIRS: usize = 7;

/// By all threads of one measurement.
const TELLS: u64 = 160_000;

/// One of many times, which are sorted.
type Pick = fn(&[Duration]) -> Duration;

pub(crate) fn run(filter: &str, table: &mut Table) {
    for threads in [8, 32] {
        // All three come from the same pairs.
        let lines: [(&str, Target, Pick); 3] = [
            ("median", Target::NONE, |sorted| sorted[sorted.len() / 2]),
            ("p99", Target::ratio(2.00), |sorted| sorted[sorted.len() * 99 / 100]),
            ("longest", Target::NONE, |sorted| sorted[sorted.len() - 1]),
        ];
        let name = |what: &str| format!("tell from {threads} threads on two cores, {what}");
        if !lines.iter().any(|(what, ..)| name(what).contains(filter)) {
            continue;
        }
        let pairs = pairs(PAIRS, || ours(threads), || hand(threads));
        for (what, target, pick) in lines {
            let nanos = |sorted: &[Duration]| pick(sorted).as_secs_f64() * 1e9;
            let ratios = pairs.iter().map(|(ours, hand)| nanos(ours) / nanos(hand)).collect();
            let ours = Cost::nanos(median(pairs.iter().map(|pair| nanos(&pair.0))));
            let hand = Cost::nanos(median(pairs.iter().map(|pair| nanos(&pair.1))));
            if name(what).contains(filter) {
                table.line(&name(what), ratios, ours, hand, target);
            }
        }
    }
}

fn ours(threads: u64) -> Vec<Duration> {
    crowd(
        threads,
        || {
            let actor = annotated::tell::small(CAPACITY);
            (actor.clone(), actor)
        },
        async |actor| actor.add(black_box(1)).await.expect("it is up"),
        async |actor| drop(actor.stop().await),
    )
}

fn hand(threads: u64) -> Vec<Duration> {
    crowd(
        threads,
        || {
            let queue = locked::Queue::new(CAPACITY);
            (Arc::clone(&queue), (Arc::clone(&queue), locked::spawn(queue)))
        },
        async |queue| queue.send(Small::Add(black_box(1))).await,
        async |(queue, task)| {
            queue.close();
            task.await.expect("it does not panic");
        },
    )
}

/// The times of all tells, sorted. The actor has a thread and a runtime of its own, and so has each that tells.
/// `start` gives what those need to reach it, and what `stop` needs.
fn crowd<T, S>(
    threads: u64,
    start: impl FnOnce() -> (T, S) + Send + 'static,
    tell: impl AsyncFn(&T) + Copy + Send + 'static,
    stop: impl AsyncFnOnce(S) + Send + 'static,
) -> Vec<Duration>
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
    let barrier = Arc::new(Barrier::new(usize::try_from(threads).expect("not that many")));
    let crowd: Vec<_> = (0..threads)
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
    let all = crowd.into_iter().flat_map(|thread| thread.join().expect("telling does not panic"));
    let mut all: Vec<_> = all.collect();
    finish.send(()).expect("the actor is up until it is stopped");
    actor.join().expect("an actor does not panic");
    expect_handled(TELLS);
    all.sort_unstable();
    all
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
