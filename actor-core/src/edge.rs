//! One step of "who waits for whom": what a handler waits for, shared with what will end the wait.
//!
//! The waiting side says whether it awaits, and how; the side that has the message says where it is: it leads to the
//! actor that has it, moves when the message is forwarded, and ends before the reply is out, so that whoever looks
//! afterwards sees no caller that is about to go on.
//!
//! Each word has one writer at a time. `at` belongs to whoever holds the reply (to the waiting side where there is
//! none), the others to the waiting side; an edge is used for another wait only when nobody else holds it.

use crate::{
    id::ActorId,
    sync::{AtomicU64, Ordering},
};

/// One wait: it leads to one actor, or has ended.
#[derive(Debug)]
pub(crate) struct Edge {
    /// `actor << 16 | steps`. Every change is a step, so that a wait that came back is not taken for one that stayed.
    at: AtomicU64,
    /// Who waits.
    waiter: AtomicU64,
    /// Which of its waits this is; 0 while it does not await.
    wait: AtomicU64,
    /// In which way. What the number means is known to `actor::waits`.
    how: AtomicU64,
}

/// A look at an edge that is there. Two looks that are equal saw the same wait for the same actor, without a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    at: u64,
    wait: u64,
}

const STEP_BITS: u32 = 16;
const STEPS: u64 = (1 << STEP_BITS) - 1;

impl Edge {
    pub(crate) fn new() -> Self {
        Edge { at: AtomicU64::new(0), waiter: AtomicU64::new(0), wait: AtomicU64::new(0), how: AtomicU64::new(0) }
    }

    // ── the side that has the message

    /// The message is now with another actor, in whose line it does not stand.
    pub(crate) fn move_to(&self, actor: ActorId) {
        self.how.store(0, Ordering::Release);
        self.lead(actor.get());
    }

    /// The message blocks its caller no more: it was answered, or its reply has left the handler.
    pub(crate) fn end(&self) {
        self.lead(0);
    }

    fn lead(&self, actor: u64) {
        let steps = self.at.load(Ordering::Relaxed).wrapping_add(1) & STEPS;
        self.at.store(actor << STEP_BITS | steps, Ordering::Release);
    }

    // ── the waiting side

    /// A wait that is made and not begun.
    pub(crate) fn prepare(&self, waiter: ActorId, to: ActorId) {
        self.wait.store(0, Ordering::Relaxed);
        self.waiter.store(waiter.get(), Ordering::Relaxed);
        self.move_to(to);
    }

    /// `waiter` awaits it from now on.
    pub(crate) fn await_as(&self, waiter: ActorId, wait: u64) {
        self.waiter.store(waiter.get(), Ordering::Relaxed);
        self.wait.store(wait, Ordering::Release);
    }

    /// Nobody awaits it now.
    pub(crate) fn rest(&self) {
        // Most often it rests already, and the line of the cache stays where it is.
        if self.wait.load(Ordering::Relaxed) != 0 {
            self.wait.store(0, Ordering::Release);
        }
    }

    pub(crate) fn is_at_rest(&self) -> bool {
        self.wait.load(Ordering::Relaxed) == 0
    }

    pub(crate) fn is_awaited_by(&self, waiter: ActorId) -> bool {
        self.wait.load(Ordering::Relaxed) != 0 && self.is_of(waiter)
    }

    pub(crate) fn is_of(&self, waiter: ActorId) -> bool {
        self.waiter() == waiter.get()
    }

    pub(crate) fn waiter(&self) -> u64 {
        self.waiter.load(Ordering::Relaxed)
    }

    pub(crate) fn set_how(&self, how: u64) {
        self.how.store(how, Ordering::Release);
    }

    pub(crate) fn how(&self) -> u64 {
        self.how.load(Ordering::Acquire)
    }

    // ── everyone

    /// What there is of it for the actor with this number; `None` if it awaits nothing, or the wait has ended.
    pub(crate) fn look(&self, waiter: u64) -> Option<Look> {
        let wait = self.wait.load(Ordering::Acquire);
        let at = self.at.load(Ordering::Acquire);
        let there = wait != 0 && at >> STEP_BITS != 0 && self.waiter() == waiter;
        // Both words at one moment, or not at all.
        (there && self.wait.load(Ordering::Acquire) == wait).then_some(Look { at, wait })
    }
}

#[cfg(test)]
impl Edge {
    pub(crate) fn to(actor: ActorId) -> Self {
        let edge = Edge::new();
        edge.move_to(actor);
        edge
    }

    /// The number of the actor that has the message; `None` if it has ended.
    pub(crate) fn leads_to(&self) -> Option<u64> {
        Some(self.at.load(Ordering::Acquire) >> STEP_BITS).filter(|actor| *actor != 0)
    }
}

impl Look {
    /// The number of the actor that is waited for.
    pub(crate) fn leads_to(self) -> u64 {
        self.at >> STEP_BITS
    }
}
