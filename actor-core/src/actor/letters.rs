//! How many messages an actor has left unhandled, and why.

use crate::observe::DeadReason;

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

/// What is counted in all of an actor's lives and is nearly always zero.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) letters: DeadLetterCounts,
    /// Asks that were given back to their callers.
    pub(crate) returned: u64,
    /// Tells that were accepted, and ended with the actor.
    pub(crate) discarded: u64,
}

impl DeadLetterCounts {
    pub(super) fn count(&mut self, reason: DeadReason) {
        *match reason {
            DeadReason::Stopped => &mut self.stopped,
            DeadReason::Overflow => &mut self.overflow,
            DeadReason::Abandoned => &mut self.abandoned,
            DeadReason::Late => &mut self.late,
        } += 1;
    }
}
