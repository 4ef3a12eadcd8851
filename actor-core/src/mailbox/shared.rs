//! The mailbox as its senders see it: who is let in, who waits, who is turned away.

use std::task::{Context, Poll, Waker};

use super::{
    MailboxStats, Overflow, Priority,
    lane::{Ticket, count},
    policy::Decision,
    queue::{Lock, Ring},
    state::{Accepted, Careful, Offer, Refused, Sent, State, taken_once},
};
use crate::{
    piece::Piece,
    sync::{AtomicBool, AtomicU32, LOOKS, Ordering, spin},
    wake::Woken,
};

pub(crate) struct Mailbox<M> {
    pub(super) state: Lock<State<M>>,
}

/// Where the consumer stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Glance {
    /// Messages that wait to be begun.
    pub(crate) len: usize,
    /// What it is suspended in, other than waiting for messages.
    pub(crate) during: Option<Piece>,
    /// There is nothing that it could do.
    pub(crate) parked: bool,
}

/// A send's place in line.
pub(crate) type Place = Ticket;

/// Messages that nobody will handle.
pub(crate) type Left<M> = Ring<M>;

/// What has become of a place in line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Waits,
    /// It waits, and is about to be told that the mailbox is closed.
    TurnedAway,
    /// Let in, or given up.
    Gone,
}

impl<M> Mailbox<M> {
    pub(crate) fn new(capacity: usize, overflow: Overflow) -> Self {
        Mailbox { state: Lock::new(State::new(count(capacity.max(1)), overflow)) }
    }

    // ── what is looked at without the lock

    /// Messages that the consumer has taken out and not begun; they count as queued. Written by the consumer alone.
    #[inline]
    pub(super) fn taken(&self) -> &AtomicU32 {
        &self.state.number
    }

    /// Whether somebody may wait for room. Written under the lock; a hint outside of it, since the consumer locks before
    /// it is suspended and sees for certain then.
    #[inline]
    pub(super) fn crowded(&self) -> &AtomicBool {
        let [crowded, _] = &self.state.hints;
        crowded
    }

    /// Whether there are urgent messages, so that the consumer need not lock to see that there are none.
    #[inline]
    pub(super) fn urgent(&self) -> &AtomicBool {
        let [_, urgent] = &self.state.hints;
        urgent
    }

    // ── sending

    /// Changes capacity or policy. For a mailbox that nobody sends to yet: it takes nothing out of one that is fuller.
    pub(crate) fn configure(&self, capacity: Option<usize>, overflow: Option<Overflow>) {
        let mut state = self.lock();
        if let Some(capacity) = capacity {
            state.normal.set_capacity(count(capacity.max(1)));
        }
        state.overflow = overflow.unwrap_or(state.overflow);
        let mut admitted = None;
        state.normal.admit_all(self.taken().load(Ordering::Acquire), &mut admitted);
        drop(state);
        wake(admitted);
    }

    pub(super) fn lock(&self) -> Careful<'_, M> {
        Careful::new(self.state.lock())
    }

    /// Puts a message into the normal lane if that takes no decision: the mailbox is open, nobody waits and there is room
    /// for certain. `false` leaves everything as it was.
    #[inline]
    pub(crate) fn send_at_once(&self, message: &mut Option<M>) -> bool {
        let mut state = self.state.lock();
        if state.free == 0 || !state.normal.push_known(message) {
            return false;
        }
        state.free -= 1;
        let waker = state.message_came();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }

    /// Puts a message in, or leaves it where it is; never waits.
    pub(crate) fn try_send(&self, message: &mut Option<M>, priority: Priority) -> Sent {
        let mut state = self.lock_for(priority);
        match state.offer(message, priority, false) {
            Offer::Decided(sent) => self.unlock(state, priority, sent),
            Offer::MustWait => Err(Refused::Full),
        }
    }

    /// Puts `message` in, or waits for room, as often as it is polled. The message leaves the option when it is in or
    /// in line; one that is refused is back in it.
    pub(crate) fn poll_send(
        &self,
        place: &mut Option<Place>,
        message: &mut Option<M>,
        priority: Priority,
        cx: &mut Context<'_>,
    ) -> Poll<Sent> {
        if let Some(ticket) = *place {
            return self.poll_waiting(place, ticket, message, priority, cx);
        }
        let mut waker = None;
        loop {
            let mut state = self.lock_for(priority);
            if let Offer::Decided(sent) = state.offer(message, priority, true) {
                return Poll::Ready(self.unlock(state, priority, sent));
            }
            if let Some(waker) = waker.take() {
                let ticket = state.lane(priority).wait(taken_once(message), waker);
                *place = Some(ticket);
                self.crowded().store(true, Ordering::Relaxed);
                let runs = state.runs;
                drop(state);
                if runs && priority == Priority::Normal && self.is_let_in_shortly() {
                    return self.poll_waiting(place, ticket, message, priority, cx);
                }
                return Poll::Pending;
            }
            // The waker is cloned outside the lock; then room is looked for once more.
            drop(state);
            waker = Some(cx.waker().clone());
        }
    }

    /// Whether the line is empty within a moment. While the consumer runs on another thread, it is about to make room, and
    /// to look for it is cheaper than to put this thread to sleep and to have it woken.
    fn is_let_in_shortly(&self) -> bool {
        (0..LOOKS).any(|_| {
            spin();
            !self.crowded().load(Ordering::Relaxed)
        })
    }

    fn poll_waiting(
        &self,
        place: &mut Option<Place>,
        ticket: Ticket,
        message: &mut Option<M>,
        priority: Priority,
        cx: &mut Context<'_>,
    ) -> Poll<Sent> {
        let waker = cx.waker().clone();
        let mut state = self.lock();
        if state.closed {
            let left = state.lane(priority).leave(ticket);
            drop(state);
            *place = None;
            let Some((unsent, _waker)) = left else { return Poll::Ready(Ok(Accepted::Queued)) };
            *message = Some(unsent);
            return Poll::Ready(Err(Refused::Closed));
        }
        let old = state.lane(priority).still_waiting(ticket, waker);
        drop(state);
        if old.is_some() {
            return Poll::Pending;
        }
        *place = None;
        Poll::Ready(Ok(Accepted::Queued))
    }

    /// The lock, with what a message of this lane needs to be decided about: what the consumer has taken, and a buffer
    /// that has space if the lane has room. It grows outside of the lock, as it may take a while.
    fn lock_for(&self, priority: Priority) -> Careful<'_, M> {
        let mut state = self.lock();
        loop {
            if priority == Priority::Normal && !state.normal.has_room(state.snap) {
                state.snap = self.taken().load(Ordering::Acquire);
            }
            if state.closed {
                return state;
            }
            let taken = state.snap(priority);
            let Some(size) = state.lane(priority).short_of(taken) else { return state };
            drop(state);
            let larger = Ring::with_room(size);
            state = self.lock();
            let old = state.lane(priority).adopt(larger);
            if old.has_space() {
                drop(state);
                drop(old);
                state = self.lock();
            }
        }
    }

    /// Notes what has changed, unlocks, then wakes the consumer if a message came for it.
    fn unlock(&self, mut state: Careful<'_, M>, priority: Priority, sent: Sent) -> Sent {
        if priority == Priority::Urgent {
            self.note_urgent(&state);
        }
        let waker = if sent.is_ok() { state.message_came() } else { None };
        drop(state);
        waker.into_iter().for_each(Waker::wake);
        sent
    }

    /// Leaves the line; gives the message back unless it was taken already.
    pub(crate) fn leave(&self, place: &mut Option<Place>, priority: Priority) -> Option<M> {
        let ticket = place.take()?;
        let mut state = self.lock();
        let left = state.lane(priority).leave(ticket);
        drop(state);
        left.map(|(message, _waker)| message)
    }

    /// Whether who has this place in line still waits.
    pub(crate) fn standing(&self, number: u64, priority: Priority) -> Standing {
        let state = self.state.lock();
        let lane = if priority == Priority::Normal { Some(&state.normal) } else { state.normal.urgent() };
        match lane.is_some_and(|lane| lane.has_in_line(number)) {
            true if state.closed => Standing::TurnedAway,
            true => Standing::Waits,
            false => Standing::Gone,
        }
    }

    /// Whether a message that is sent now would be taken, at once or after a wait.
    pub(crate) fn would_take(&self, priority: Priority) -> bool {
        let mut state = self.lock();
        let taken = if priority == Priority::Normal { self.taken().load(Ordering::Acquire) } else { 0 };
        let full = state.overflow.decide(true);
        let taken_when_full = matches!(full, Decision::Wait | Decision::DropOldest);
        !state.closed && (taken_when_full || state.lane(priority).has_room(taken))
    }

    pub(super) fn note_urgent(&self, state: &State<M>) {
        self.urgent().store(state.normal.urgent().is_some_and(|lane| lane.len() > 0), Ordering::Release);
    }

    // ── open and closed

    /// Takes no more messages. What is queued stays; who waits for room gets its message back.
    #[cfg(test)]
    pub(crate) fn close(&self) {
        self.shut().into_iter().for_each(Waker::wake);
    }

    /// As [`close`](Self::close), but leaves it to the caller to wake those who wait.
    #[must_use = "who waits for room does not know that the mailbox is closed until he is woken"]
    pub(crate) fn shut(&self) -> Vec<Waker> {
        let mut state = self.lock();
        state.closed = true;
        state.wakers()
    }

    /// Takes messages again, and lets in who has not been polled while it was closed and so is still in line.
    pub(crate) fn open(&self) {
        let mut state = self.lock();
        state.closed = false;
        let mut admitted = None;
        if let Some(urgent) = state.normal.urgent_mut() {
            urgent.admit_all(0, &mut admitted);
        }
        self.note_urgent(&state);
        self.settle(state, self.taken().load(Ordering::Acquire));
        wake(admitted);
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.state.lock().closed
    }

    /// Takes no more messages and gives up those that are queued. For when there is no consumer.
    pub(crate) fn finish(&self) -> Left<M> {
        let mut state = self.lock();
        state.closed = true;
        let waiting = state.wakers();
        let left = state.take_all();
        self.note_urgent(&state);
        drop(state);
        waiting.into_iter().for_each(Waker::wake);
        left
    }

    /// Takes everything that is queued. For when there is no consumer.
    pub(crate) fn take_all(&self) -> Left<M> {
        let mut state = self.lock();
        // The usual end of an actor: nothing is left.
        if state.len() == 0 && (state.closed || state.waiting() == 0) {
            return Left::default();
        }
        let all = state.take_all();
        let mut admitted = None;
        state.admit_all(0, &mut admitted);
        if !state.closed
            && let Some(urgent) = state.normal.urgent_mut()
        {
            urgent.admit_all(0, &mut admitted);
        }
        self.note_urgent(&state);
        drop(state);
        wake(admitted);
        all
    }

    // ── looks

    /// How many messages wait to be begun.
    pub(crate) fn len(&self) -> usize {
        self.state.lock().len() + self.taken().load(Ordering::Acquire) as usize
    }

    /// Whether its policy drops messages that are queued.
    pub(crate) fn drops_queued(&self) -> bool {
        self.state.lock().overflow == Overflow::DropOldest
    }

    pub(crate) fn glance(&self) -> Glance {
        let state = self.state.lock();
        let (idle, during) = (state.idle, state.during);
        let len = state.len() + self.taken().load(Ordering::Acquire) as usize;
        Glance { len, during: (!idle && !during.is_idle()).then_some(during), parked: idle && len == 0 }
    }

    pub(crate) fn stats(&self) -> MailboxStats {
        let state = self.lock();
        MailboxStats {
            len: state.len() + self.taken().load(Ordering::Acquire) as usize,
            capacity: state.normal.capacity() as usize,
            high_water: state.normal.high_water() as usize,
            waiting: state.waiting(),
        }
    }
}

pub(super) fn wake(woken: Option<Woken>) {
    if let Some(woken) = woken {
        woken.wake();
    }
}
