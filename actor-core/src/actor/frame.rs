//! Which actor's code this thread is in, and which piece of it.
//!
//! A frame is pushed for every poll of an actor's loop and popped when that poll returns; it is never held across an
//! await, so it does not matter which thread polls next. What is known of the actor moves into the frame and back out
//! of it: a poll counts no references.

use std::{
    cell::{Cell, OnceCell, RefCell},
    mem::ManuallyDrop,
    time::Duration,
};

use super::waits::{self, Running, Waits};
use crate::{
    id::ActorId,
    rt::{Entered, RuntimeHandle, Timestamp, enter},
    sync::Arc,
};

/// What is running while nothing of the user's is: the loop waits.
pub(crate) const IDLE: &str = "";

/// An actor whose code is run, from the first poll of a future of it to the last.
pub(crate) struct Inside {
    actor: Arc<dyn Running>,
    /// From its first wait, or the first message with a deadline.
    more: OnceCell<Box<More>>,
}

struct More {
    waits: OnceCell<Arc<Waits>>,
    /// When the message in hand is to be answered, on the clock of the actor's runtime.
    deadline: Cell<Option<Timestamp>>,
}

impl Inside {
    pub(crate) fn new(actor: Arc<dyn Running>) -> Self {
        Inside { actor, more: OnceCell::new() }
    }

    fn more(&self) -> &More {
        self.more.get_or_init(|| Box::new(More { waits: OnceCell::new(), deadline: Cell::new(None) }))
    }

    /// A piece of code of this incarnation has ended: it waits for nothing, and its deadline is nobody else's.
    pub(crate) fn piece_ended(&self, incarnation: u32) {
        let Some(more) = self.more.get() else { return };
        more.deadline.set(None);
        // What a later incarnation waits for is not ours to clear.
        if !self.actor.traces().is_clear() && self.actor.incarnation() == incarnation {
            if let Some(waits) = more.waits.get() {
                waits.clear(self.actor.who());
            }
            self.actor.traces().clear();
        }
    }
}

/// A look at the actor whose code runs.
pub(super) struct Here<'a> {
    inside: &'a Inside,
    incarnation: u32,
}

impl Here<'_> {
    pub(super) fn actor(&self) -> &dyn Running {
        &*self.inside.actor
    }

    pub(super) fn id(&self) -> ActorId {
        self.actor().who().id()
    }

    pub(super) fn waits(&self) -> &Arc<Waits> {
        self.inside.more().waits.get_or_init(|| waits::of(&self.inside.actor))
    }

    /// A later incarnation has begun: the actor waits for nothing that this one waits for.
    pub(super) fn is_left_behind(&self) -> bool {
        self.actor().incarnation() != self.incarnation
    }

    /// How much time is left for the message in hand, if that is limited.
    pub(super) fn remaining(&self) -> Option<Duration> {
        let deadline = self.inside.more.get()?.deadline.get()?;
        Some(deadline.since(self.actor().now()))
    }

    fn limit(&self, deadline: Timestamp) {
        self.inside.more().deadline.set(Some(deadline));
        self.actor().traces().limited();
    }
}

// Three places and not one, each of them so small that its accesses are inlined.
thread_local! {
    /// Not dropped by the thread: whoever pushes a frame takes it out again, and a plain place is reached sooner.
    static INSIDE: RefCell<Option<ManuallyDrop<Inside>>> = const { RefCell::new(None) };
    static INCARNATION: Cell<u32> = const { Cell::new(0) };
    /// The handler, hook or timer in progress.
    static DURING: Cell<&'static str> = const { Cell::new(IDLE) };
}

/// Brings back the frame before it when dropped, by a panic too. Then `during` is told what was running, and `inside`
/// is back in its place.
pub(crate) struct Frame<'a> {
    before: Option<ManuallyDrop<Inside>>,
    before_that: (u32, &'static str),
    inside: &'a mut Option<Inside>,
    during: &'a Cell<&'static str>,
    _runtime: Option<Entered>,
}

/// This thread is now in the code of that actor and incarnation, on `runtime`, and in the piece of it that `during`
/// names.
#[inline]
pub(crate) fn push<'a>(
    inside: &'a mut Option<Inside>,
    incarnation: u32,
    runtime: &RuntimeHandle,
    during: &'a Cell<&'static str>,
) -> Frame<'a> {
    let new = inside.take().map(ManuallyDrop::new);
    Frame {
        before: INSIDE.replace(new),
        before_that: (INCARNATION.replace(incarnation), DURING.replace(during.get())),
        inside,
        during,
        _runtime: enter(runtime),
    }
}

impl Drop for Frame<'_> {
    #[inline]
    fn drop(&mut self) {
        *self.inside = INSIDE.replace(self.before.take()).map(ManuallyDrop::into_inner);
        INCARNATION.set(self.before_that.0);
        self.during.set(DURING.replace(self.before_that.1));
    }
}

/// Looks at the actor whose code this thread is in, if it is in one's. `f` must run no foreign code.
#[inline]
pub(super) fn here<T>(f: impl FnOnce(Here<'_>) -> T) -> Option<T> {
    INSIDE.with_borrow(|inside| Some(f(Here { inside: inside.as_deref()?, incarnation: INCARNATION.get() })))
}

/// The actor whose code is running.
#[inline]
pub(crate) fn current() -> Option<ActorId> {
    here(|here| here.id())
}

/// Notes which piece of the actor's code runs from now on.
#[inline]
pub(crate) fn running(piece: &'static str) {
    DURING.set(piece);
}

/// The piece of the actor's code that runs.
pub(crate) fn piece() -> &'static str {
    DURING.get()
}

/// The piece of code that ran has ended, and may have left something to be cleared.
#[cold]
pub(crate) fn piece_ended() {
    here(|here| here.inside.piece_ended(here.incarnation));
}

/// The message in hand is to be answered by then, on the clock of the actor's runtime.
pub(super) fn set_deadline(deadline: Timestamp) {
    here(|here| here.limit(deadline));
}
