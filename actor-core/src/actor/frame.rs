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

use super::waits::{self, How, Running, Waits};
use crate::{
    edge::Edge,
    id::ActorId,
    piece::Piece,
    rt::{Entered, RuntimeHandle, Timestamp, enter},
    sync::Arc,
};

/// An actor whose code is run, from the first poll of a future of it to the last. Boxed, so that it moves into a frame
/// and back as one word.
pub(crate) struct Inside {
    actor: Arc<dyn Running>,
    id: ActorId,
    incarnation: u32,
    /// From its first wait, or the first message with a deadline.
    more: OnceCell<Box<More>>,
}

struct More {
    waits: OnceCell<Arc<Waits>>,
    /// A second reference to the first of the kept edges, while that is not in use: an ask takes it along and brings it
    /// back, so that none is counted.
    spare: Cell<Option<Arc<Edge>>>,
    /// The piece of code in progress has set the mark that says that it may wait.
    marked: Cell<bool>,
    /// When the message in hand is to be answered, on the clock of the actor's runtime.
    deadline: Cell<Option<Timestamp>>,
}

impl Inside {
    pub(crate) fn new(actor: Arc<dyn Running>, incarnation: u32) -> Self {
        let id = actor.who().id();
        Inside { actor, id, incarnation, more: OnceCell::new() }
    }

    fn more(&self) -> &More {
        let new = || More {
            waits: OnceCell::new(),
            spare: Cell::new(None),
            marked: Cell::new(false),
            deadline: Cell::new(None),
        };
        self.more.get_or_init(|| Box::new(new()))
    }

    /// A piece of code of this incarnation has ended: it waits for nothing, and its deadline is nobody else's.
    pub(crate) fn piece_ended(&self) {
        let Some(more) = self.more.get() else { return };
        more.deadline.set(None);
        more.marked.set(false);
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

    #[inline]
    pub(super) fn id(&self) -> ActorId {
        self.inside.id
    }

    pub(super) fn waits(&self) -> &Arc<Waits> {
        self.inside.more().waits.get_or_init(|| waits::of(&self.inside.actor))
    }

    /// `edge` is awaited by the code that runs, for all to see, before whatever is looked at after this.
    pub(super) fn show(&self, edge: &Edge) {
        edge.await_as(self.id(), self.waits().next());
        self.actor().traces().waited();
        self.inside.more().marked.set(true);
    }

    /// An edge that nobody uses, which was used before by this code and can be found by others.
    #[inline]
    pub(super) fn spare(&self) -> Option<Spare<'_>> {
        let more = self.inside.more.get()?;
        let waits = more.waits.get()?;
        // Two: it is kept, and this.
        let edge = more.spare.take().filter(|edge| Arc::strong_count(edge) == 2)?;
        Some(Spare { here: self, more, waits, edge })
    }

    /// Takes back what was a spare edge, or may become one.
    #[inline]
    pub(super) fn give_back(&self, edge: Arc<Edge>) {
        if let Some(more) = self.inside.more.get()
            && more.waits.get().is_some_and(|waits| waits.is_first(&edge))
        {
            more.spare.set(Some(edge));
        }
    }

    /// An edge that nobody uses.
    pub(super) fn unused(&self) -> Arc<Edge> {
        self.spare().map_or_else(|| self.waits().unused(self.id()), |spare| spare.edge)
    }

    /// A later incarnation has begun: the actor waits for nothing that this one waits for.
    #[inline]
    pub(super) fn is_left_behind(&self) -> bool {
        self.actor().incarnation() != self.inside.incarnation
    }

    /// How much time is left for the message in hand, if that is limited.
    #[inline]
    pub(super) fn remaining(&self) -> Option<Duration> {
        let deadline = self.inside.more.get()?.deadline.get()?;
        Some(deadline.since(self.actor().now()))
    }

    fn limit(&self, deadline: Timestamp) {
        self.inside.more().deadline.set(Some(deadline));
        self.actor().traces().limited();
    }
}

/// A spare edge, and where it came from.
pub(super) struct Spare<'a> {
    here: &'a Here<'a>,
    more: &'a More,
    waits: &'a Waits,
    edge: Arc<Edge>,
}

impl Spare<'_> {
    /// As [`Here::show`], for a new wait for `to`, with less to be done.
    #[inline]
    pub(super) fn show(self, to: ActorId, how: How) -> Arc<Edge> {
        let Spare { here, more, waits, edge } = self;
        edge.prepare(here.id(), to);
        how.set(&edge);
        if more.marked.get() {
            edge.await_in_order(waits.next());
        } else {
            here.show(&edge);
        }
        edge
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
