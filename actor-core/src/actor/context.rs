//! What a handler can do as the actor it runs in.

use std::{error::Error, fmt};

use super::{
    Actor, HandleOf, Message,
    cell::{Cell, Level},
    handle::{Handle, WeakHandle},
    timers::Timers,
};
use crate::{
    exit::Exit,
    id::ActorId,
    rt::{RuntimeHandle, Timestamp},
    sync::Arc,
};

/// The actor's own view of itself: given to any handler, timer or hook that has a `cx: &mut Context<Self>`
/// parameter.
///
/// ```
/// use actor_core::prelude::*;
/// struct Once;
/// #[actor]
/// impl Once {
///     pub fn go(&mut self, cx: &mut Context<Self>) -> u32 {
///         cx.stop();                       // after this handler
///         cx.incarnation()
///     }
/// }
/// # actor_core::rt::test::run(async {
/// let h = Once.spawn();
/// assert_eq!(h.go().await, Ok(1));
/// assert_eq!(h.stopped().await, Exit::Stopped);
/// # });
/// ```
pub struct Context<A: Actor> {
    pub(crate) cell: Arc<Cell<A::Message>>,
    pub(crate) runtime: RuntimeHandle,
    pub(crate) incarnation: u32,
    pub(crate) timers: Timers,
    /// The end that a handler has asked for; the loop acts on it when the handler has returned.
    pub(crate) verdict: Option<Exit>,
}

impl<A: Actor> Context<A> {
    pub(crate) fn new(cell: Arc<Cell<A::Message>>, runtime: RuntimeHandle, incarnation: u32) -> Self {
        let timers = Timers::new(A::TIMERS, if A::TIMERS.is_empty() { Timestamp::ZERO } else { runtime.now() });
        Context { cell, runtime, incarnation, timers, verdict: None }
    }

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
        self.runtime.now()
    }

    /// Stops the actor as [`Handle::stop`] does: new messages are refused from now on, what was accepted is
    /// handled, `on_stop` runs.
    pub fn stop(&mut self) {
        // One that was left behind must not stop the one after it.
        if self.cell.life.incarnation() == self.incarnation {
            self.cell.request(Level::Drain);
        }
    }

    /// Ends the actor with [`Exit::Failed`] when the running handler has returned. What is queued is given back, or
    /// kept for the next incarnation if the actor is supervised.
    pub fn fail(&mut self, error: impl Into<Box<dyn Error + Send + Sync>>) {
        self.verdict.get_or_insert(Exit::failed(error));
    }
}

impl<A: Actor> fmt::Debug for Context<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Context({}, incarnation {})", self.cell.who, self.incarnation)
    }
}

/// Nothing to be sent: the message of what takes none, such as a supervised task.
#[derive(Debug)]
pub enum NoMessage {}

impl Message for NoMessage {
    type Handle = Handle<NoMessage>;

    fn name(&self) -> &'static str {
        match *self {}
    }
}
