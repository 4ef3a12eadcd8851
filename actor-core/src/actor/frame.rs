//! Which actors' code this thread is in, innermost last.
//!
//! A frame is pushed for every poll of an actor's code and popped when that poll returns; it is never held across an
//! await, so it does not matter which thread polls next.

use std::cell::RefCell;

use crate::{
    id::ActorId,
    rt::{Entered, RuntimeHandle, enter},
};

thread_local! {
    static FRAMES: RefCell<Vec<ActorId>> = const { RefCell::new(Vec::new()) };
}

/// Pops its frame when dropped.
pub(crate) struct Frame {
    _runtime: Option<Entered>,
}

/// This thread is now in `actor`'s code, on `runtime`.
pub(crate) fn push(actor: ActorId, runtime: &RuntimeHandle) -> Frame {
    FRAMES.with_borrow_mut(|frames| frames.push(actor));
    Frame { _runtime: enter(runtime) }
}

/// The actor whose code is running.
pub(crate) fn current() -> Option<ActorId> {
    FRAMES.try_with(|frames| frames.borrow().last().copied()).ok().flatten()
}

impl Drop for Frame {
    fn drop(&mut self) {
        // `try_with`: a thread that is ending may have dropped the stack already.
        let _ = FRAMES.try_with(|frames| frames.borrow_mut().pop());
    }
}
