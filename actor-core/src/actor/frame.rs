//! Which actor's code this thread is in, and which piece of it.
//!
//! A frame is pushed for every poll of an actor's loop and popped when that poll returns; it is never held across an
//! await, so it does not matter which thread polls next.

use std::cell::Cell;

use crate::{
    id::ActorId,
    rt::{Entered, RuntimeHandle, enter},
};

/// What is running while nothing of the user's is: the loop waits.
pub(crate) const IDLE: &str = "";

struct Current {
    actor: Cell<Option<ActorId>>,
    /// The handler, hook or timer in progress.
    during: Cell<&'static str>,
}

thread_local! {
    static CURRENT: Current = const { Current { actor: Cell::new(None), during: Cell::new(IDLE) } };
}

/// Brings back the frame before it when dropped, by a panic too, and tells `during` what was running then.
pub(crate) struct Frame<'a> {
    before: (Option<ActorId>, &'static str),
    during: &'a Cell<&'static str>,
    _runtime: Option<Entered>,
}

/// This thread is now in `actor`'s code, on `runtime`, and in the piece of it that `during` names.
#[inline]
pub(crate) fn push<'a>(actor: ActorId, runtime: &RuntimeHandle, during: &'a Cell<&'static str>) -> Frame<'a> {
    // `try_with`, here and below: the thread may be ending, and what is dropped then is still an actor's code.
    let before = CURRENT.try_with(|current| (current.actor.replace(Some(actor)), current.during.replace(during.get())));
    Frame { before: before.unwrap_or((None, IDLE)), during, _runtime: enter(runtime) }
}

/// The actor whose code is running.
#[inline]
pub(crate) fn current() -> Option<ActorId> {
    CURRENT.try_with(|current| current.actor.get()).ok().flatten()
}

/// Notes which piece of the actor's code runs from now on.
#[inline]
pub(crate) fn running(piece: &'static str) {
    let _ = CURRENT.try_with(|current| current.during.set(piece));
}

/// The piece of the actor's code that runs.
pub(crate) fn piece() -> &'static str {
    CURRENT.try_with(|current| current.during.get()).unwrap_or(IDLE)
}

impl Drop for Frame<'_> {
    #[inline]
    fn drop(&mut self) {
        let _ = CURRENT.try_with(|current| {
            current.actor.set(self.before.0);
            self.during.set(current.during.replace(self.before.1));
        });
    }
}
