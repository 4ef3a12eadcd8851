//! Shards by hand: a task each, a bounded channel as mailbox, a oneshot channel for each reply.

use std::{
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::{Duration, Instant},
};

use tokio::{
    sync::{mpsc, oneshot},
    time::{MissedTickBehavior, interval},
};

use crate::{
    clock::Clock,
    op::{ShardOp, ShardReply},
    shard::{self, SWEEP_LIMIT},
    shards::{ShardError, Shards},
    store::Store,
};

/// Requests taken out of the mailbox at a time; the clock is read once for them.
const BATCH: usize = 128;

/// How often a shard sweeps.
const SWEEP_EVERY: Duration = Duration::from_millis(100);

/// So many crashes in [`CRASH_WINDOW`] are no accident any more.
const MAX_CRASHES: usize = 5;
const CRASH_WINDOW: Duration = Duration::from_secs(1);

struct Request {
    op: ShardOp,
    reply: oneshot::Sender<ShardReply>,
}

/// The ends of the channels to all shards.
#[derive(Clone)]
pub(crate) struct Lanes(Arc<[mpsc::Sender<Request>]>);

impl Lanes {
    /// Starts the shards. They end when all clones of the lanes are gone, or with a reason sent to
    /// `failed`.
    pub(crate) fn start(shards: usize, mailbox: usize, failed: &mpsc::Sender<String>) -> Self {
        let clock = Clock::start();
        let lane = |index| {
            let (sender, receiver) = mpsc::channel(mailbox);
            tokio::spawn(run(index, receiver, clock, failed.clone()));
            sender
        };
        Self((0..shards).map(lane).collect())
    }
}

impl Shards for Lanes {
    type Pending = Pending;

    fn count(&self) -> usize {
        self.0.len()
    }

    async fn start(&self, shard: usize, op: ShardOp) -> Result<Pending, ShardError> {
        let (reply, pending) = oneshot::channel();
        let sent = self.0[shard].send(Request { op, reply }).await;
        sent.map(|()| Pending(pending)).map_err(|_| ShardError::Stopped)
    }
}

/// The answer to come. If the request is dropped unanswered, its shard crashed.
pub(crate) struct Pending(oneshot::Receiver<ShardReply>);

impl Future for Pending {
    type Output = Result<ShardReply, ShardError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = Pin::new(&mut self.0).poll(cx);
        answer.map(|answer| answer.map_err(|_| ShardError::Crashed))
    }
}

/// The loop of one shard.
async fn run(index: usize, mut mailbox: mpsc::Receiver<Request>, clock: Clock, failed: mpsc::Sender<String>) {
    let mut store = Store::new();
    let mut batch = Vec::with_capacity(BATCH);
    let mut crashes = VecDeque::new();
    let mut sweep = interval(SWEEP_EVERY);
    sweep.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            taken = mailbox.recv_many(&mut batch, BATCH) => if taken == 0 {
                return;
            },
            _ = sweep.tick() => {
                store.sweep(clock.now(), SWEEP_LIMIT);
            }
        }
        let now = clock.now();
        for Request { op, reply } in batch.drain(..) {
            // The store lives outside of what unwinds, so it survives.
            match catch_unwind(AssertUnwindSafe(|| shard::apply(&mut store, op, now))) {
                // A client that left does not take its reply.
                Ok(answer) => drop(reply.send(answer)),
                Err(_) if too_many(&mut crashes) => {
                    let reason = format!("shard {index} crashed {MAX_CRASHES} times in a second");
                    let _ = failed.send(reason).await;
                    return;
                }
                Err(_) => tracing::error!(shard = index, "crashed, going on"),
            }
        }
    }
}

/// Notes a crash; whether there were too many of late.
fn too_many(crashes: &mut VecDeque<Instant>) -> bool {
    let now = Instant::now();
    crashes.push_back(now);
    crashes.retain(|crash| now.duration_since(*crash) < CRASH_WINDOW);
    crashes.len() >= MAX_CRASHES
}
