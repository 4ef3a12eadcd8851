//! The shards as actors, and their handles as what a connection needs of them.

use std::{
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use actor_core::{Pending, prelude::*};
use futures_util::TryFutureExt;

use crate::{
    clock::Clock,
    op::{KeyOp, SetTtl, ShardOp, ShardReply},
    shard::{self, SWEEP_LIMIT},
    shards::{ShardError, Shards},
    store::Store,
};

/// A shard's data, which outlives the actor: a lock that only the present incarnation takes.
pub(crate) type Data = Arc<Mutex<Store>>;

/// The keys of one shard.
pub(crate) struct Shard {
    data: Data,
    clock: Clock,
}

#[actor]
impl Shard {
    pub(crate) fn new(data: Data, clock: Clock) -> Self {
        Shard { data, clock }
    }

    /// Carries out one request.
    pub(crate) fn apply(&mut self, op: ShardOp) -> ShardReply {
        // A crash in the middle poisons the lock. The data stays as it was left: at most that write is lost.
        let mut store = self.data.lock().unwrap_or_else(PoisonError::into_inner);
        let now = if needs_time(&store, &op) { self.clock.now() } else { 0 };
        shard::apply(&mut store, op, now)
    }

    /// Removes some of the keys whose time is up, and leaves the rest for the next time.
    #[every("100ms")]
    fn sweep(&mut self) {
        let mut store = self.data.lock().unwrap_or_else(PoisonError::into_inner);
        store.sweep(self.clock.now(), SWEEP_LIMIT);
    }
}

/// Whether it matters to `op` what time it is: not while no key expires. A look at the clock costs about as much as a
/// `GET`.
fn needs_time(store: &Store, op: &ShardOp) -> bool {
    let sets_deadline = match op {
        ShardOp::Key(_, KeyOp::Set(_, rule)) => matches!(rule.ttl, SetTtl::After(_)),
        ShardOp::Key(_, KeyOp::Expire(..)) => true,
        _ => false,
    };
    sets_deadline || store.expiring() > 0
}

/// The handles of all shards. They stay valid when a shard is restarted.
#[derive(Clone)]
pub(crate) struct Handles(pub(crate) Arc<[ShardHandle]>);

impl Shards for Handles {
    type Pending = Answer;

    fn count(&self) -> usize {
        self.0.len()
    }

    /// `enqueue` is a commitment: the request is carried out even if the client leaves at once.
    fn start(&self, shard: usize, op: ShardOp) -> impl Future<Output = Result<Answer, ShardError>> + Send {
        // Not an `async fn`, which would hold the request once more before the first poll.
        self.0[shard].apply(op).enqueue().map_ok(Answer).map_err(|error| cause(&error))
    }
}

/// The answer to come.
pub(crate) struct Answer(Pending<ShardReply>);

impl Future for Answer {
    type Output = Result<ShardReply, ShardError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0).poll(cx).map_err(|error| cause(&error))
    }
}

/// What the client is told.
fn cause(error: &AskError) -> ShardError {
    match error {
        AskError::Panicked(_) | AskError::Killed => ShardError::Crashed,
        _ => ShardError::Stopped,
    }
}
