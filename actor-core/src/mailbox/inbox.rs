//! The consumer's side of a mailbox: it takes all that is queued at once and hands it out one by one.
//!
//! So a burst of messages costs the consumer one lock. What it holds still counts as queued (`taken`), so the capacity
//! is strict; and what it has not begun goes back to the front of the queue when it ends, for the next incarnation.

use std::{
    collections::VecDeque,
    task::{Context, Poll},
};

use super::Mailbox;

pub(crate) struct Inbox<'a, M> {
    mailbox: &'a Mailbox<M>,
    batch: VecDeque<M>,
}

impl<'a, M> Inbox<'a, M> {
    /// There must be one at a time.
    pub(crate) fn new(mailbox: &'a Mailbox<M>) -> Self {
        Inbox { mailbox, batch: VecDeque::new() }
    }

    /// The next message, if there is one.
    pub(crate) fn pop(&mut self) -> Option<M> {
        if let Some(urgent) = self.mailbox.pop_urgent(!self.batch.is_empty()) {
            return Some(urgent);
        }
        match self.batch.pop_front() {
            Some(message) => {
                self.mailbox.took(self.batch.len());
                Some(message)
            }
            None => self.mailbox.refill(&mut self.batch),
        }
    }

    /// The next message, or parks the consumer until one comes.
    pub(crate) fn poll_pop(&mut self, cx: &mut Context<'_>) -> Poll<M> {
        loop {
            if let Some(message) = self.pop() {
                return Poll::Ready(message);
            }
            if self.mailbox.park(cx.waker().clone()) {
                return Poll::Pending;
            }
        }
    }
}

impl<M> Drop for Inbox<'_, M> {
    fn drop(&mut self) {
        if !self.batch.is_empty() {
            self.mailbox.put_back(&mut self.batch);
        }
    }
}
