//! What the lock of a mailbox guards: lanes, consumer, policy, and the one count that most sends need to look at.

use std::{
    ops::{Deref, DerefMut},
    task::Waker,
};

use super::{
    Overflow, Priority,
    lane::Lane,
    policy::Decision,
    queue::{Held, Ring},
};
use crate::{piece::Piece, wake::Woken};

pub(super) struct State<M> {
    /// The normal lane, and in it the urgent one.
    pub(super) normal: Lane<M>,
    /// The consumer's task, whenever it is suspended, for whatever reason.
    pub(super) waker: Option<Waker>,
    /// What the consumer was last suspended in since it took messages out.
    pub(super) during: Piece,
    /// So many sends may put their message into the normal lane and look at nothing else: it is open, nobody waits, there
    /// is room for certain, and the buffer has the space. Counted anew after everything but such a send.
    pub(super) free: u32,
    /// The last that senders have seen of what the consumer has taken. That only shrinks between two refills, so this is
    /// never too low.
    pub(super) snap: u32,
    pub(super) urgent_run: u8,
    pub(super) overflow: Overflow,
    pub(super) closed: bool,
    /// The consumer found nothing to do: the next message must wake it. `false` while a handler is suspended.
    pub(super) idle: bool,
    /// The consumer has taken messages and is not suspended since: some thread is in its code.
    pub(super) runs: bool,
}

/// What an idle actor's mailbox costs. Its lock has eight bytes more.
#[cfg(all(target_pointer_width = "64", not(actor_loom)))]
const _: () = assert!(size_of::<State<u64>>() <= 80);

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

/// How a send ended.
pub(crate) type Sent = Result<Accepted, Refused>;

pub(super) enum Offer {
    Decided(Sent),
    MustWait,
}

/// The lock, for everything but a send that takes no decision and a refill that meets nobody: when it is given back,
/// `free` is right again.
pub(super) struct Careful<'a, M>(Held<'a, State<M>>);

impl<'a, M> Careful<'a, M> {
    pub(super) fn new(mut held: Held<'a, State<M>>) -> Self {
        held.note_high_water();
        Careful(held)
    }
}

impl<M> Deref for Careful<'_, M> {
    type Target = State<M>;

    fn deref(&self) -> &State<M> {
        &self.0
    }
}

impl<M> DerefMut for Careful<'_, M> {
    fn deref_mut(&mut self) -> &mut State<M> {
        &mut self.0
    }
}

impl<M> Drop for Careful<'_, M> {
    fn drop(&mut self) {
        self.0.count_free();
    }
}

/// The message that a send still holds.
pub(super) fn taken_once<M>(message: &mut Option<M>) -> M {
    let Some(message) = message.take() else { panic!("a send was polled again after it had completed") };
    message
}

impl<M> State<M> {
    pub(super) fn new(capacity: u32, overflow: Overflow) -> Self {
        State {
            normal: Lane::new(capacity),
            waker: None,
            during: Piece::IDLE,
            // There is no buffer yet.
            free: 0,
            snap: 0,
            urgent_run: 0,
            overflow,
            closed: false,
            idle: false,
            runs: false,
        }
    }

    /// A message came: whom that wakes.
    #[inline]
    pub(super) fn message_came(&mut self) -> Option<Waker> {
        if !std::mem::take(&mut self.idle) {
            return None;
        }
        self.waker.take()
    }

    /// Nobody waits in the normal lane and nothing is to be chosen there: most looks of a consumer are like this.
    #[inline]
    pub(super) fn is_plain(&self) -> bool {
        self.normal.waiting() == 0 && self.overflow != Overflow::DropOldest
    }

    #[inline]
    pub(super) fn note_high_water(&mut self) {
        self.normal.note_high_water(self.snap);
    }

    #[inline]
    pub(super) fn count_free(&mut self) {
        self.free = if self.closed { 0 } else { self.normal.free(self.snap) };
    }

    pub(super) fn lane(&mut self, priority: Priority) -> &mut Lane<M> {
        match priority {
            Priority::Normal => &mut self.normal,
            Priority::Urgent => self.normal.urgent_made(),
        }
    }

    /// What the consumer has of the messages of this lane, as senders know it.
    pub(super) fn snap(&self, priority: Priority) -> u32 {
        if priority == Priority::Normal { self.snap } else { 0 }
    }

    /// The oldest urgent message, and the waker of the sender whose message takes its place.
    pub(super) fn next_urgent(&mut self) -> Option<(M, Option<Waker>)> {
        let closed = self.closed;
        let lane = self.normal.urgent_mut()?;
        let message = lane.pop()?;
        // Who waits while the mailbox closes was not accepted, and leaves with its message.
        let admitted = if closed { None } else { lane.admit(0) };
        Some((message, admitted))
    }

    /// Lets everyone into the normal lane for whom there is room. Who waits while the mailbox closes was not accepted.
    pub(super) fn admit_all(&mut self, taken: u32, woken: &mut Option<Woken>) {
        if !self.closed {
            self.normal.admit_all(taken, woken);
        }
    }

    /// Everything that is queued, urgent messages first.
    pub(super) fn take_all(&mut self) -> Ring<M> {
        let mut all = self.normal.take_all();
        if let Some(urgent) = self.normal.urgent_mut() {
            let mut first = urgent.take_all();
            first.append(&mut all);
            all = first;
        }
        all
    }

    /// The wakers of all who wait for room.
    pub(super) fn wakers(&self) -> Vec<Waker> {
        let mut waiting = self.normal.wakers();
        if let Some(urgent) = self.normal.urgent() {
            waiting.extend(urgent.wakers());
        }
        waiting
    }

    pub(super) fn waiting(&self) -> usize {
        self.normal.waiting() + self.normal.urgent().map_or(0, Lane::waiting)
    }

    pub(super) fn len(&self) -> usize {
        self.normal.len() + self.normal.urgent().map_or(0, Lane::len)
    }

    /// Decides about a message, for which `snap` is as new as it can be. It leaves the option only if it is let in; one
    /// that is dropped for it takes its place.
    pub(super) fn offer(&mut self, message: &mut Option<M>, priority: Priority, willing_to_wait: bool) -> Offer {
        if self.closed {
            return Offer::Decided(Err(Refused::Closed));
        }
        let (overflow, taken) = (self.overflow, self.snap(priority));
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
        Offer::Decided(sent)
    }
}
