//! The reply to an ask: a slot with two ends, and what becomes of it when nobody answers.
//!
//! [`Reply`] travels inside the message; `Wait` stays in the caller's future. An ask always ends: a `Reply` that is
//! dropped unanswered fails its caller, and *how* depends on what is going on around the drop:
//!
//! * The loop drops messages and state of an ended actor within [`failing`], which names the error.
//! * The loop polls handlers within [`catching`]: replies dropped by the unwinding of a panic are collected there and
//!   failed with that panic, once it is caught and has a text.
//! * Anywhere else the reply was simply forgotten: [`AskError::NoReply`].
//!
//! So no message type needs a method to fail itself, and there is no way to drop one that leaves a caller hanging.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    fmt,
    panic::{AssertUnwindSafe, catch_unwind},
    task::{Context, Poll, Waker},
};

use crate::{
    error::AskError,
    exit::Panic,
    rt::Timestamp,
    sync::{Arc, Mutex, lock},
};

#[cfg(all(test, actor_loom))]
mod loom;

/// The caller's side of a message: send the handler's result here, from anywhere, once.
///
/// A handler that takes a `reply: Reply<T>` parameter answers when it likes: it may store the reply, move it into a
/// task, or answer at once. Dropped unanswered it fails the caller with [`AskError::NoReply`]; dropped because its
/// actor ended, with the actor's exit.
///
/// ```
/// use actor_core::prelude::*;
/// #[derive(Default)]
/// struct Gate { waiting: Vec<Reply<u32>> }
/// #[actor]
/// impl Gate {
///     pub fn pass(&mut self, reply: Reply<u32>) { self.waiting.push(reply) }
///     pub fn open(&mut self) { for reply in self.waiting.drain(..) { reply.send(7) } }
/// }
/// # actor_core::rt::test::run(async {
/// let gate = Gate::default().spawn();
/// let passed = gate.pass().enqueue().await.unwrap();
/// gate.open().await.unwrap();
/// assert_eq!(passed.await, Ok(7));
/// # });
/// ```
#[must_use = "a reply that is dropped fails the caller"]
pub struct Reply<R: 'static>(Option<Arc<Slot<R>>>);

/// The caller's end; empty once the result was taken.
pub(crate) struct Wait<R>(Option<Arc<Slot<R>>>);

struct Slot<R> {
    state: Mutex<State<R>>,
    terms: Terms,
}

/// What the caller agreed to.
#[derive(Clone, Copy, Default)]
pub(crate) struct Terms {
    /// Do not begin after this time of the actor's runtime.
    pub(crate) deadline: Option<Timestamp>,
    /// The caller has set a time limit.
    pub(crate) limited: bool,
    /// Run the message whether or not somebody still waits.
    pub(crate) committed: bool,
}

enum State<R> {
    Waiting(Option<Waker>),
    Done(Result<R, AskError>),
    Taken,
    /// The caller left; `expired`: because its time was up.
    Gone {
        expired: bool,
    },
}

/// A new slot's two ends.
pub(crate) fn pair<R>(terms: Terms) -> (Reply<R>, Wait<R>) {
    let slot = Arc::new(Slot { state: Mutex::new(State::Waiting(None)), terms });
    (Reply(Some(Arc::clone(&slot))), Wait(Some(slot)))
}

impl<R> Reply<R> {
    /// The reply of a tell: nobody waits, what is sent is dropped.
    pub fn none() -> Self {
        Reply(None)
    }

    /// Answers. If the caller has left, the value is dropped.
    pub fn send(mut self, value: R) {
        self.complete(Ok(value));
    }

    /// Whether somebody still waits for the answer.
    pub fn is_wanted(&self) -> bool {
        self.0.as_ref().is_some_and(|slot| !matches!(*lock(&slot.state), State::Gone { .. }))
    }

    /// Whether the message is still to be run: a tell, an ask whose caller waits, or a commitment; and in time.
    pub(crate) fn is_due(&self, now: impl FnOnce() -> Timestamp) -> bool {
        let Some(slot) = &self.0 else { return true };
        if slot.terms.committed && !slot.terms.limited {
            return true;
        }
        let wanted = match *lock(&slot.state) {
            State::Gone { expired } => slot.terms.committed && !expired,
            _ => true,
        };
        let late = slot.terms.deadline.is_some_and(|deadline| now() >= deadline);
        if late {
            // Its caller's own timer may be a little behind the actor's clock; he gets the same answer from either.
            slot.complete(Err(AskError::Timeout));
        }
        wanted && !late
    }

    fn complete(&mut self, result: Result<R, AskError>) {
        if let Some(slot) = self.0.take() {
            slot.complete(result);
        }
    }
}

impl<R> Slot<R> {
    fn complete(&self, result: Result<R, AskError>) {
        let mut state = lock(&self.state);
        let State::Waiting(waker) = &mut *state else {
            // A late reply is dropped, after the unlock: it is the user's value.
            drop(state);
            return drop(result);
        };
        let waker = waker.take();
        *state = State::Done(result);
        drop(state);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl<R> Drop for Reply<R> {
    fn drop(&mut self) {
        let Some(slot) = self.0.take() else { return };
        if let Some(error) = fate() {
            slot.complete(Err(error));
        } else if let Some(slot) = orphan(slot) {
            slot.complete(Err(AskError::NoReply));
        }
    }
}

impl<R> fmt::Debug for Reply<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Reply(wanted: {})", self.is_wanted())
    }
}

impl<R> Wait<R> {
    pub(crate) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<R, AskError>> {
        let Some(slot) = &self.0 else { panic!("an ask was polled again after it had given its result") };
        let mut mine = None;
        let result = loop {
            let mut state = lock(&slot.state);
            let State::Waiting(known) = &mut *state else {
                break std::mem::replace(&mut *state, State::Taken);
            };
            if known.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
                return Poll::Pending;
            }
            if mine.is_some() {
                let old = std::mem::replace(known, mine);
                drop(state);
                drop(old);
                return Poll::Pending;
            }
            // Cloned outside the lock, where a waker's clone may run anything; then the answer is looked for again.
            drop(state);
            mine = Some(cx.waker().clone());
        };
        self.0 = None;
        match result {
            State::Done(result) => Poll::Ready(result),
            _ => unreachable!("only the caller's end takes the result or leaves"),
        }
    }

    /// Leaves because the time is up: the message is not to be run any more, commitment or not.
    pub(crate) fn expire(&mut self) {
        self.leave(true);
    }

    fn leave(&mut self, expired: bool) {
        let Some(slot) = self.0.take() else { return };
        let mut state = lock(&slot.state);
        let left = std::mem::replace(&mut *state, State::Gone { expired });
        drop(state);
        // A waker or a reply that came just now: foreign values, dropped after the unlock.
        drop(left);
    }
}

impl<R> Drop for Wait<R> {
    fn drop(&mut self) {
        self.leave(false);
    }
}

// ── what becomes of replies that are dropped unanswered

thread_local! {
    /// How many `catching` calls this thread is in.
    static CATCHING: Cell<usize> = const { Cell::new(0) };
    /// The `failing` calls it is in, each within so many `catching` ones.
    static FAILING: RefCell<Vec<Failing>> = const { RefCell::new(Vec::new()) };
    /// What panics have dropped, with the depth of the `catching` call that will fail it.
    static ORPHANS: RefCell<Vec<(usize, Arc<dyn Orphan>)>> = const { RefCell::new(Vec::new()) };
}

/// A scope in which everything that is dropped unanswered fails alike.
struct Failing {
    depth: usize,
    error: AskError,
    failed: u64,
}

/// A slot whose reply was dropped by a panic.
trait Orphan {
    fn fail(&self, error: AskError);
}

impl<R> Orphan for Slot<R> {
    fn fail(&self, error: AskError) {
        self.complete(Err(error));
    }
}

/// Runs `f`; asks whose replies are dropped in it fail with `error`. Says how many there were.
pub(crate) fn failing<T>(error: AskError, f: impl FnOnce() -> T) -> (T, u64) {
    /// Leaves the scope, by a panic too.
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            let left = FAILING.try_with(|scopes| scopes.borrow_mut().pop());
            drop(left);
        }
    }
    // `try_with`: a thread that is ending may have dropped the scopes already. What is dropped then ends with `NoReply`.
    let scope = Failing { depth: CATCHING.get(), error, failed: 0 };
    if FAILING.try_with(|scopes| scopes.borrow_mut().push(scope)).is_err() {
        return (f(), 0);
    }
    let leave = Leave;
    let value = f();
    let failed = FAILING.with_borrow(|scopes| scopes.last().map_or(0, |scope| scope.failed));
    drop(leave);
    (value, failed)
}

/// Drops a message that will not be handled: its caller gets `error`. Says how many callers there were. A message whose
/// own drop panics harms nobody else.
pub(crate) fn discard<M>(error: AskError, message: M) -> u64 {
    let dropped = catch_unwind(AssertUnwindSafe(|| failing(error, || drop(message))));
    dropped.map_or(0, |((), failed)| failed)
}

/// Runs `f` and catches its panic. Asks whose replies the panic dropped fail with what `describe` makes of it.
pub(crate) fn catching<T>(
    f: impl FnOnce() -> T,
    describe: impl FnOnce(&(dyn Any + Send)) -> Panic,
) -> Result<T, Panic> {
    let depth = CATCHING.get() + 1;
    CATCHING.set(depth);
    // Unwind safety: what `f` leaves half-done is the state of one incarnation, which the caller then ends.
    let result = catch_unwind(AssertUnwindSafe(f));
    CATCHING.set(depth - 1);
    result.map_err(|payload| {
        let orphans = ORPHANS.with_borrow_mut(|orphans| {
            let first = orphans.partition_point(|(of, _)| *of < depth);
            orphans.split_off(first)
        });
        let panic = describe(&*payload);
        // The payload is the user's value, and its drop may panic too.
        drop(catch_unwind(AssertUnwindSafe(|| drop(payload))));
        for (_, orphan) in orphans {
            orphan.fail(AskError::Panicked(panic.clone()));
        }
        panic
    })
}

/// The error of the innermost `failing` scope, if no `catching` call is within it; counts one more failure.
fn fate() -> Option<AskError> {
    let depth = CATCHING.try_with(Cell::get).ok()?;
    let scoped = FAILING.try_with(|scopes| {
        let mut scopes = scopes.borrow_mut();
        let scope = scopes.last_mut().filter(|scope| scope.depth == depth)?;
        scope.failed += 1;
        Some(scope.error.clone())
    });
    scoped.ok().flatten()
}

/// Hands the slot to the enclosing `catching` call, if a panic is what drops it; gives it back otherwise.
fn orphan<R: 'static>(slot: Arc<Slot<R>>) -> Option<Arc<Slot<R>>> {
    let depth = CATCHING.try_with(Cell::get).unwrap_or(0);
    if depth == 0 || !std::thread::panicking() {
        return Some(slot);
    }
    let mut slot = Some(slot);
    let _ = ORPHANS.try_with(|orphans| {
        orphans.borrow_mut().extend(slot.take().map(|slot| (depth, slot as Arc<dyn Orphan>)));
    });
    slot
}
