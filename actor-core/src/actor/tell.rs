//! Telling: sending a message without waiting for a reply.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use super::{
    awaiting::{self, Target},
    block::block_on,
    handle::Handle,
    message::Message,
    sending::{Clock, Limit, Sending},
    waits::Awaited,
};
use crate::{
    error::{TellError, Unsent},
    mailbox::Refused,
    seldom::Seldom,
    sync::Arc,
};

/// A message to be sent without a reply: a future that is ready when the message is in the mailbox.
///
/// Made by `h.put(k, v).tell()`, by the methods of `#[tell]` handlers and by [`Handle::send`]. Does nothing until it
/// is polled; waits for room when the mailbox is full.
///
/// # Errors
/// [`TellError`], which gives the message back.
///
/// # Cancel safety
/// A tell that is dropped has put the message in whole or not at all; its place in line goes to the next sender.
#[must_use = "a `Tell` does nothing until it is `.await`ed (or sent with `.try_tell()`)"]
pub struct Tell<'a, M: Message> {
    sending: Sending<'a, M>,
    rare: Seldom<Box<Rare>>,
}

/// What most tells have none of.
#[derive(Default)]
struct Rare {
    clock: Clock,
    /// While it stands in line, and an actor's code waits.
    edge: Option<Awaited>,
}

// The message is never pinned: it is moved into the mailbox.
impl<M: Message> Unpin for Tell<'_, M> {}

impl<'a, M: Message> Tell<'a, M> {
    /// For generated code; users have [`Handle::send`].
    // Inlined, with all it calls, so that the message is written once, to where it is polled.
    #[doc(hidden)]
    #[inline]
    pub fn new(handle: &'a Handle<M>, message: M) -> Self {
        Tell { sending: Sending::new(handle, message), rare: Seldom::NEVER }
    }

    pub(super) fn from_sending(sending: Sending<'a, M>, limit: Limit) -> Self {
        let limit = limit.resolve(None);
        let rare = limit.map(|limit| Box::new(Rare { clock: Clock::new(Some(limit)), edge: None }));
        Tell { sending, rare: Seldom::new(rare) }
    }

    /// Waits at most `duration` for room, then gives [`TellError::Timeout`] with the message.
    pub fn timeout(mut self, duration: Duration) -> Self {
        self.rare.get_or_insert_default().clock = Clock::new(Some(duration));
        self
    }

    /// Uses the priority lane: served before other messages, within a bound.
    pub fn priority(mut self) -> Self {
        self.sending.set_priority();
        self
    }

    /// The same; so that `.tell()` may be written where it is not needed.
    pub fn tell(self) -> Self {
        self
    }

    /// Sends now, or not at all.
    ///
    /// # Errors
    /// [`TellError::Full`] at once if there is no room; [`TellError::Stopped`] if the actor takes no more messages.
    pub fn try_tell(mut self) -> Result<(), TellError<M>> {
        self.sending.try_send().map_err(|refused| self.refusal(refused))
    }

    /// Sends from a thread outside any runtime, blocking it while there is no room.
    ///
    /// # Panics
    /// Inside a handler, where it could wait for itself for ever.
    ///
    /// # Errors
    /// As awaiting it.
    pub fn blocking(self) -> Result<(), TellError<M>> {
        block_on(self)
    }

    fn unsent(&self, message: M) -> Unsent<M> {
        let name = message.name();
        Unsent::new(message, name, self.sending.handle().cell().who.clone())
    }

    fn refusal(&mut self, refused: Refused) -> TellError<M> {
        let Some(message) = self.sending.take_back() else { unreachable!("a refused message is still here") };
        match refused {
            Refused::Full => TellError::Full(self.unsent(message)),
            Refused::Closed => TellError::Stopped(self.unsent(message)),
        }
    }
}

impl<M: Message> Future for Tell<'_, M> {
    type Output = Result<(), TellError<M>>;

    #[inline]
    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.get_mut();
        if this.sending.send_at_once() {
            return Poll::Ready(Ok(()));
        }
        this.poll_slowly(cx)
    }
}

impl<M: Message> Tell<'_, M> {
    fn poll_slowly(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), TellError<M>>> {
        if let Poll::Ready(sent) = self.sending.poll(cx) {
            *self.rare = None;
            return Poll::Ready(sent.map_err(|refused| self.refusal(refused)));
        }
        let cell = self.sending.handle().cell();
        if awaiting::is_seen()
            && let Some(how) = self.sending.in_line(false)
        {
            let target = Target { actor: &**cell, shared: || Arc::clone(cell) as _ };
            if let Some(ring) = awaiting::watch(&mut self.rare.get_or_insert_default().edge, how, &target)
                && let Some(message) = self.sending.take_back()
            {
                return Poll::Ready(Err(TellError::Deadlock(self.unsent(message), ring)));
            }
        }
        let Some(rare) = &mut *self.rare else { return Poll::Pending };
        if !awaiting::is_seen() {
            // It was taken out of the actor's code, which waits for it no more.
            rare.edge = None;
        }
        rare.clock.arm(self.sending.handle());
        std::task::ready!(rare.clock.poll(cx));
        rare.edge = None;
        match self.sending.take_back() {
            Some(message) => Poll::Ready(Err(TellError::Timeout(self.unsent(message)))),
            // Admitted between the two looks: it is in.
            None => Poll::Ready(Ok(())),
        }
    }
}

impl<M: Message> fmt::Debug for Tell<'_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Tell(to `{}`)", self.sending.handle().cell().who)
    }
}

impl<M: Message> Handle<M> {
    /// Sends a message that came back, for example from [`TellError::into_message`](crate::TellError::into_message).
    pub fn send(&self, message: M) -> Tell<'_, M> {
        Tell::new(self, message)
    }
}
