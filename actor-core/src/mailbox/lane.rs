//! One FIFO of messages with a capacity, and the senders that wait for room in it.
//!
//! Plain data: the lock around it is in `queue`. What a method gives back (wakers, messages) is woken or dropped by
//! the caller after the unlock.

use std::{collections::VecDeque, num::NonZeroU64, task::Waker};

use super::queue::Ring;
use crate::wake::Woken;

/// A place in the wait list. Tickets grow, so the list is sorted by them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Ticket(NonZeroU64);

impl Ticket {
    /// The one with this number; `None` for zero, which is nobody's.
    pub(crate) fn new(number: u64) -> Option<Self> {
        NonZeroU64::new(number).map(Ticket)
    }

    /// Its number in the line.
    pub(crate) fn number(self) -> u64 {
        self.0.get()
    }
}

pub(super) struct Lane<M> {
    queue: Ring<M>,
    /// What most lanes never have.
    rare: Option<Box<Rare<M>>>,
    capacity: u32,
    high_water: u32,
}

struct Rare<M> {
    /// The senders that wait for room, in the order in which they came.
    waiting: VecDeque<Waiting<M>>,
    next_ticket: NonZeroU64,
    /// A lane for messages that go before all in this one.
    urgent: Option<Box<Lane<M>>>,
}

impl<M> Default for Rare<M> {
    fn default() -> Self {
        Rare { waiting: VecDeque::new(), next_ticket: NonZeroU64::MIN, urgent: None }
    }
}

/// A sender that waits. Its message waits *here*, so being admitted moves the message and needs no further step of
/// the sender: there is no granted place that a dropped future could waste.
struct Waiting<M> {
    ticket: Ticket,
    message: M,
    waker: Waker,
}

/// A number of messages, as a lane keeps it.
pub(super) fn count(messages: usize) -> u32 {
    u32::try_from(messages).unwrap_or(u32::MAX)
}

impl<M> Lane<M> {
    pub(super) fn new(capacity: u32) -> Self {
        Lane { queue: Ring::default(), rare: None, capacity, high_water: 0 }
    }

    #[inline]
    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn capacity(&self) -> u32 {
        self.capacity
    }

    pub(super) fn set_capacity(&mut self, capacity: u32) {
        self.capacity = capacity;
    }

    pub(super) fn high_water(&self) -> u32 {
        self.high_water
    }

    #[inline]
    pub(super) fn waiting(&self) -> usize {
        self.rare.as_ref().map_or(0, |rare| rare.waiting.len())
    }

    /// The lane that goes before this one, if there is one.
    #[inline]
    pub(super) fn urgent(&self) -> Option<&Lane<M>> {
        self.rare.as_ref()?.urgent.as_deref()
    }

    #[inline]
    pub(super) fn urgent_mut(&mut self) -> Option<&mut Lane<M>> {
        self.rare.as_mut()?.urgent.as_deref_mut()
    }

    /// Made by the first urgent message, with this lane's capacity.
    pub(super) fn urgent_made(&mut self) -> &mut Lane<M> {
        let capacity = self.capacity;
        self.rare.get_or_insert_default().urgent.get_or_insert_with(|| Box::new(Lane::new(capacity)))
    }

    /// How many messages there are with the `taken` ones that the consumer holds.
    #[inline]
    fn filled(&self, taken: u32) -> usize {
        self.queue.len() + taken as usize
    }

    /// Whether a newcomer may go straight in: there is room beside the `taken` messages that the consumer holds, and
    /// nobody came before.
    #[inline]
    pub(super) fn has_room(&self, taken: u32) -> bool {
        self.filled(taken) < self.capacity as usize && self.waiting() == 0
    }

    /// How many newcomers may go straight in, one after the other, without a look at anything else and without an
    /// allocation, until something else than [`push_known`](Self::push_known) is done here.
    #[inline]
    pub(super) fn free(&self, taken: u32) -> u32 {
        if self.waiting() > 0 {
            return 0;
        }
        count((self.capacity as usize).saturating_sub(self.filled(taken)).min(self.queue.room()))
    }

    /// Adds a message for which there is known to be room.
    #[inline]
    pub(super) fn push_known(&mut self, message: &mut Option<M>) -> bool {
        self.queue.push_from(message)
    }

    /// Notes how full it is, before that changes in any other way than by [`push_known`](Self::push_known).
    #[inline]
    pub(super) fn note_high_water(&mut self, taken: u32) {
        self.high_water = self.high_water.max(count(self.filled(taken)));
    }

    /// Adds a message. Grows the buffer if it has to, although the lock is held; see [`short_of`](Self::short_of).
    pub(super) fn push(&mut self, message: M, taken: u32) {
        self.queue.push(message);
        self.note_high_water(taken);
    }

    /// How large the next buffer has to be, if the next message does not fit into this one.
    pub(super) fn short_of(&self, taken: u32) -> Option<usize> {
        let full = self.queue.room() == 0 && self.has_room(taken);
        full.then(|| (2 * self.len()).min(self.capacity as usize).max(self.len() + 1))
    }

    /// Takes a larger buffer, made before the lock was taken; the old one is to be freed after it was given back.
    pub(super) fn adopt(&mut self, larger: Ring<M>) -> Ring<M> {
        if larger.room() > self.len() { self.queue.move_to(larger) } else { larger }
    }

    /// The oldest message; its place is free.
    pub(super) fn pop(&mut self) -> Option<M> {
        self.queue.pop()
    }

    /// Lets in the sender that has waited longest, if there is room beside the `taken` messages.
    pub(super) fn admit(&mut self, taken: u32) -> Option<Waker> {
        if self.filled(taken) >= self.capacity as usize {
            return None;
        }
        let Waiting { message, waker, .. } = self.rare.as_mut()?.waiting.pop_front()?;
        self.push(message, taken);
        Some(waker)
    }

    /// Lets in everyone there is room for.
    #[inline]
    pub(super) fn admit_all(&mut self, taken: u32, woken: &mut Option<Woken>) {
        // Most often nobody waits.
        if self.waiting() > 0 {
            while let Some(waker) = self.admit(taken) {
                woken.get_or_insert_default().push(waker);
            }
        }
    }

    /// Exchanges all messages for an empty buffer.
    #[inline]
    pub(super) fn swap(&mut self, empty: &mut Ring<M>) {
        std::mem::swap(&mut self.queue, empty);
    }

    /// Puts back, before all others, what was taken and not handled.
    pub(super) fn put_back(&mut self, taken: &mut Ring<M>) {
        taken.append(&mut self.queue);
        std::mem::swap(&mut self.queue, taken);
    }

    pub(super) fn wait(&mut self, message: M, waker: Waker) -> Ticket {
        let line = self.rare.get_or_insert_default();
        let ticket = Ticket(line.next_ticket);
        // One each nanosecond would last for centuries.
        line.next_ticket = line.next_ticket.saturating_add(1);
        line.waiting.push_back(Waiting { ticket, message, waker });
        ticket
    }

    /// Whether the ticket's sender still waits; renews its waker and gives back the old one.
    pub(super) fn still_waiting(&mut self, ticket: Ticket, waker: Waker) -> Option<Waker> {
        let at = self.find(ticket)?;
        let waiting = self.rare.as_mut()?.waiting.get_mut(at)?;
        Some(std::mem::replace(&mut waiting.waker, waker))
    }

    /// Whether the sender with the ticket of this number waits.
    pub(super) fn has_in_line(&self, number: u64) -> bool {
        NonZeroU64::new(number).is_some_and(|number| self.find(Ticket(number)).is_some())
    }

    /// Takes a sender off the list with its message; `None` if it was admitted already. The waker is for the caller to
    /// drop.
    pub(super) fn leave(&mut self, ticket: Ticket) -> Option<(M, Waker)> {
        let at = self.find(ticket)?;
        self.rare.as_mut()?.waiting.remove(at).map(|Waiting { message, waker, .. }| (message, waker))
    }

    fn find(&self, ticket: Ticket) -> Option<usize> {
        self.rare.as_ref()?.waiting.binary_search_by_key(&ticket, |waiting| waiting.ticket).ok()
    }

    /// The wakers of all who wait: they leave by themselves, each with its message.
    pub(super) fn wakers(&self) -> Vec<Waker> {
        if self.waiting() == 0 {
            return Vec::new();
        }
        self.rare.iter().flat_map(|rare| &rare.waiting).map(|waiting| waiting.waker.clone()).collect()
    }

    pub(super) fn take_all(&mut self) -> Ring<M> {
        std::mem::take(&mut self.queue)
    }
}
