//! What a handler can do as the actor it runs in.

use std::{error::Error, fmt};

use super::{
    behavior::{Actor, Context, HandleOf},
    cell::Level,
    frame,
    handle::{Handle, WeakHandle},
    message::Message,
};
use crate::{exit::Exit, id::ActorId, piece::Piece, reply::Reply, rt::Timestamp, sync::Arc};

impl<A: Actor> Context<A> {
    /// A handle to this actor. Kept in the actor's own state it would keep the actor alive for ever: keep
    /// [`weak`](Self::weak) instead.
    pub fn handle(&self) -> HandleOf<A> {
        HandleOf::<A>::from(Handle::new(Arc::clone(&self.cell)))
    }

    /// A handle to this actor that does not keep it alive.
    pub fn weak(&self) -> WeakHandle<A::Message> {
        WeakHandle::of(&self.cell)
    }

    /// This actor's identity.
    pub fn id(&self) -> ActorId {
        self.cell.who.id()
    }

    /// This actor's label.
    pub fn name(&self) -> &str {
        self.cell.who.name()
    }

    /// Which of the actor's lives this is, counted from 1.
    pub fn incarnation(&self) -> u32 {
        self.incarnation
    }

    /// The time on the actor's runtime.
    pub fn now(&self) -> Timestamp {
        self.cell.running_on().now()
    }

    /// Stops the actor as [`Handle::stop`] does: new messages are refused from now on, what was accepted is
    /// handled, `on_stop` runs.
    pub fn stop(&mut self) {
        // Of this incarnation: one that was left behind must not stop the one after it.
        self.cell.request_of(self.incarnation, Level::Drain);
    }

    /// Ends the actor with [`Exit::Failed`] when the running handler has returned. What is queued is given back, or
    /// kept for the next incarnation if the actor is supervised.
    pub fn fail(&mut self, error: impl Into<Box<dyn Error + Send + Sync>>) {
        self.rare.get_or_insert_default().verdict.get_or_insert_with(|| Box::new(Exit::failed(error)));
    }
}

impl<A: Actor> fmt::Debug for Context<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Context({}, incarnation {})", self.cell.who, self.incarnation)
    }
}

/// Whether a message is still to be run: its caller waits, or it is a commitment, and it is in time.
#[inline]
pub fn begin<R, A: Actor>(reply: &Reply<R>, cx: &Context<A>) -> bool {
    reply.is_plainly_due() || begin_on_terms(reply, cx)
}

fn begin_on_terms<R, A: Actor>(reply: &Reply<R>, cx: &Context<A>) -> bool {
    let due = reply.is_due(|| cx.now());
    // What its handler asks in turn has no longer than it has.
    if due && let Some(deadline) = reply.deadline() {
        frame::set_deadline(deadline);
    }
    due
}

/// As [`begin`], for a handler that takes the reply: from now on that may be anywhere, and its caller waits for no
/// actor that could be named. It is looked after from here on, since the handler will be through with it.
pub fn begin_deferred<R, A: Actor>(reply: &Reply<R>, cx: &Context<A>) -> bool {
    let due = begin(reply, cx);
    if let Some(deferral) = reply.defer().filter(|_| due) {
        cx.cell.deferred(deferral, frame::piece().name());
    }
    due
}

/// Nothing to be sent: the message of what takes none, such as a supervised task.
#[derive(Debug)]
pub enum NoMessage {}

/// The handle of a supervised task: it takes no messages.
pub type TaskHandle = Handle<NoMessage>;

impl Message for NoMessage {
    type Handle = TaskHandle;

    fn piece(&self) -> Piece {
        match *self {}
    }
}
