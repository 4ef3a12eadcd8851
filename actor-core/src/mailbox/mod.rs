//! The bounded mailbox: a FIFO with backpressure, generic over the message and over nothing else.
//!
//! * `lane`: one queue with its capacity and the senders that wait for room.
//! * `policy`: what happens to a message for which there is no room.
//! * `state`: what the lock guards.
//! * `shared`: the senders' side. `consumer`: the other, and who wakes whom. `inbox`: what the consumer has taken.
//! * `queue`: a lock and a ring buffer.
//!
//! Rules that hold at every moment (`tests` and `loom` check them):
//!
//! 1. A lane never holds more messages than its capacity, those counted that the consumer has taken and not begun.
//! 2. A newcomer goes straight in only if nobody waits: waiting senders are served in the order they came.
//! 3. While a sender waits, its lane is full or the consumer is in the middle of a batch, and it lets the sender in
//!    before it is suspended: so the consumer is never parked while a sender is.
//! 4. A message is in exactly one place: with its sender, on the wait list, in the lane, or with the consumer; every
//!    move between them is one locked step. A cancelled send has happened entirely or not at all.
//! 5. No foreign code (drop of a message, clone, drop or wake of a waker) runs under the lock. `wakers` of a closing
//!    lane is the exception: it clones them.

mod consumer;
mod inbox;
mod lane;
mod policy;
mod queue;
mod shared;
mod state;

#[cfg(all(test, actor_loom))]
mod loom;
#[cfg(all(test, not(actor_loom)))]
mod tests;

pub(crate) use inbox::{Inbox, Taken};
pub use policy::Overflow;
pub(crate) use shared::{Glance, Left, Mailbox, Place, Standing};
pub(crate) use state::{Accepted, Refused};

/// Which lane a message takes.
///
/// A whole word: a send moves once before it is polled, and a byte beside its words would be copied in pieces of another
/// size than it was written in, which stalls the processor for as long as all the rest takes.
#[repr(usize)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Priority {
    #[default]
    Normal,
    /// Served first, within a bound.
    Urgent,
}

/// A look at a mailbox. A snapshot: by the time it is read it may be out of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct MailboxStats {
    /// Messages that wait for the actor, both lanes together.
    pub len: usize,
    /// How many messages the normal lane holds at most.
    pub capacity: usize,
    /// The most messages that the normal lane ever held.
    pub high_water: usize,
    /// Senders that wait for room.
    pub waiting: usize,
}
