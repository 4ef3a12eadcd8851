//! The handle: what everyone outside holds of an actor.

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Weak,
    time::Duration,
};

use super::{
    Message,
    cell::{Cell, Level},
    life::{Monitor, Started, Stopped},
    shutdown::ShuttingDown,
    tell::Tell,
};
use crate::{id::ActorId, mailbox::MailboxStats, sync::Arc};

/// A handle to an actor, by its message type. The generated handle (`CacheHandle`) derefs to this.
///
/// Cloning is cheap; a handle is valid from the moment the actor is declared and across every restart. While one
/// exists, an unsupervised actor lives; when the last one is gone, it ends with [`Exit::Normal`](crate::Exit::Normal)
/// after it has handled what it had accepted.
///
/// The methods here are reached through deref, so a handler of yours named `stop` takes the name:
/// `h.stop()` is then your message, and `h.actor().stop()` or `Handle::stop(&h)` is this method.
pub struct Handle<M>(Arc<Cell<M>>);

impl<M> Handle<M> {
    pub(crate) fn new(cell: Arc<Cell<M>>) -> Self {
        cell.handle_made();
        Handle(cell)
    }

    pub(crate) fn cell(&self) -> &Arc<Cell<M>> {
        &self.0
    }

    /// The actor's identity: unique in the process, the same across restarts.
    pub fn id(&self) -> ActorId {
        self.0.who.id()
    }

    /// The actor's label; it may repeat.
    pub fn name(&self) -> &str {
        self.0.who.name()
    }

    /// Whether it takes messages: from its declaration until nothing will start it again.
    pub fn is_alive(&self) -> bool {
        !self.0.mailbox.is_closed()
    }

    /// A look at its mailbox.
    pub fn mailbox(&self) -> MailboxStats {
        self.0.mailbox.stats()
    }

    /// A handle that does not keep the actor alive.
    pub fn downgrade(&self) -> WeakHandle<M> {
        WeakHandle(Arc::downgrade(&self.0))
    }
}

impl<M: Message> Handle<M> {
    /// Stops it: new messages are refused at once, what was accepted is handled, `on_stop` runs, the state is
    /// dropped.
    ///
    /// Takes effect when called; awaiting the result gives the [`Exit`](crate::Exit) of this incarnation. The request
    /// travels outside the mailbox: a full mailbox delays it by nothing. A supervised actor that is
    /// [permanent](crate::Restart::Permanent) is started again; to end one for good ask its supervisor.
    ///
    /// ```
    /// use actor_core::prelude::*;
    /// # #[derive(Default)] struct Sum { n: u32 }
    /// # #[actor] impl Sum {
    /// #     #[tell] pub fn add(&mut self, n: u32) { self.n += n }
    /// #     pub fn total(&self) -> u32 { self.n }
    /// # }
    /// # actor_core::rt::test::run(async {
    /// let h = Sum::default().spawn();
    /// h.add(3).await.unwrap();
    /// let total = h.total().enqueue().await.unwrap();
    /// let exit = h.stop();                              // what was accepted is still handled
    /// assert!(h.add(1).await.is_err());
    /// assert_eq!((total.await, exit.await), (Ok(3), Exit::Stopped));
    /// # });
    /// ```
    pub fn stop(&self) -> Monitor {
        self.0.ask_to_end(Level::Drain)
    }

    /// Stops it after the handler in progress: what is queued goes back (asks end with
    /// [`Stopped`](crate::AskError::Stopped)), then `on_stop` runs. Takes effect when called.
    pub fn stop_now(&self) -> Monitor {
        self.0.ask_to_end(Level::Now)
    }

    /// Ends it at the running handler's await point: the handler's future is dropped, `on_stop` does not run, the
    /// state is dropped. Takes effect when called.
    ///
    /// Nothing can interrupt a handler between two await points.
    pub fn kill(&self) -> Monitor {
        self.0.ask_to_end(Level::Kill)
    }

    /// Stops it within `limit`: up to four fifths of it to handle what was accepted, then
    /// [`stop_now`](Self::stop_now) for the rest, and [`kill`](Self::kill) at the limit.
    ///
    /// # Cancel safety
    /// The stop takes effect when this is called; dropping the future leaves out the later steps.
    pub fn shutdown(&self, limit: Duration) -> ShuttingDown {
        ShuttingDown::new(Arc::clone(&self.0), limit)
    }

    /// Is ready when nothing will start it again, with the last exit.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub fn stopped(&self) -> Stopped {
        Stopped::new(self.0.living())
    }

    /// Is ready when `on_start` has ended: `Ok`, or why it did not start.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub fn started(&self) -> Started {
        Started::new(self.0.living())
    }

    /// A future of the exit of the present incarnation (or of the next one, if none is up). Reports at once on an
    /// actor that has ended; dropping it cancels it.
    #[must_use = "a monitor that is dropped is cancelled"]
    pub fn monitor(&self) -> Monitor {
        Monitor::new(self.0.living())
    }

    /// Sends a message that came back, for example from [`TellError::into_message`](crate::TellError::into_message).
    pub fn send(&self, message: M) -> Tell<'_, M> {
        Tell::new(self, message)
    }
}

impl<M> Clone for Handle<M> {
    fn clone(&self) -> Self {
        Handle::new(Arc::clone(&self.0))
    }
}

impl<M> Drop for Handle<M> {
    fn drop(&mut self) {
        self.0.handle_dropped();
    }
}

/// The same actor.
impl<M> PartialEq for Handle<M> {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl<M> Eq for Handle<M> {}

impl<M> Hash for Handle<M> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id().hash(state);
    }
}

impl<M> fmt::Debug for Handle<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({})", self.0.who)
    }
}

/// A handle that does not keep its actor alive. Made by [`Handle::downgrade`] and
/// [`Context::weak`](crate::Context::weak).
pub struct WeakHandle<M>(Weak<Cell<M>>);

impl<M> WeakHandle<M> {
    pub(crate) fn of(cell: &Arc<Cell<M>>) -> Self {
        WeakHandle(Arc::downgrade(cell))
    }
}

impl<M: Message> WeakHandle<M> {
    /// The actor's handle, unless it has ended or nobody holds a strong handle any more.
    pub fn upgrade(&self) -> Option<M::Handle> {
        let cell = self.0.upgrade()?;
        cell.try_handle().then(|| M::Handle::from(Handle(cell)))
    }
}

impl<M> Clone for WeakHandle<M> {
    fn clone(&self) -> Self {
        WeakHandle(Weak::clone(&self.0))
    }
}

impl<M> fmt::Debug for WeakHandle<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.upgrade() {
            Some(cell) => write!(f, "WeakHandle({})", cell.who),
            None => f.write_str("WeakHandle(gone)"),
        }
    }
}
