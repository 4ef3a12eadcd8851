//! What becomes of replies that are dropped unanswered: the scopes that decide it, one inside the other.

use std::{
    any::Any,
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind},
};

use crate::{error::AskError, exit::Panic};

thread_local! {
    /// How many `catching` calls this thread is in.
    static CATCHING: Cell<usize> = const { Cell::new(0) };
    /// The `failing` calls it is in, each within so many `catching` ones.
    static FAILING: RefCell<Vec<Failing>> = const { RefCell::new(Vec::new()) };
    /// What panics have dropped, with the depth of the `catching` call that will fail it.
    static ORPHANS: RefCell<Vec<(usize, Box<dyn Orphan>)>> = const { RefCell::new(Vec::new()) };
}

/// A scope in which everything that is dropped unanswered fails alike.
struct Failing {
    depth: usize,
    error: AskError,
    failed: u64,
}

/// A reply that was dropped by a panic, and waits for its error.
pub(super) trait Orphan {
    fn fail(self: Box<Self>, error: AskError);
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
pub(super) fn fate() -> Option<AskError> {
    let depth = CATCHING.try_with(Cell::get).ok()?;
    let scoped = FAILING.try_with(|scopes| {
        let mut scopes = scopes.borrow_mut();
        let scope = scopes.last_mut().filter(|scope| scope.depth == depth)?;
        scope.failed += 1;
        Some(scope.error.clone())
    });
    scoped.ok().flatten()
}

/// Hands the reply to the enclosing `catching` call, if a panic is what drops it; gives it back otherwise.
pub(super) fn orphan<O: Orphan + 'static>(reply: O) -> Option<O> {
    let depth = CATCHING.try_with(Cell::get).unwrap_or(0);
    if depth == 0 || !std::thread::panicking() {
        return Some(reply);
    }
    let mut reply = Some(reply);
    let _ = ORPHANS.try_with(|orphans| {
        orphans.borrow_mut().extend(reply.take().map(|reply| (depth, Box::new(reply) as Box<dyn Orphan>)));
    });
    reply
}
