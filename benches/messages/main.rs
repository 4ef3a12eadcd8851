//! Tell and ask against the hand-written actor, in the same run: `cargo bench --bench messages`; with a part of a line's
//! name, only such lines: `cargo bench --bench messages -- "tell 16"`.
//!
//! The hand-written actor (`by_hand.rs`) is the bare loop `while let Some(message) = mailbox.recv().await` over a
//! bounded tokio channel and an enum, with a oneshot channel for each reply. Ours (`annotated.rs`) is an annotated
//! actor through its public handle, with panics caught. Same capacity, same messages, same runtime.
//!
//! The two take turns, and what is printed is the ratio of their times: the machine is noisy, and what disturbs one
//! half of a pair most often disturbs the other too. Below 1.00 ours is faster.

mod annotated;
mod by_hand;
mod table;

use std::{
    future::Future,
    time::{Duration, Instant},
};

use tokio::runtime::{Builder, Runtime};

/// Pairs per line of the table; the first is a warm-up and not counted.
const PAIRS: usize = 21;

/// Messages a mailbox holds.
const CAPACITY: usize = 64;

/// Messages per measurement.
const MESSAGES: u64 = 100_000;

/// Actors per measurement.
const SPAWNS: u64 = 10_000;

fn main() {
    // `cargo test --benches` and `cargo bench -- --list` start every bench: nothing to measure then.
    if std::env::args().any(|arg| arg == "--test" || arg == "--list") {
        return;
    }
    let filter = std::env::args().skip(1).find(|arg| !arg.starts_with('-')).unwrap_or_default();
    let one = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let two = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    table::head(PAIRS - 1);
    for (runtime, threads) in [(&one, "one thread"), (&two, "two threads")] {
        let line = |what: &str, times: u64, ours: fn(&Runtime) -> Duration, hand: fn(&Runtime) -> Duration| {
            let name = format!("{what}, {threads}");
            if name.contains(&filter) {
                table::line(&name, &pairs(runtime, ours, hand), times);
            }
        };
        line("tell 16 B", MESSAGES, |rt| spawned(rt, annotated::tell_16()), |rt| spawned(rt, by_hand::tell_16()));
        line("tell 128 B", MESSAGES, |rt| spawned(rt, annotated::tell_128()), |rt| spawned(rt, by_hand::tell_128()));
        line("ask, one by one", MESSAGES, |rt| spawned(rt, annotated::ask()), |rt| spawned(rt, by_hand::ask()));
        line("ask, 64 at once", MESSAGES, |rt| spawned(rt, annotated::ask_64()), |rt| spawned(rt, by_hand::ask_64()));
        line(
            "spawn and stop",
            SPAWNS,
            |rt| spawned(rt, annotated::spawn_stop()),
            |rt| spawned(rt, by_hand::spawn_stop()),
        );
    }
}

/// Times `body` as a task of its own, so that its polls are a task's and not those of `block_on`.
fn spawned(runtime: &Runtime, body: impl Future<Output = ()> + Send + 'static) -> Duration {
    runtime.block_on(async {
        let task = tokio::spawn(async {
            let start = Instant::now();
            body.await;
            start.elapsed()
        });
        task.await.expect("the measured task panicked")
    })
}

/// (ours, by hand), one after the other, who is first changing each time.
fn pairs(
    runtime: &Runtime,
    ours: fn(&Runtime) -> Duration,
    hand: fn(&Runtime) -> Duration,
) -> Vec<(Duration, Duration)> {
    let pair = |round: usize| {
        if round.is_multiple_of(2) {
            let first = ours(runtime);
            (first, hand(runtime))
        } else {
            let first = hand(runtime);
            (ours(runtime), first)
        }
    };
    (0..PAIRS).map(pair).skip(1).collect()
}
