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
    piece::Piece,
    rt::{Entered, RuntimeHandle, Timestamp, enter},
    sync::Arc,
};

/// An actor whose code is run, from the first poll of a future of it to the last. Boxed, so that it moves into a frame
/// and back as one word.
pub(crate) struct Inside {
    actor: Arc<dyn Running>,
    incarnation: u32,
    /// From its first wait, or the first message with a deadline.
    more: OnceCell<Box<More>>,
}

struct More {
    waits: OnceCell<Arc<Waits>>,
    /// When the message in hand is to be answered, on the clock of the actor's runtime.
    deadline: Cell<Option<Timestamp>>,
}

impl Inside {
    pub(crate) fn new(actor: Arc<dyn Running>, incarnation: u32) -> Self {
        Inside { actor, incarnation, more: OnceCell::new() }
    }

    fn more(&self) -> &More {
        self.more.get_or_init(|| Box::new(More { waits: OnceCell::new(), deadline: Cell::new(None) }))
    }

    /// A piece of code of this incarnation has ended: it waits for nothing, and its deadline is nobody else's.
    pub(crate) fn piece_ended(&self) {
        let Some(more) = self.more.get() else { return };
        more.deadline.set(None);
        // What a later incarnation waits for is not ours to clear.
        if !self.actor.traces().is_clear() && self.actor.incarnation() == self.incarnation {
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
        self.actor().incarnation() != self.inside.incarnation
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

// Two places of one word each: what is written in pieces of one size and read in pieces of another stalls the processor
// for longer than all of this takes.
thread_local! {
    /// Not dropped by the thread: whoever pushes a frame takes it out again, and a plain place is reached sooner.
    static INSIDE: RefCell<Option<ManuallyDrop<Box<Inside>>>> = const { RefCell::new(None) };
    /// The handler, hook or timer in progress.
    static DURING: Cell<Piece> = const { Cell::new(Piece::IDLE) };
}

/// Brings back the frame before it when dropped, by a panic too. Then `during` is told what was running, and `inside`
/// is back in its place.
pub(crate) struct Frame<'a> {
    before: Option<ManuallyDrop<Box<Inside>>>,
    before_that: Piece,
    inside: &'a mut Option<Box<Inside>>,
    during: &'a Cell<Piece>,
    _runtime: Option<Entered>,
}

/// This thread is now in the code of that actor, on `runtime`, and in the piece of it that `during` names.
// Inlined, with its drop, so that the frame is never built: what is kept stays in registers.
#[expect(clippy::inline_always, reason = "measured: each poll of each actor goes through here")]
#[inline(always)]
pub(crate) fn push<'a>(
    inside: &'a mut Option<Box<Inside>>,
    runtime: &RuntimeHandle,
    during: &'a Cell<Piece>,
) -> Frame<'a> {
    let new = inside.take().map(ManuallyDrop::new);
    Frame {
        before: INSIDE.replace(new),
        before_that: DURING.replace(during.get()),
        inside,
        during,
        _runtime: enter(runtime),
    }
}

impl Drop for Frame<'_> {
    #[expect(clippy::inline_always, reason = "as for `push`")]
    #[inline(always)]
    fn drop(&mut self) {
        let back = INSIDE.replace(self.before.take()).map(ManuallyDrop::into_inner);
        // What is there is `None`: its place was kept. So nothing is dropped.
        std::mem::forget(std::mem::replace(self.inside, back));
        self.during.set(DURING.replace(self.before_that));
    }
}

/// Looks at the actor whose code this thread is in, if it is in one's. `f` must run no foreign code.
#[inline]
pub(super) fn here<T>(f: impl FnOnce(Here<'_>) -> T) -> Option<T> {
    INSIDE.with_borrow(|inside| Some(f(Here { inside: inside.as_deref()? })))
}

/// Whether this thread is in an actor's code.
#[inline]
pub(super) fn is_inside() -> bool {
    INSIDE.with_borrow(Option::is_some)
}

/// The actor whose code is running.
#[inline]
pub(crate) fn current() -> Option<ActorId> {
    here(|here| here.id())
}

/// Notes which piece of the actor's code runs from now on.
#[inline]
pub(crate) fn running(piece: Piece) {
    DURING.set(piece);
}

/// The piece of the actor's code that runs.
pub(crate) fn piece() -> Piece {
    DURING.get()
}

/// The piece of code that ran has ended, and may have left something to be cleared.
#[cold]
pub(crate) fn piece_ended() {
    here(|here| here.inside.piece_ended());
}

/// The message in hand is to be answered by then, on the clock of the actor's runtime.
pub(super) fn set_deadline(deadline: Timestamp) {
    here(|here| here.limit(deadline));
}
