//! The reply to an ask: a slot with two ends, and what becomes of it when nobody answers.
//!
//! [`Reply`] travels inside the message; `Wait` stays in the caller's future. An ask always ends: a `Reply` that is
//! dropped unanswered fails its caller, and *how* depends on what is going on around the drop:
//!
//! * The loop drops messages and state of an ended actor within [`failing`], which names the error.
//! * The loop polls handlers within [`catching`]: replies dropped by the unwinding of a panic are collected there and
//!   failed with that panic, once it is caught and has a text.
//! * Anywhere else the reply was simply forgotten: [`AskError::NoReply`].
//!
//! So no message type needs a method to fail itself, and there is no way to drop one that leaves a caller hanging.

use std::fmt;

pub(crate) use scope::{catching, discard, failing};
pub(crate) use slot::{Terms, Wait};

use crate::{
    edge::{Deferral, Edge},
    error::AskError,
    rt::Timestamp,
    sync::Arc,
};
use scope::{Orphan, fate, orphan};
use slot::Replier;

#[cfg(all(test, actor_loom))]
mod loom;
mod scope;
mod slot;
#[cfg(all(test, not(actor_loom)))]
mod tests;

/// The caller's side of a message: send the handler's result here, from anywhere, once.
///
/// A handler that takes a `reply: Reply<T>` parameter answers when it likes: it may store the reply, move it into a
/// task, or answer at once. Dropped unanswered it fails the caller with [`AskError::NoReply`]; dropped because its
/// actor ended, with the actor's exit. One that is kept for five seconds while its caller waits is
/// [reported](crate::observe::Overdue), once.
///
/// ```
/// use actor_core::prelude::*;
/// #[derive(Default)]
/// struct Gate { waiting: Vec<Reply<u32>> }
/// #[actor]
/// impl Gate {
///     pub fn pass(&mut self, reply: Reply<u32>) { self.waiting.push(reply) }
///     pub fn open(&mut self) { for reply in self.waiting.drain(..) { reply.send(7) } }
/// }
/// # actor_core::rt::test::run(async {
/// let gate = Gate::default().spawn();
/// let passed = gate.pass().enqueue().await.unwrap();
/// gate.open().await.unwrap();
/// assert_eq!(passed.await, Ok(7));
/// # });
/// ```
#[must_use = "a reply that is dropped fails the caller"]
pub struct Reply<R: 'static>(Option<Replier<R>>);

/// A new slot's two ends.
pub(crate) fn pair<R>(terms: Terms) -> (Reply<R>, Wait<R>) {
    let (replier, wait) = slot::pair(terms);
    (Reply(Some(replier)), wait)
}

/// The same on no terms.
#[inline]
pub(crate) fn plain_pair<R>() -> (Reply<R>, Wait<R>) {
    let (replier, wait) = slot::plain_pair();
    (Reply(Some(replier)), wait)
}

/// The same on no terms but an edge.
#[inline]
pub(crate) fn seen_pair<R>(edge: Arc<Edge>) -> (Reply<R>, Wait<R>) {
    let (replier, wait) = slot::seen_pair(edge);
    (Reply(Some(replier)), wait)
}

impl<R> Reply<R> {
    /// The reply of a tell: nobody waits, what is sent is dropped.
    pub fn none() -> Self {
        Reply(None)
    }

    /// Answers. If the caller has left, the value is dropped.
    #[inline]
    pub fn send(mut self, value: R) {
        if let Some(replier) = self.0.take() {
            replier.send(value);
        }
    }

    /// Whether somebody still waits for the answer.
    pub fn is_wanted(&self) -> bool {
        self.0.as_ref().is_some_and(Replier::is_wanted)
    }

    /// Whether the message is to be run, and without a deadline. `false` says nothing: see [`is_due`](Self::is_due).
    #[inline]
    pub(crate) fn is_plainly_due(&self) -> bool {
        self.0.as_ref().is_none_or(Replier::is_plainly_due)
    }

    /// Whether the message is still to be run: a tell, an ask whose caller waits, or a commitment; and in time. One
    /// that is late fails its caller with [`AskError::Timeout`] when it is dropped: the caller's own timer may be a
    /// little behind the actor's clock, and he gets the same answer from either.
    pub(crate) fn is_due(&self, now: impl FnOnce() -> Timestamp) -> bool {
        self.0.as_ref().is_none_or(|replier| replier.is_due(now))
    }

    /// Whether the message that is not due has come too late, rather than lost its caller. By the caller's own timer or
    /// by the actor's clock, whichever was first.
    pub(crate) fn is_late(&self) -> bool {
        self.0.as_ref().is_some_and(|replier| replier.is_late() || replier.is_expired())
    }

    /// When the message has to have begun, on the clock of the actor's runtime.
    pub(crate) fn deadline(&self) -> Option<Timestamp> {
        self.0.as_ref()?.deadline()
    }

    /// The edge of the caller's wait, which ends with this reply.
    pub(crate) fn edge(&self) -> Option<&Arc<Edge>> {
        self.0.as_ref()?.edge()
    }

    /// The handler may keep this reply for as long as it likes, and is not what its caller waits for any more. Gives what
    /// there is to be seen of that: nothing for a tell, nor for an ask from outside to a handler that takes no reply.
    pub(crate) fn defer(&self) -> Option<Deferral> {
        Some(self.edge()?.defer())
    }
}

impl<R> Orphan for Replier<R> {
    fn fail(self: Box<Self>, error: AskError) {
        Replier::fail(*self, error);
    }
}

impl<R> Drop for Reply<R> {
    #[inline]
    fn drop(&mut self) {
        // Most often it was answered.
        if let Some(replier) = self.0.take() {
            forgotten(replier);
        }
    }
}

#[cold]
fn forgotten<R: 'static>(replier: Replier<R>) {
    if replier.is_late() {
        replier.fail(AskError::Timeout);
    } else if let Some(error) = fate() {
        replier.fail(error);
    } else if let Some(replier) = orphan(replier) {
        replier.fail(AskError::NoReply);
    }
}

impl<R> fmt::Debug for Reply<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply(wanted: {})", self.is_wanted())
    }
}
