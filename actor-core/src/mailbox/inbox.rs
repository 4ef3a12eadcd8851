//! The consumer's side of a mailbox: it takes all that is queued at once and hands it out one by one.
//!
//! So a burst of messages costs the consumer one lock. What it holds still counts as queued (`taken`), so the capacity
//! is strict; and what it has not begun goes back to the front of the queue when it ends, for the next incarnation.

use std::task::{Context, Poll};

use super::{Mailbox, queue::Ring};

pub(crate) struct Inbox<'a, M> {
    mailbox: &'a Mailbox<M>,
    batch: Ring<M>,
    /// A message was taken and has not been handled to its end.
    pub(crate) in_hand: bool,
}

impl<'a, M> Inbox<'a, M> {
    /// There must be one at a time.
    pub(crate) fn new(mailbox: &'a Mailbox<M>) -> Self {
        Inbox { mailbox, batch: Ring::default(), in_hand: false }
    }

    /// Whether the batch has a message and no urgent one is to go before it.
    #[inline]
    pub(crate) fn is_at_hand(&self) -> bool {
        !self.batch.is_empty() && !self.mailbox.has_urgent()
    }

    /// The message that [`take`](Self::take) gives.
    #[inline]
    pub(crate) fn front(&self) -> Option<&M> {
        self.batch.front()
    }

    /// Whether there is a message; it is then the next that [`take`](Self::take) gives.
    ///
    /// Looking and taking are two steps, so that a message moves once: from the batch into its handler.
    #[inline]
    pub(crate) fn has_next(&mut self) -> bool {
        self.has_urgent_next() || !self.batch.is_empty() || self.mailbox.refill(&mut self.batch)
    }

    /// As [`has_next`](Self::has_next); parks the consumer where there is none.
    #[inline]
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.has_urgent_next() || !self.batch.is_empty() {
            return Poll::Ready(());
        }
        // Cloned before the lock is taken, where a clone may run anything.
        let waker = cx.waker().clone();
        if self.mailbox.refill_or_park(&mut self.batch, waker) { Poll::Ready(()) } else { Poll::Pending }
    }

    #[inline]
    fn has_urgent_next(&mut self) -> bool {
        let Some(urgent) = self.mailbox.pop_urgent(!self.batch.is_empty()) else { return false };
        self.batch.push_front(urgent);
        true
    }

    /// The message that was found.
    #[inline]
    pub(crate) fn take(&mut self) -> Option<M> {
        let message = self.batch.pop();
        self.in_hand = true;
        self.mailbox.took(self.batch.len());
        message
    }
}

impl<M> Drop for Inbox<'_, M> {
    fn drop(&mut self) {
        if !self.batch.is_empty() {
            self.mailbox.put_back(&mut self.batch);
        }
    }
}
