//! Who an actor is: a number that is never used twice, and the label that people read.

use std::{
    fmt,
    hash::{Hash, Hasher},
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
pub struct ActorId(u64);

impl ActorId {
    pub(crate) fn next() -> Self {
        // Identities are process-wide facts, not part of any proven protocol: std's atomic even under loom.
        static NEXT: AtomicU64 = AtomicU64::new(1);
        ActorId(NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// The number itself, for logs and metrics.
    pub fn get(self) -> u64 {
        self.0
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
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ActorRef {
    id: ActorId,
    name: Name,
}

/// A label. That of a type is known to the compiler, and an actor without one of its own allocates none.
#[derive(Clone)]
pub(crate) enum Name {
    Type(&'static str),
    Own(Arc<str>),
}

impl Name {
    fn as_str(&self) -> &str {
        match self {
            Name::Type(name) => name,
            Name::Own(name) => name,
        }
    }
}

impl From<Arc<str>> for Name {
    fn from(name: Arc<str>) -> Self {
        Name::Own(name)
    }
}

impl From<&'static str> for Name {
    fn from(name: &'static str) -> Self {
        Name::Type(name)
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.as_str() == other.as_str()
    }
}

impl Eq for Name {}

impl Hash for Name {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_str().hash(state);
    }
}

impl ActorRef {
    pub(crate) fn new(name: impl Into<Name>) -> Self {
        ActorRef { id: ActorId::next(), name: name.into() }
    }

    /// The actor's identity.
    pub fn id(&self) -> ActorId {
        self.id
    }

    /// The actor's label; several actors may carry the same.
    pub fn name(&self) -> &str {
        self.name.as_str()
    }
}

impl fmt::Display for ActorRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.name(), self.id)
    }
}

impl fmt::Debug for ActorRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
