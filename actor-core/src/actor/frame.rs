//! Which actor's code this thread is in.
//!
//! A frame is pushed for every poll of an actor's code and popped when that poll returns; it is never held across an
//! await, so it does not matter which thread polls next.

use std::cell::Cell;

use crate::{
    id::ActorId,
    rt::{Entered, RuntimeHandle, enter},
};

thread_local! {
    static CURRENT: Cell<Option<ActorId>> = const { Cell::new(None) };
}

/// Brings back the frame before it when dropped.
pub(crate) struct Frame {
    before: Option<ActorId>,
    _runtime: Option<Entered>,
}

/// This thread is now in `actor`'s code, on `runtime`.
#[inline]
pub(crate) fn push(actor: ActorId, runtime: &RuntimeHandle) -> Frame {
    // `try_with`, here and below: the thread may be ending, and what is dropped then is still an actor's code.
    let before = CURRENT.try_with(|current| current.replace(Some(actor))).ok().flatten();
    Frame { before, _runtime: enter(runtime) }
}

/// The actor whose code is running.
#[inline]
pub(crate) fn current() -> Option<ActorId> {
    CURRENT.try_with(Cell::get).ok().flatten()
}

impl Drop for Frame {
    #[inline]
    fn drop(&mut self) {
        let _ = CURRENT.try_with(|current| current.set(self.before));
    }
}
