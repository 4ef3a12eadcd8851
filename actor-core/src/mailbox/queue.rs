//! The lock around the lanes, and who wakes whom.

use std::{
    collections::VecDeque,
    task::{Context, Poll, Waker},
};

use super::{
    MailboxStats, Overflow, Priority,
    lane::{Lane, Ticket, count},
    policy::Decision,
};
use crate::{
    sync::{AtomicBool, AtomicU32, Mutex, MutexGuard, Ordering, lock},
    wake::Woken,
};

/// How many urgent messages may run in a row while normal ones wait.
const URGENT_RUN: u8 = 16;

/// How often, in messages, the consumer looks for senders that wait while it is in the middle of a batch.
const LET_IN_EVERY: u32 = 32;

pub(crate) struct Mailbox<M> {
    state: Mutex<State<M>>,
    /// Messages that the consumer has taken out and not begun; they count as queued. Written by the consumer alone.
    taken: AtomicU32,
    /// Whether somebody may wait for room. Written under the lock; a hint outside of it, since the consumer locks before
    /// it is suspended and sees for certain then.
    crowded: AtomicBool,
    /// Messages in the urgent lane, so that the consumer need not lock to see that there are none.
    urgent: AtomicU32,
}

struct State<M> {
    normal: Lane<M>,
    /// Made by the first urgent message, with the normal lane's capacity.
    urgent: Option<Box<Lane<M>>>,
    consumer: Consumer,
    /// The last that senders have seen of `taken`. It only shrinks between two refills, so this is never too low.
    snap: u32,
    urgent_run: u8,
    overflow: Overflow,
    closed: bool,
}

/// The consumer's side of the bargain: who has to wake it, and how.
#[derive(Default)]
struct Consumer {
    /// It found nothing to do: the next message must wake it. `false` while a handler is suspended.
    idle: bool,
    /// Its task, whenever it is suspended, for whatever reason.
    waker: Option<Waker>,
    /// What it was last suspended in since it took messages out; empty if that is nothing.
    during: &'static str,
}

/// Where the consumer stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Glance {
    /// Messages that wait to be begun.
    pub(crate) len: usize,
    /// What it is suspended in, other than waiting for messages.
    pub(crate) during: Option<&'static str>,
    /// There is nothing that it could do.
    pub(crate) parked: bool,
}

impl Consumer {
    fn message_came(&mut self) -> Option<Waker> {
        if !std::mem::take(&mut self.idle) {
            return None;
        }
        self.waker.take()
    }
}

/// How a message was taken.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Accepted {
    Queued,
    /// There was no room, and the policy dropped a message: the arriving one or an older one. It is where the arriving
    /// one was.
    Dropped,
}

/// Why a message was not taken. It is where it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Full,
    Closed,
}

/// A send's place in line.
pub(crate) type Place = Ticket;

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
        Mailbox {
            state: Mutex::new(State {
                normal: Lane::new(count(capacity.max(1))),
                urgent: None,
                urgent_run: 0,
                overflow,
                closed: false,
                snap: 0,
                consumer: Consumer::default(),
            }),
            taken: AtomicU32::new(0),
            crowded: AtomicBool::new(false),
            urgent: AtomicU32::new(0),
        }
    }

    /// Changes capacity or policy. For a mailbox that nobody sends to yet: it takes nothing out of one that is fuller.
    pub(crate) fn configure(&self, capacity: Option<usize>, overflow: Option<Overflow>) {
        let mut state = lock(&self.state);
        if let Some(capacity) = capacity {
            state.normal.set_capacity(count(capacity.max(1)));
        }
        state.overflow = overflow.unwrap_or(state.overflow);
        let mut admitted = None;
        state.normal.admit_all(self.taken.load(Ordering::Acquire), &mut admitted);
        drop(state);
        wake(admitted);
    }

    /// Puts a message into the normal lane if that takes no decision: the mailbox is open, nobody waits and there is room
    /// for certain. `false` leaves everything as it was.
    #[inline]
    pub(crate) fn send_at_once(&self, message: &mut Option<M>) -> bool {
        let mut state = lock(&self.state);
        let taken = state.snap;
        if state.closed || !state.normal.has_room(taken) {
            return false;
        }
        let Some(sent) = message.take() else { return false };
        state.normal.push(sent, taken);
        let waker = state.consumer.message_came();
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
        true
    }

    /// Puts a message in, or leaves it where it is; never waits.
    pub(crate) fn try_send(&self, message: &mut Option<M>, priority: Priority) -> Sent {
        let mut state = lock(&self.state);
        match state.offer(self, message, priority, false) {
            Offer::Decided(sent) => unlock(state, sent),
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
            let mut state = lock(&self.state);
            if let Offer::Decided(sent) = state.offer(self, message, priority, true) {
                return Poll::Ready(unlock(state, sent));
            }
            if let Some(waker) = waker.take() {
                *place = Some(state.lane(priority).wait(taken_once(message), waker));
                self.crowded.store(true, Ordering::Relaxed);
                return Poll::Pending;
            }
            // The waker is cloned outside the lock; then room is looked for once more.
            drop(state);
            waker = Some(cx.waker().clone());
        }
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
        let mut state = lock(&self.state);
        if state.closed {
            *message = state.lane(priority).leave(ticket);
            drop(state);
            *place = None;
            return Poll::Ready(if message.is_some() { Err(Refused::Closed) } else { Ok(Accepted::Queued) });
        }
        let old = state.lane(priority).still_waiting(ticket, waker);
        drop(state);
        if old.is_some() {
            return Poll::Pending;
        }
        *place = None;
        Poll::Ready(Ok(Accepted::Queued))
    }

    /// Leaves the line; gives the message back unless it was taken already.
    pub(crate) fn leave(&self, place: &mut Option<Place>, priority: Priority) -> Option<M> {
        let ticket = place.take()?;
        lock(&self.state).lane(priority).leave(ticket)
    }

    /// Whether who has this place in line still waits.
    pub(crate) fn standing(&self, number: u64, priority: Priority) -> Standing {
        let state = lock(&self.state);
        let lane = if priority == Priority::Normal { Some(&state.normal) } else { state.urgent.as_deref() };
        match lane.is_some_and(|lane| lane.has_in_line(number)) {
            true if state.closed => Standing::TurnedAway,
            true => Standing::Waits,
            false => Standing::Gone,
        }
    }

    /// Whether a message that is sent now would be taken, at once or after a wait.
    pub(crate) fn would_take(&self, priority: Priority) -> bool {
        let mut state = lock(&self.state);
        let taken = if priority == Priority::Normal { self.taken.load(Ordering::Acquire) } else { 0 };
        let full = state.overflow.decide(true);
        let taken_when_full = matches!(full, Decision::Wait | Decision::DropOldest);
        !state.closed && (taken_when_full || state.lane(priority).has_room(taken))
    }

    // ── the consumer's side; see `Inbox`

    #[inline]
    pub(super) fn has_urgent(&self) -> bool {
        self.urgent.load(Ordering::Acquire) > 0
    }

    /// An urgent message, if there is one and normal ones have had their turn.
    #[inline]
    pub(super) fn pop_urgent(&self, normal_waits: bool) -> Option<M> {
        if self.has_urgent() { self.pop_urgent_locked(normal_waits) } else { None }
    }

    #[cold]
    fn pop_urgent_locked(&self, normal_waits: bool) -> Option<M> {
        let mut state = lock(&self.state);
        let normal_waits = normal_waits || state.normal.len() > 0;
        if state.urgent_run >= URGENT_RUN && normal_waits {
            state.urgent_run = 0;
            return None;
        }
        let (message, admitted) = state.next_urgent(self)?;
        state.urgent_run = state.urgent_run.saturating_add(1);
        drop(state);
        wake_all(admitted);
        Some(message)
    }

    /// Fills the consumer's empty batch and says whether there was anything; if there was not, and the consumer has left
    /// a waker, it is parked until a message comes. Both in one locked step: nothing comes in between.
    pub(super) fn refill(&self, batch: &mut VecDeque<M>, waker: Option<Waker>) -> bool {
        let mut state = lock(&self.state);
        state.consumer.during = "";
        // Nobody waits, nothing is to be chosen: most refills are like this.
        let plain = state.normal.waiting() == 0 && state.overflow != Overflow::DropOldest;
        if plain && state.normal.len() > 0 {
            state.normal.swap(batch);
            let taken = count(batch.len() - 1);
            state.snap = taken;
            self.taken.store(taken, Ordering::Release);
            drop(state);
            return true;
        }
        if plain && state.urgent.is_none() && waker.is_some() {
            state.snap = 0;
            self.taken.store(0, Ordering::Release);
            state.consumer.idle = true;
            let old = std::mem::replace(&mut state.consumer.waker, waker);
            drop(state);
            drop(old);
            return false;
        }
        self.refill_with_care(state, batch, waker)
    }

    #[cold]
    fn refill_with_care(
        &self,
        mut state: MutexGuard<'_, State<M>>,
        batch: &mut VecDeque<M>,
        waker: Option<Waker>,
    ) -> bool {
        // Nothing is taken now, so there may be room for some who wait.
        self.taken.store(0, Ordering::Release);
        state.snap = 0;
        let mut admitted = None;
        state.admit_all(0, &mut admitted);
        if state.overflow == Overflow::DropOldest {
            // What is taken can no longer be dropped, so no more is taken than is handled.
            batch.extend(state.normal.pop());
        } else {
            state.normal.swap(batch);
        }
        let mut unused = waker;
        if batch.is_empty() {
            if let Some((message, woken)) = state.next_urgent(self) {
                batch.push_back(message);
                if let Some(waker) = woken {
                    admitted.get_or_insert_default().push(waker);
                }
            } else if unused.is_some() {
                state.consumer.idle = true;
                unused = std::mem::replace(&mut state.consumer.waker, unused);
            }
        } else {
            // The first of the batch is about to begin; the others count as queued.
            let taken = count(batch.len() - 1);
            if taken > 0 {
                self.taken.store(taken, Ordering::Release);
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
        self.taken.store(left, Ordering::Release);
        if left.is_multiple_of(LET_IN_EVERY) && self.crowded.load(Ordering::Relaxed) {
            self.settle(lock(&self.state), left);
        }
    }

    /// Puts back what the consumer has not begun.
    pub(super) fn put_back(&self, batch: &mut VecDeque<M>) {
        let mut state = lock(&self.state);
        state.normal.put_back(batch);
        // A later incarnation may be there already, and parked, if this one was left behind.
        let waker = state.consumer.message_came();
        self.settle(state, 0);
        waker.into_iter().for_each(Waker::wake);
    }

    fn note_crowd(&self, state: &State<M>) {
        let crowded = state.normal.waiting() > 0;
        if self.crowded.load(Ordering::Relaxed) != crowded {
            self.crowded.store(crowded, Ordering::Relaxed);
        }
    }

    /// After a change of what is taken: lets in whom there is room for, and unlocks.
    fn settle(&self, mut state: MutexGuard<'_, State<M>>, taken: u32) {
        self.taken.store(taken, Ordering::Release);
        state.snap = taken;
        let mut admitted = None;
        state.admit_all(taken, &mut admitted);
        self.note_crowd(&state);
        drop(state);
        wake(admitted);
    }

    /// Notes whom [`wake_consumer`](Self::wake_consumer) is to wake, while messages are not what is waited for, and what
    /// is; and lets in senders for whom the consumer has made room since it last locked.
    pub(crate) fn suspend(&self, waker: &Waker, during: &'static str) {
        let mut state = lock(&self.state);
        state.consumer.idle = false;
        state.consumer.during = during;
        let known = state.consumer.waker.as_ref().is_some_and(|old| old.will_wake(waker));
        self.settle(state, self.taken.load(Ordering::Acquire));
        if !known {
            let waker = waker.clone();
            let old = lock(&self.state).consumer.waker.replace(waker);
            // Woken, not dropped: it may be that of a later incarnation, if this one was left behind and yields at last.
            old.into_iter().for_each(Waker::wake);
        }
    }

    /// Wakes the consumer's task whatever it is doing: something other than a message came for it.
    pub(crate) fn wake_consumer(&self) {
        let mut state = lock(&self.state);
        state.consumer.idle = false;
        let waker = state.consumer.waker.take();
        drop(state);
        waker.into_iter().for_each(Waker::wake);
    }

    /// Takes no more messages. What is queued stays; who waits for room gets its message back.
    #[cfg(test)]
    pub(crate) fn close(&self) {
        self.shut().into_iter().for_each(Waker::wake);
    }

    /// As [`close`](Self::close), but leaves it to the caller to wake those who wait.
    #[must_use = "who waits for room does not know that the mailbox is closed until he is woken"]
    pub(crate) fn shut(&self) -> Vec<Waker> {
        let mut state = lock(&self.state);
        state.closed = true;
        state.wakers()
    }

    /// Takes messages again, and lets in who has not been polled while it was closed and so is still in line.
    pub(crate) fn open(&self) {
        let mut state = lock(&self.state);
        state.closed = false;
        let mut admitted = None;
        if let Some(urgent) = &mut state.urgent {
            urgent.admit_all(0, &mut admitted);
        }
        self.urgent.store(state.urgent.as_ref().map_or(0, |lane| count(lane.len())), Ordering::Release);
        self.settle(state, self.taken.load(Ordering::Acquire));
        wake(admitted);
    }

    pub(crate) fn is_closed(&self) -> bool {
        lock(&self.state).closed
    }

    /// Takes no more messages and gives up those that are queued. For when there is no consumer.
    pub(crate) fn finish(&self) -> VecDeque<M> {
        let mut state = lock(&self.state);
        state.closed = true;
        let waiting = state.wakers();
        let left = state.take_all();
        self.urgent.store(0, Ordering::Release);
        drop(state);
        wake_all(waiting);
        left
    }

    /// How many messages wait to be begun.
    pub(crate) fn len(&self) -> usize {
        lock(&self.state).len() + self.taken.load(Ordering::Acquire) as usize
    }

    /// Takes everything that is queued. For when there is no consumer.
    pub(crate) fn take_all(&self) -> VecDeque<M> {
        let mut state = lock(&self.state);
        // The usual end of an actor: nothing is left.
        if state.len() == 0 && (state.closed || state.waiting() == 0) {
            return VecDeque::new();
        }
        let all = state.take_all();
        let mut admitted = None;
        state.admit_all(0, &mut admitted);
        if !state.closed
            && let Some(urgent) = &mut state.urgent
        {
            urgent.admit_all(0, &mut admitted);
        }
        self.urgent.store(state.urgent.as_ref().map_or(0, |lane| count(lane.len())), Ordering::Release);
        drop(state);
        wake(admitted);
        all
    }

    /// Whether its policy drops messages that are queued.
    pub(crate) fn drops_queued(&self) -> bool {
        lock(&self.state).overflow == Overflow::DropOldest
    }

    pub(crate) fn glance(&self) -> Glance {
        let state = lock(&self.state);
        let Consumer { idle, during, .. } = state.consumer;
        let len = state.len() + self.taken.load(Ordering::Acquire) as usize;
        Glance { len, during: (!idle && !during.is_empty()).then_some(during), parked: idle && len == 0 }
    }

    pub(crate) fn stats(&self) -> MailboxStats {
        let state = lock(&self.state);
        MailboxStats {
            len: state.len() + self.taken.load(Ordering::Acquire) as usize,
            capacity: state.normal.capacity() as usize,
            high_water: state.normal.high_water() as usize,
            waiting: state.waiting(),
        }
    }
}

fn wake(woken: Option<Woken>) {
    if let Some(woken) = woken {
        woken.wake();
    }
}

fn wake_all(wakers: impl IntoIterator<Item = Waker>) {
    wakers.into_iter().for_each(Waker::wake);
}

/// How a send ended.
pub(crate) type Sent = Result<Accepted, Refused>;

enum Offer {
    Decided(Sent),
    MustWait,
}

/// The message that a send still holds.
fn taken_once<M>(message: &mut Option<M>) -> M {
    let Some(message) = message.take() else { panic!("a send was polled again after it had completed") };
    message
}

impl<M> State<M> {
    fn lane(&mut self, priority: Priority) -> &mut Lane<M> {
        let capacity = self.normal.capacity();
        match priority {
            Priority::Normal => &mut self.normal,
            Priority::Urgent => self.urgent.get_or_insert_with(|| Box::new(Lane::new(capacity))),
        }
    }

    /// The oldest urgent message, and the waker of the sender whose message takes its place.
    fn next_urgent(&mut self, mailbox: &Mailbox<M>) -> Option<(M, Option<Waker>)> {
        let lane = self.urgent.as_mut()?;
        let message = lane.pop()?;
        // Who waits while the mailbox closes was not accepted, and leaves with its message.
        let admitted = if self.closed { None } else { lane.admit(0) };
        mailbox.urgent.store(count(lane.len()), Ordering::Release);
        Some((message, admitted))
    }

    /// Lets everyone into the normal lane for whom there is room. Who waits while the mailbox closes was not accepted.
    fn admit_all(&mut self, taken: u32, woken: &mut Option<Woken>) {
        if !self.closed {
            self.normal.admit_all(taken, woken);
        }
    }

    /// Everything that is queued, urgent messages first.
    fn take_all(&mut self) -> VecDeque<M> {
        let mut all = self.normal.take_all();
        if let Some(urgent) = &mut self.urgent {
            let mut first = urgent.take_all();
            first.append(&mut all);
            all = first;
        }
        all
    }

    /// The wakers of all who wait for room.
    fn wakers(&self) -> Vec<Waker> {
        let mut waiting = self.normal.wakers();
        if let Some(urgent) = &self.urgent {
            waiting.extend(urgent.wakers());
        }
        waiting
    }

    fn waiting(&self) -> usize {
        self.normal.waiting() + self.urgent.as_ref().map_or(0, |lane| lane.waiting())
    }

    fn len(&self) -> usize {
        self.normal.len() + self.urgent.as_ref().map_or(0, |lane| lane.len())
    }

    /// Decides about a message. It leaves the option only if it is let in; one that is dropped for it takes its place.
    fn offer(
        &mut self,
        mailbox: &Mailbox<M>,
        message: &mut Option<M>,
        priority: Priority,
        willing_to_wait: bool,
    ) -> Offer {
        if self.closed {
            return Offer::Decided(Err(Refused::Closed));
        }
        if priority == Priority::Normal && !self.normal.has_room(self.snap) {
            self.snap = mailbox.taken.load(Ordering::Acquire);
        }
        let (overflow, taken) = (self.overflow, if priority == Priority::Normal { self.snap } else { 0 });
        let lane = self.lane(priority);
        let sent = if lane.has_room(taken) {
            lane.push(taken_once(message), taken);
            Ok(Accepted::Queued)
        } else {
            match overflow.decide(willing_to_wait) {
                Decision::Wait => return Offer::MustWait,
                Decision::Refuse => Err(Refused::Full),
                Decision::DropArriving => Ok(Accepted::Dropped),
                Decision::DropOldest => {
                    let oldest = lane.pop();
                    lane.push(taken_once(message), taken);
                    *message = oldest;
                    Ok(if message.is_some() { Accepted::Dropped } else { Accepted::Queued })
                }
            }
        };
        if priority == Priority::Urgent {
            mailbox.urgent.store(count(lane.len()), Ordering::Release);
        }
        Offer::Decided(sent)
    }
}

/// Unlocks, then wakes the consumer if a message came for it.
fn unlock<M>(mut state: MutexGuard<'_, State<M>>, sent: Sent) -> Sent {
    let waker = if sent.is_ok() { state.consumer.message_came() } else { None };
    drop(state);
    waker.into_iter().for_each(Waker::wake);
    sent
}
