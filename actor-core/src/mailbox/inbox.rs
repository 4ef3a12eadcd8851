//! The consumer's side of a mailbox: it takes all that is queued at once and hands it out one by one.
//!
//! So a burst of messages costs the consumer one lock. What it holds still counts as queued (`taken`), so the capacity
//! is strict; and what it has not begun goes back to the front of the queue when it ends, for the next incarnation.

use std::task::{Context, Poll};

use super::{Mailbox, queue::Ring};

/// What the consumer has taken and not begun. There must be one for a mailbox at a time, and it is
/// [given back](Taken::give_back) in the end.
pub(crate) struct Taken<M>(Ring<M>);

impl<M> Default for Taken<M> {
    fn default() -> Self {
        Taken(Ring::default())
    }
}

impl<M> Taken<M> {
    /// Whether there is a message at hand and no urgent one is to go before it.
    #[inline]
    pub(crate) fn is_at_hand(&self, mailbox: &Mailbox<M>) -> bool {
        !self.0.is_empty() && !mailbox.has_urgent()
    }

    /// The message that [`take`](Self::take) gives.
    #[inline]
    pub(crate) fn front(&self) -> Option<&M> {
        self.0.front()
    }

    /// Whether there is a message; it is then the next that [`take`](Self::take) gives.
    ///
    /// Looking and taking are two steps, so that a message moves once: from the batch into its handler.
    #[inline]
    pub(crate) fn has_next(&mut self, mailbox: &Mailbox<M>) -> bool {
        self.has_urgent_next(mailbox) || !self.0.is_empty() || mailbox.refill(&mut self.0)
    }

    /// As [`has_next`](Self::has_next); parks the consumer where there is none.
    #[inline]
    pub(crate) fn poll_next(&mut self, mailbox: &Mailbox<M>, cx: &mut Context<'_>) -> Poll<()> {
        if self.has_urgent_next(mailbox) || !self.0.is_empty() {
            return Poll::Ready(());
        }
        // Cloned before the lock is taken, where a clone may run anything.
        let waker = cx.waker().clone();
        if mailbox.refill_or_park(&mut self.0, waker) { Poll::Ready(()) } else { Poll::Pending }
    }

    #[inline]
    fn has_urgent_next(&mut self, mailbox: &Mailbox<M>) -> bool {
        let Some(urgent) = mailbox.pop_urgent(!self.0.is_empty()) else { return false };
        self.0.push_front(urgent);
        true
    }

    /// The message that was found.
    #[inline]
    pub(crate) fn take(&mut self, mailbox: &Mailbox<M>) -> Option<M> {
        let message = self.0.pop();
        mailbox.took(self.0.len());
        message
    }

    /// The end of a consumer, which is the `present` one or was left behind: puts back what was not begun.
    pub(crate) fn give_back(&mut self, mailbox: &Mailbox<M>, present: bool) {
        mailbox.put_back(&mut self.0, present);
    }
}

/// What is taken from one mailbox, and given back with the end of this.
pub(crate) struct Inbox<'a, M> {
    mailbox: &'a Mailbox<M>,
    pub(crate) taken: Taken<M>,
}

impl<'a, M> Inbox<'a, M> {
    /// There must be one at a time.
    pub(crate) fn new(mailbox: &'a Mailbox<M>) -> Self {
        Inbox { mailbox, taken: Taken::default() }
    }
}

#[cfg(test)]
impl<M> Inbox<'_, M> {
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.taken.poll_next(self.mailbox, cx)
    }

    pub(crate) fn take(&mut self) -> Option<M> {
        self.taken.take(self.mailbox)
    }
}

impl<M> Drop for Inbox<'_, M> {
    fn drop(&mut self) {
        // It was suspended, and its task is gone. Most often it has come to its end before, and nothing is left.
        if self.taken.front().is_some() {
            self.taken.give_back(self.mailbox, true);
        }
    }
}
