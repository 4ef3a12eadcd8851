//! How many messages an actor has left unhandled, and why.

use std::sync::OnceLock;

use crate::{
    observe::DeadReason,
    sync::{AtomicU64, Ordering},
};

/// How many messages an actor has accepted and not handled, by reason, in all its lives. A snapshot: by the time it is
/// read it may be out of date.
///
/// Each of them was also a [`DeadLetter`](crate::observe::DeadLetter) for the observers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct DeadLetterCounts {
    /// The actor ended first.
    pub stopped: u64,
    /// The mailbox was full, and its policy chose them.
    pub overflow: u64,
    /// Their callers had left.
    pub abandoned: u64,
    /// Their time was up.
    pub late: u64,
}

impl DeadLetterCounts {
    /// All of them.
    ///
    /// ```
    /// use actor_core::prelude::*;
    /// # struct Greeter;
    /// # #[actor(mailbox = 1, overflow = drop_newest)] impl Greeter { pub fn hello(&self) {} }
    /// # actor_core::rt::test::run(async {
    /// let h = Greeter.spawn();
    /// h.hello().tell().await.unwrap();
    /// h.hello().tell().await.unwrap();    // dropped: the first one is still in the mailbox
    /// assert_eq!((h.dead_letters().overflow, h.dead_letters().total()), (1, 1));
    /// # });
    /// ```
    pub fn total(&self) -> u64 {
        self.stopped + self.overflow + self.abandoned + self.late
    }
}

/// Made by the first dead letter: most actors never have one, and should not carry the space for the counts.
#[derive(Default)]
pub(super) struct Letters(OnceLock<Box<Counters>>);

#[derive(Default)]
struct Counters {
    stopped: AtomicU64,
    overflow: AtomicU64,
    abandoned: AtomicU64,
    late: AtomicU64,
}

impl Letters {
    #[cold]
    pub(super) fn count(&self, reason: DeadReason) {
        let counters = self.0.get_or_init(Box::default);
        let counter = match reason {
            DeadReason::Stopped => &counters.stopped,
            DeadReason::Overflow => &counters.overflow,
            DeadReason::Abandoned => &counters.abandoned,
            DeadReason::Late => &counters.late,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn counts(&self) -> DeadLetterCounts {
        let Some(counters) = self.0.get() else { return DeadLetterCounts::default() };
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        DeadLetterCounts {
            stopped: read(&counters.stopped),
            overflow: read(&counters.overflow),
            abandoned: read(&counters.abandoned),
            late: read(&counters.late),
        }
    }
}
