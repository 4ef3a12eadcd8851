//! One step of "who waits for whom": what a handler waits for, shared with what will end the wait.
//!
//! The waiting side says whether it awaits, and how; the side that has the message says where it is: it leads to the
//! actor that has it, moves when the message is forwarded, and ends before the reply is out, so that whoever looks
//! afterwards sees no caller that is about to go on. A reply that has left its handler blocks nobody, but is still to
//! come: it is looked for by those who tell what takes long, and not by those who look for rings.
//!
//! Each word has one writer at a time. `at` belongs to whoever holds the reply (to the waiting side where there is
//! none), the others to the waiting side; an edge is used for another wait only when nobody else holds it.

use crate::{
    id::ActorId,
    sync::{Arc, AtomicU64, Ordering},
};

/// One wait: it leads to one actor, or has ended.
#[derive(Debug)]
pub(crate) struct Edge {
    /// `actor << 17 | deferred << 16 | steps`. Every change is a step, so that a wait that came back is not taken for one that stayed.
    at: AtomicU64,
    /// Who waits: an actor, 0 for anybody else, or `LEFT`.
    waiter: AtomicU64,
    /// Which of its waits this is; 0 while it does not await.
    wait: AtomicU64,
    /// In which way. What the number means is known to `actor::waits`.
    how: AtomicU64,
    /// The number of the actor that keeps it for its waits, 0 if none does.
    keeper: u64,
}

/// A look at an edge that is there. Two looks that are equal saw the same wait for the same actor, without a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Look {
    at: u64,
    wait: u64,
}

/// A reply of one who keeps it for later, as it was when it left its handler.
#[derive(Debug)]
pub(crate) struct Deferral {
    edge: Arc<Edge>,
    at: u64,
}

const STEPS: u64 = (1 << 16) - 1;
const DEFERRED: u64 = 1 << 16;
const ACTOR: u32 = 17;

/// In place of who waits: nobody does, and nobody will.
const LEFT: u64 = u64::MAX;

impl Edge {
    pub(crate) fn new() -> Self {
        Edge::of_keeper(0)
    }

    /// One of those that `actor` keeps for its waits.
    pub(crate) fn kept_by(actor: ActorId) -> Self {
        Edge::of_keeper(actor.get())
    }

    fn of_keeper(keeper: u64) -> Self {
        let [at, waiter, wait, how] = [const { 0 }; 4].map(AtomicU64::new);
        Edge { at, waiter, wait, how, keeper }
    }

    pub(crate) fn is_kept_by(&self, actor: ActorId) -> bool {
        self.keeper == actor.get()
    }

    // ── the side that has the message

    /// The message is now with another actor, in whose line it does not stand.
    pub(crate) fn move_to(&self, actor: ActorId) {
        self.how.store(0, Ordering::Release);
        self.lead(actor.get() << ACTOR);
    }

    /// The message blocks its caller no more: it was answered.
    pub(crate) fn end(&self) {
        self.lead(0);
    }

    /// The reply leaves its handler: the message blocks its caller no more, but the answer is still to come.
    pub(crate) fn defer(self: &Arc<Self>) -> Deferral {
        let actor = self.at.load(Ordering::Relaxed) >> ACTOR << ACTOR;
        let at = self.lead(actor | DEFERRED);
        Deferral { edge: Arc::clone(self), at }
    }

    fn lead(&self, to: u64) -> u64 {
        let at = to | self.at.load(Ordering::Relaxed).wrapping_add(1) & STEPS;
        self.at.store(at, Ordering::Release);
        at
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

    /// As [`await_as`](Self::await_as) by whom it was prepared for, in one order with all [looks](Self::look): what is
    /// looked at after this is not older than it.
    #[inline]
    pub(crate) fn await_in_order(&self, wait: u64) {
        self.wait.store(wait, Ordering::SeqCst);
    }

    /// Nobody awaits it now.
    pub(crate) fn rest(&self) {
        // Most often it rests already, and the line of the cache stays where it is.
        if self.wait.load(Ordering::Relaxed) != 0 {
            self.wait.store(0, Ordering::Release);
        }
    }

    /// Who waited has left, and nobody takes his place.
    pub(crate) fn leave(&self) {
        self.rest();
        // Most have their answer, and need not be told apart from those that wait for it.
        if self.at.load(Ordering::Relaxed) >> ACTOR != 0 {
            self.waiter.store(LEFT, Ordering::Release);
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

    /// What there is of it for the actor with this number; `None` if it awaits nothing, or nothing that blocks it.
    pub(crate) fn look(&self, waiter: u64) -> Option<Look> {
        self.sight(waiter).filter(|look| !look.is_deferred())
    }

    /// As [`look`](Self::look), and it counts as well what waits for a reply that was deferred.
    pub(crate) fn sight(&self, waiter: u64) -> Option<Look> {
        let wait = self.wait.load(Ordering::SeqCst);
        let at = self.at.load(Ordering::Acquire);
        let there = wait != 0 && at >> ACTOR != 0 && self.waiter() == waiter;
        // Both words at one moment, or not at all.
        (there && self.wait.load(Ordering::Acquire) == wait).then_some(Look { at, wait })
    }
}

impl Deferral {
    /// Whether the answer is still to come, from whom it was deferred by, to a caller who has not left.
    pub(crate) fn is_open(&self) -> bool {
        // The edge is held here, so it is used for nothing else.
        self.edge.at.load(Ordering::Acquire) == self.at && self.edge.waiter() != LEFT
    }

    /// The number of the actor whose code awaits it now, if it is one's.
    pub(crate) fn waiter(&self) -> Option<u64> {
        let waiter = self.edge.waiter();
        self.edge.sight(waiter).map(|_| waiter)
    }
}

#[cfg(test)]
impl Edge {
    pub(crate) fn to(actor: ActorId) -> Self {
        let edge = Edge::new();
        edge.move_to(actor);
        edge
    }

    /// The number of the actor that has the message; `None` if it blocks nobody.
    pub(crate) fn leads_to(&self) -> Option<u64> {
        let at = self.at.load(Ordering::Acquire);
        Some(at >> ACTOR).filter(|actor| *actor != 0 && at & DEFERRED == 0)
    }
}

impl Look {
    /// The number of the actor that is waited for.
    pub(crate) fn leads_to(self) -> u64 {
        self.at >> ACTOR
    }

    /// Whether its reply has left the handler there.
    pub(crate) fn is_deferred(self) -> bool {
        self.at & DEFERRED != 0
    }

    /// Which of its waits it is, for the actor that waits.
    pub(crate) fn number(self) -> u64 {
        self.wait
    }
}
