//! The runtime that an actor runs on.

use std::sync::OnceLock;

use crate::rt::RuntimeHandle;

/// Two words. Actors are many where nobody supervises them.
pub(super) enum Home {
    /// It has one life, which begins with it.
    Known(RuntimeHandle),
    /// It learns this when it is first started.
    Later(Box<OnceLock<RuntimeHandle>>),
}

impl Home {
    pub(super) fn later() -> Self {
        Home::Later(Box::default())
    }

    #[inline]
    pub(super) fn get(&self) -> Option<&RuntimeHandle> {
        match self {
            Home::Known(runtime) => Some(runtime),
            Home::Later(runtime) => runtime.get(),
        }
    }

    /// Nothing happens where it is known. A supervisor that moved to another runtime keeps the first: tokio's handles do
    /// not change under an actor.
    pub(super) fn set(&self, runtime: &RuntimeHandle) {
        if let Home::Later(place) = self {
            place.get_or_init(|| runtime.clone());
        }
    }
}
