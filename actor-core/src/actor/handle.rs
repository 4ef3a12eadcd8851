//! The handle: what everyone outside holds of an actor.

use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Weak,
};

use super::{cell::Cell, letters::DeadLetterCounts};
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

    /// One that the cell has counted already.
    pub(crate) fn counted(cell: Arc<Cell<M>>) -> Self {
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

    /// How many messages it has accepted and not handled, in all its lives.
    pub fn dead_letters(&self) -> DeadLetterCounts {
        self.0.life.tally().letters
    }

    /// A handle that does not keep the actor alive.
    pub fn downgrade(&self) -> WeakHandle<M> {
        WeakHandle(Arc::downgrade(&self.0))
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

    pub(super) fn cell(&self) -> Option<Arc<Cell<M>>> {
        self.0.upgrade()
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
