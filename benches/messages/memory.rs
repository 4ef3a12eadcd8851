//! The lines about idle actors: what each of a thousand holds of the heap, its task included.

use std::time::Duration;

use crate::{
    CAPACITY, alloc, annotated, by_hand,
    table::{Cost, Table, Target},
    worlds::Worlds,
};

const ACTORS: u64 = 1000;

pub(crate) fn run(worlds: &Worlds, filter: &str, table: &mut Table) {
    let mut line = |name: &str, target: Target, ours: fn(&Worlds) -> Cost, hand: fn(&Worlds) -> Cost| {
        if name.contains(filter) {
            let (ours, hand) = alloc::counting(|| (ours(worlds), hand(worlds)));
            let ratio = ours.bytes.zip(hand.bytes).map(|(ours, hand)| ours / hand);
            table.line(name, ratio.into_iter().collect(), ours, hand, target);
        }
    };
    let hand: fn(&Worlds) -> Cost = |at| at.one_thread(held(|| async { by_hand::ask::start(CAPACITY) }));
    line(
        "idle actor, sync handlers",
        Target::bytes(400.0),
        |at| at.one_thread(held(|| async { annotated::life::sync_handlers() })),
        hand,
    );
    line(
        "idle actor, one async handler",
        Target::NONE,
        |at| at.one_thread(held(|| async { annotated::life::async_handler() })),
        hand,
    );
    // The first message is what brings buffers into being.
    line(
        "idle actor, after one ask",
        Target::NONE,
        |at| {
            at.one_thread(held(|| async {
                let actor = annotated::life::sync_handlers();
                actor.next(1).await.expect("it is up");
                actor
            }))
        },
        |at| {
            at.one_thread(held(|| async {
                let actor = by_hand::ask::start(CAPACITY);
                actor.next(1).await;
                actor
            }))
        },
    );
}

async fn held<T, F: Future<Output = T>>(start: impl Fn() -> F) -> Cost {
    // The first round brings the runtime's own queues to their size.
    round(&start).await;
    settle().await;
    // Actors that were asked are looked at once a second; then the last of the first round is let go of, which would count
    // for the second.
    tokio::time::sleep(Duration::from_millis(1200)).await;
    settle().await;
    round(&start).await
}

async fn round<T, F: Future<Output = T>>(start: &impl Fn() -> F) -> Cost {
    let mut actors = Vec::with_capacity(usize::try_from(ACTORS).unwrap_or(usize::MAX));
    let before = alloc::count();
    for _ in 0..ACTORS {
        actors.push(start().await);
    }
    settle().await;
    let held = alloc::count() - before;
    // Only now, so that all of them are there at once.
    drop(actors);
    Cost::held(&held, ACTORS)
}

/// Lets every other task run until it waits.
async fn settle() {
    for _ in 0..1000 {
        tokio::task::yield_now().await;
    }
}
