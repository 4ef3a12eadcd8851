//! The mailbox as its consumer sees it: taking messages out, being suspended, being woken. See `Inbox`.

use std::task::Waker;

use super::{
    Overflow,
    lane::count,
    queue::{Held, Ring},
    shared::{Mailbox, wake},
    state::{Careful, State},
};
use crate::{piece::Piece, sync::Ordering};

/// How many urgent messages may run in a row while normal ones wait.
const URGENT_RUN: u8 = 16;

/// How often, in messages, the consumer looks for senders that wait while it is in the middle of a batch.
const LET_IN_EVERY: u32 = 32;

impl<M> Mailbox<M> {
    #[inline]
    pub(super) fn has_urgent(&self) -> bool {
        self.urgent().load(Ordering::Acquire)
    }

    /// Whether somebody may wait for room.
    #[inline]
    pub(crate) fn is_crowded(&self) -> bool {
        self.crowded().load(Ordering::Relaxed)
    }

    /// An urgent message, if there is one and normal ones have had their turn.
    #[inline]
    pub(super) fn pop_urgent(&self, normal_waits: bool) -> Option<M> {
        if self.has_urgent() { self.pop_urgent_locked(normal_waits) } else { None }
    }

    #[cold]
    fn pop_urgent_locked(&self, normal_waits: bool) -> Option<M> {
        let mut state = self.lock();
        let normal_waits = normal_waits || state.normal.len() > 0;
        if state.urgent_run >= URGENT_RUN && normal_waits {
            state.urgent_run = 0;
            return None;
        }
        let (message, admitted) = state.next_urgent()?;
        self.note_urgent(&state);
        state.urgent_run = state.urgent_run.saturating_add(1);
        drop(state);
        admitted.into_iter().for_each(Waker::wake);
        Some(message)
    }

    /// Fills the consumer's empty batch and says whether there was anything.
    #[inline]
    pub(super) fn refill(&self, batch: &mut Ring<M>) -> bool {
        let mut state = self.state.lock();
        if !state.is_plain() || state.normal.len() == 0 {
            return self.refill_otherwise(state, batch);
        }
        state.during = Piece::IDLE;
        state.runs = true;
        state.note_high_water();
        state.normal.swap(batch);
        let taken = count(batch.len() - 1);
        state.snap = taken;
        self.taken().store(taken, Ordering::Release);
        state.count_free();
        true
    }

    #[inline(never)]
    fn refill_otherwise(&self, mut state: Held<'_, State<M>>, batch: &mut Ring<M>) -> bool {
        if state.is_plain() && state.normal.urgent().is_none() {
            state.during = Piece::IDLE;
            return false;
        }
        self.refill_with_care(Careful::new(state), batch, None)
    }

    /// As [`refill`](Self::refill); where there is nothing, the consumer is parked until a message comes. Both in one
    /// locked step: nothing comes in between.
    #[inline]
    pub(super) fn refill_or_park(&self, batch: &mut Ring<M>, waker: Waker) -> bool {
        let mut state = self.state.lock();
        if !state.is_plain() || state.len() > 0 || state.snap > 0 {
            return self.refill_with_care(Careful::new(state), batch, Some(waker));
        }
        state.during = Piece::IDLE;
        state.idle = true;
        state.runs = false;
        let old = state.waker.replace(waker);
        drop(state);
        // Most often the last message took it.
        if let Some(old) = old {
            drop(old);
        }
        false
    }

    #[cold]
    fn refill_with_care(&self, mut state: Careful<'_, M>, batch: &mut Ring<M>, waker: Option<Waker>) -> bool {
        state.during = Piece::IDLE;
        // Nothing is taken now, so there may be room for some who wait.
        self.taken().store(0, Ordering::Release);
        state.snap = 0;
        let mut admitted = None;
        state.admit_all(0, &mut admitted);
        if state.overflow == Overflow::DropOldest {
            // What is taken can no longer be dropped, so no more is taken than is handled.
            if let Some(message) = state.normal.pop() {
                batch.push(message);
            }
        } else {
            state.normal.swap(batch);
        }
        let mut unused = waker;
        if batch.is_empty() {
            if let Some((message, woken)) = state.next_urgent() {
                self.note_urgent(&state);
                batch.push(message);
                if let Some(waker) = woken {
                    admitted.get_or_insert_default().push(waker);
                }
            } else if unused.is_some() {
                state.idle = true;
                state.runs = false;
                unused = std::mem::replace(&mut state.waker, unused);
            }
        } else {
            state.runs = true;
            // The first of the batch is about to begin; the others count as queued.
            let taken = count(batch.len() - 1);
            if taken > 0 {
                self.taken().store(taken, Ordering::Release);
                state.snap = taken;
            }
            state.admit_all(taken, &mut admitted);
        }
        self.note_crowd(&state);
        drop(state);
        drop(unused);
        wake(admitted);
        !batch.is_empty()
    }

    /// Notes that `left` messages are with the consumer. In the middle of a large batch it lets in senders now and then:
    /// otherwise they and the consumer would take turns instead of working side by side.
    #[inline]
    pub(super) fn took(&self, left: usize) {
        let left = count(left);
        self.taken().store(left, Ordering::Release);
        if left.is_multiple_of(LET_IN_EVERY) && self.crowded().load(Ordering::Relaxed) {
            self.settle(self.lock(), left);
        }
    }

    /// The consumer has ended, or is gone: puts back what it has not begun. One that is not `present` was left behind for
    /// another, which may have taken messages since.
    pub(super) fn put_back(&self, batch: &mut Ring<M>, present: bool) {
        if batch.is_empty() {
            if present {
                self.state.lock().runs = false;
            }
            return;
        }
        let mut state = self.lock();
        state.normal.put_back(batch);
        state.runs &= !present;
        // The other may be parked.
        let waker = state.message_came();
        let taken = if present { 0 } else { self.taken().load(Ordering::Acquire) };
        self.settle(state, taken);
        waker.into_iter().for_each(Waker::wake);
    }

    fn note_crowd(&self, state: &State<M>) {
        let crowded = state.normal.waiting() > 0;
        if self.crowded().load(Ordering::Relaxed) != crowded {
            self.crowded().store(crowded, Ordering::Relaxed);
        }
    }

    /// After a change of what is taken: lets in whom there is room for, and unlocks.
    pub(super) fn settle(&self, mut state: Careful<'_, M>, taken: u32) {
        self.taken().store(taken, Ordering::Release);
        state.snap = taken;
        let mut admitted = None;
        state.admit_all(taken, &mut admitted);
        self.note_crowd(&state);
        drop(state);
        wake(admitted);
    }

    /// Notes whom [`wake_consumer`](Self::wake_consumer) is to wake, while messages are not what is waited for, and what
    /// is; and lets in senders for whom the consumer has made room since it last locked.
    #[inline]
    pub(crate) fn suspend(&self, waker: &Waker, during: Piece) {
        let mut state = self.state.lock();
        state.idle = false;
        state.runs = false;
        state.during = during;
        let known = state.waker.as_ref().is_some_and(|old| old.will_wake(waker));
        // Most often it was suspended before, and nobody is in line. What it has taken since is of interest to senders who
        // find no room, and those look for themselves.
        if !known || state.normal.waiting() > 0 || self.crowded().load(Ordering::Relaxed) {
            self.suspend_with_care(Careful::new(state), waker, known);
        }
    }

    #[inline(never)]
    fn suspend_with_care(&self, state: Careful<'_, M>, waker: &Waker, known: bool) {
        self.settle(state, self.taken().load(Ordering::Acquire));
        if !known {
            let waker = waker.clone();
            let old = self.state.lock().waker.replace(waker);
            // Woken, not dropped: it may be that of a later incarnation, if this one was left behind and yields at last.
            old.into_iter().for_each(Waker::wake);
        }
    }

    /// Wakes the consumer's task whatever it is doing: something other than a message came for it.
    pub(crate) fn wake_consumer(&self) {
        let mut state = self.state.lock();
        state.idle = false;
        let waker = state.waker.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }
}
