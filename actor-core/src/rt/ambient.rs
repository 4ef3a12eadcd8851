//! Which runtime is meant where none is named.

use std::{cell::RefCell, sync::OnceLock};

use super::RuntimeHandle;

thread_local! {
    /// The runtimes whose code this thread is in: one per nested poll of an actor or of the test runtime.
    static CURRENT: RefCell<Vec<RuntimeHandle>> = const { RefCell::new(Vec::new()) };
}

static DEFAULT: OnceLock<RuntimeHandle> = OnceLock::new();

/// Sets the runtime that is used where no other is found; gives it back if one was set already.
///
/// # Errors
/// The argument, when a default had been set before; the first one stays.
pub fn set_default(runtime: RuntimeHandle) -> Result<(), RuntimeHandle> {
    DEFAULT.set(runtime)
}

/// Ends the scope of [`enter`] when dropped.
pub(crate) struct Entered(());

/// Makes `runtime` the ambient one on this thread until the guard is dropped. Held within one poll, never across one.
///
/// `None` for a runtime that [`foreign`] finds by itself inside its own tasks: nothing is to be done then.
#[inline]
pub(crate) fn enter(runtime: &RuntimeHandle) -> Option<Entered> {
    if runtime.announces_itself() {
        return None;
    }
    // `try_with`, here and below: a thread that is ending may have dropped the stack already.
    CURRENT.try_with(|stack| stack.borrow_mut().push(runtime.clone())).ok()?;
    Some(Entered(()))
}

impl Drop for Entered {
    #[inline]
    fn drop(&mut self) {
        leave();
    }
}

/// Apart from the drop, which most polls go past with nothing to do.
#[inline(never)]
fn leave() {
    let _ = CURRENT.try_with(|stack| stack.borrow_mut().pop());
}

/// The running actor's runtime, else tokio's, else the process default.
pub(crate) fn ambient() -> Option<RuntimeHandle> {
    let current = CURRENT.try_with(|stack| stack.borrow().last().cloned()).ok().flatten();
    current.or_else(foreign).or_else(|| DEFAULT.get().cloned())
}

#[cfg(feature = "tokio")]
fn foreign() -> Option<RuntimeHandle> {
    super::tokio::current()
}

#[cfg(not(feature = "tokio"))]
fn foreign() -> Option<RuntimeHandle> {
    None
}
