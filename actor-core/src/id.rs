//! Who an actor is: a number that is never used twice, and the label that people read.

use std::{
    fmt,
    hash::{Hash, Hasher},
    num::NonZeroU64,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// The identity of an actor: unique within the process, never reused, the same across restarts.
///
/// ```
/// # use actor_core::prelude::*;
/// # struct Idle;
/// # #[actor] impl Idle { pub fn poke(&self) {} }
/// # actor_core::rt::test::run(async {
/// let (a, b) = (Idle.spawn(), Idle.spawn());
/// assert_ne!(a.id(), b.id());
/// assert_eq!(a.id(), a.clone().id());
/// # });
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ActorId(NonZeroU64);

impl ActorId {
    pub(crate) fn next() -> Self {
        // Identities are process-wide facts, not part of any proven protocol: std's atomic even under loom.
        static NEXT: AtomicU64 = AtomicU64::new(1);
        // One each nanosecond would last for centuries.
        ActorId(NonZeroU64::new(NEXT.fetch_add(1, Ordering::Relaxed)).unwrap_or(NonZeroU64::MAX))
    }

    /// The number itself, for logs and metrics.
    pub fn get(self) -> u64 {
        self.0.get()
    }
}

impl fmt::Display for ActorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

impl fmt::Debug for ActorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ActorId({})", self.0)
    }
}

/// An actor as reports name it: `cache#7`. Cheap to clone, holds nothing alive but the label.
///
/// Two words: every actor carries one.
#[derive(Clone)]
pub struct ActorRef(Who);

#[derive(Clone)]
enum Who {
    /// Labelled by its type. Asked for the label only where somebody reads it: it costs nothing to carry.
    Typed(ActorId, fn() -> &'static str),
    /// With a label of its own.
    Named(Arc<Named>),
}

struct Named {
    id: ActorId,
    name: Arc<str>,
}

impl ActorRef {
    /// A new actor with a label of its own.
    pub(crate) fn new(name: impl Into<Arc<str>>) -> Self {
        ActorRef(Who::Named(Arc::new(Named { id: ActorId::next(), name: name.into() })))
    }

    /// A new actor with the label of its type. Nothing is allocated.
    pub(crate) fn of_type(label: fn() -> &'static str) -> Self {
        ActorRef(Who::Typed(ActorId::next(), label))
    }

    /// The actor's identity.
    pub fn id(&self) -> ActorId {
        match &self.0 {
            Who::Typed(id, _) => *id,
            Who::Named(named) => named.id,
        }
    }

    /// The actor's label; several actors may carry the same.
    pub fn name(&self) -> &str {
        match &self.0 {
            Who::Typed(_, label) => label(),
            Who::Named(named) => &named.name,
        }
    }
}

/// The same actor: nobody else has its identity.
impl PartialEq for ActorRef {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id()
    }
}

impl Eq for ActorRef {}

impl Hash for ActorRef {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id().hash(state);
    }
}

impl fmt::Display for ActorRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.name(), self.id())
    }
}

impl fmt::Debug for ActorRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
