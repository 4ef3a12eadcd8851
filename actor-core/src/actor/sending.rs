//! One message on its way into a mailbox: what ask, tell and enqueue have in common.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use super::{handle::Handle, message::Message, waits::How};
use crate::{
    error::AskError,
    mailbox::{Place, Priority, Refused},
    rt::{self, Timer, Timestamp},
    seldom::Seldom,
};

/// A message, where it goes, and how far it has come. Dropping it takes the message out of the line again.
pub(super) struct Sending<'a, M> {
    handle: &'a Handle<M>,
    message: Option<M>,
    way: Way,
}

/// Which lane a message takes, and its place in line once it stands there. One word: the less there is of a send, the less
/// is moved before it is polled and looked at when it is dropped.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Way(u64);

impl Way {
    const NORMAL: Self = Way(0);
    const URGENT: Self = Way(1);

    #[inline]
    fn is_in_line(self) -> bool {
        self.0 > 1
    }

    fn priority(self) -> Priority {
        if self.0 & 1 == 1 { Priority::Urgent } else { Priority::Normal }
    }

    fn place(self) -> Option<Place> {
        Place::new(self.0 >> 1)
    }

    fn with(self, place: Option<Place>) -> Self {
        Way(place.map_or(0, Place::number) << 1 | self.0 & 1)
    }
}

impl<'a, M> Sending<'a, M> {
    #[inline]
    pub(super) fn new(handle: &'a Handle<M>, message: M) -> Self {
        Sending { handle, message: Some(message), way: Way::NORMAL }
    }

    pub(super) fn handle(&self) -> &'a Handle<M> {
        self.handle
    }

    /// The same terms for a message that was taken back.
    pub(super) fn again(&self, handle: &'a Handle<M>, message: M) -> Self {
        Sending { handle, message: Some(message), way: self.way.with(None) }
    }

    pub(super) fn set_priority(&mut self) {
        self.way = Way::URGENT;
    }

    /// How a sender waits that is about to send.
    pub(super) fn sending(&self) -> How {
        How::Sending(self.way.priority())
    }

    /// How a sender waits whose message stands in line: for room and then for the `reply`, or for room alone.
    pub(super) fn in_line(&self, reply: bool) -> Option<How> {
        let (place, priority) = (self.way.place()?.number(), self.way.priority());
        Some(if reply { How::Line(priority, place) } else { How::Room(priority, place) })
    }

    /// The message, while it has not been handed to the mailbox.
    pub(super) fn message_mut(&mut self) -> Option<&mut M> {
        self.message.as_mut()
    }

    /// Takes the message back from wherever it is; `None` once it was accepted.
    pub(super) fn take_back(&mut self) -> Option<M> {
        let mut place = self.way.place();
        self.way = self.way.with(None);
        let waiting = self.handle.cell().mailbox.leave(&mut place, self.way.priority());
        self.message.take().or(waiting)
    }
}

impl<M: Message> Sending<'_, M> {
    /// Sends without waiting, if there is nothing to it: `false` leaves everything as it was.
    #[inline]
    pub(super) fn send_at_once(&mut self) -> bool {
        self.way == Way::NORMAL && self.handle.cell().mailbox.send_at_once(&mut self.message)
    }

    /// Waits for room, if that is needed and the mailbox's policy allows it.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Refused>> {
        let cell = self.handle.cell();
        let mut place = self.way.place();
        let sent = cell.mailbox.poll_send(&mut place, &mut self.message, self.way.priority(), cx);
        self.way = self.way.with(place);
        sent.map_ok(|accepted| cell.accepted(accepted, &mut self.message))
    }

    /// Never waits.
    pub(super) fn try_send(&mut self) -> Result<(), Refused> {
        let cell = self.handle.cell();
        let sent = cell.mailbox.try_send(&mut self.message, self.way.priority());
        sent.map(|accepted| cell.accepted(accepted, &mut self.message))
    }
}

impl<M> Drop for Sending<'_, M> {
    #[inline]
    fn drop(&mut self) {
        // A message that is still here drops with its field.
        if self.way.is_in_line() {
            drop(self.take_back());
        }
    }
}

/// How long a caller is willing to wait: what the actor's type says, for ever, or so many nanoseconds. One word, so that
/// it moves as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Limit(u64);

impl Limit {
    pub(super) const INHERITED: Self = Limit(0);
    pub(super) const UNLIMITED: Self = Limit(u64::MAX);

    pub(super) fn within(duration: Duration) -> Self {
        // A nanosecond is as good as none, and five centuries are as good as a little more.
        Limit(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX).clamp(1, u64::MAX - 1))
    }

    /// The limit of a send, in which `inherited` applies where the call says nothing.
    #[inline]
    pub(super) fn resolve(self, inherited: Option<Duration>) -> Option<Duration> {
        match self {
            Limit::INHERITED => inherited,
            Limit::UNLIMITED => None,
            Limit(nanos) => Some(Duration::from_nanos(nanos)),
        }
    }

    /// `own`, but no longer than what remains of the time of the message in hand, unless the call opts out of that.
    ///
    /// # Errors
    /// When that time is over: there is nothing to be sent.
    pub(super) fn no_longer_than(
        self,
        own: Option<Duration>,
        remaining: Option<Duration>,
    ) -> Result<Option<Duration>, AskError> {
        match (self, remaining) {
            (Limit::UNLIMITED, _) | (_, None) => Ok(own),
            (_, Some(Duration::ZERO)) => Err(AskError::Timeout),
            (_, Some(remaining)) => Ok(Some(own.map_or(remaining, |own| own.min(remaining)))),
        }
    }
}

/// A time limit that starts with the first poll and sets its timer only when that poll has to wait.
///
/// One word: most sends have no limit, and those should not carry the space for one.
#[derive(Default)]
pub(super) struct Clock(Seldom<Box<Limited>>);

struct Limited {
    limit: Duration,
    timer: Option<Timer>,
}

impl Clock {
    #[inline]
    pub(super) fn new(limit: Option<Duration>) -> Self {
        Clock(Seldom::new(limit.map(|limit| Box::new(Limited { limit, timer: None }))))
    }

    #[inline]
    pub(super) fn is_set(&self) -> bool {
        self.0.is_some()
    }

    /// When the time is up, on the clock of the actor's runtime.
    pub(super) fn deadline<M>(&self, handle: &Handle<M>) -> Option<Timestamp> {
        // In this order: without a limit, which is the usual case, no clock is read.
        let limit = self.0.as_ref()?.limit;
        Some(handle.cell().runtime()?.now() + limit)
    }

    /// Sets the timer, if it is not set.
    pub(super) fn arm<M>(&mut self, handle: &Handle<M>) {
        if let Some(limited) = &mut *self.0
            && limited.timer.is_none()
        {
            limited.timer = Some(rt::clock(handle.cell().runtime()).sleep(limited.limit));
        }
    }

    /// Ready when the time is up; never, without a limit or before it is armed.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match self.0.as_mut().and_then(|limited| limited.timer.as_mut()) {
            Some(timer) => Pin::new(timer).poll(cx),
            None => Poll::Pending,
        }
    }
}
