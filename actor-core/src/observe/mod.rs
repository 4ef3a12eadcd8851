//! Where everything goes that nobody waits for: crashes, dead letters, errors without a caller, asks that wait for long.
//!
//! No error is silent. What has no caller to go to is handed to every [`Observer`] that is [installed](install), and
//! with the feature `tracing` it is an event as well.

#[cfg(feature = "tracing")]
mod trace;
#[cfg(not(feature = "tracing"))]
#[path = "trace_off.rs"]
mod trace;

mod overdue;
mod stall;
mod waits;

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
};

pub use overdue::{Deferred, Overdue};
pub(crate) use stall::poll_limit;
pub use stall::{Stall, set_poll_limit};
pub use waits::{WaitGraph, WaitKind, Waiting};

use crate::{
    exit::{Exit, SharedError},
    id::ActorRef,
};

/// An abnormal exit.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct CrashReport {
    /// Who ended.
    pub actor: ActorRef,
    /// Which of its lives this was, counted from 1.
    pub incarnation: u32,
    /// How it ended.
    pub exit: Exit,
}

impl fmt::Display for CrashReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` (incarnation {}) {}", self.actor, self.incarnation, self.exit)
    }
}

/// A message that was accepted and never handled.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DeadLetter {
    /// Whose mailbox it was in.
    pub actor: ActorRef,
    /// The message's name.
    pub message: &'static str,
    /// Why it was not handled.
    pub reason: DeadReason,
}

/// Why an accepted message was not handled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DeadReason {
    /// Its actor ended first.
    Stopped,
    /// The mailbox was full, and its policy chose this message.
    Overflow,
    /// Its caller left before its handler began.
    Abandoned,
    /// Its time limit passed before its handler began, whether the caller's clock or the actor's saw it first.
    Late,
}

/// An error that a handler, timer or hook returned and that no caller waits for.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct UnheardError {
    /// Who returned it.
    pub actor: ActorRef,
    /// What was running.
    pub during: &'static str,
    /// The error.
    pub error: SharedError,
}

/// Is told what nobody waits for. Called on the actor's task: be quick, and do not panic.
///
/// ```
/// use actor_core::{observe::{self, CrashReport, Observer}, prelude::*};
/// use std::sync::{Arc, atomic::{AtomicU32, Ordering}};
///
/// #[derive(Default)]
/// struct Count(AtomicU32);
/// impl Observer for Count {
///     fn crash(&self, _: &CrashReport) { self.0.fetch_add(1, Ordering::Relaxed); }
/// }
///
/// struct Fragile;
/// #[actor]
/// impl Fragile { pub fn touch(&self) { panic!("ouch") } }
///
/// # actor_core::rt::test::run(async {
/// let crashes = Arc::new(Count::default());
/// let _installed = observe::install(crashes.clone());
/// let h = Fragile.spawn();
/// assert!(matches!(h.touch().await, Err(AskError::Panicked(_))));
/// h.stopped().await;
/// assert_eq!(crashes.0.load(Ordering::Relaxed), 1);
/// # });
/// ```
pub trait Observer: Send + Sync {
    /// An actor, supervisor or supervised task ended abnormally.
    fn crash(&self, report: &CrashReport) {
        let _ = report;
    }

    /// A message was accepted and will not be handled.
    fn dead_letter(&self, letter: &DeadLetter) {
        let _ = letter;
    }

    /// An ask has waited for five seconds, for its handler or for a reply that the handler has deferred. The report says
    /// who keeps it waiting, what that actor is in, and who waits for whom from there on. Told once, as [`Overdue`]
    /// defines it; called on a task of its own, on the actor's runtime.
    fn overdue(&self, report: &Overdue) {
        let _ = report;
    }

    /// A piece of an actor's code has held its thread for longer than the limit that [`set_poll_limit`] has set. Called
    /// once for each time, on that thread, when it gives the thread up.
    fn stalled(&self, stall: &Stall) {
        let _ = stall;
    }

    /// An error had no caller to go to.
    fn unheard(&self, error: &UnheardError) {
        let _ = error;
    }
}

static OBSERVERS: RwLock<Vec<Arc<dyn Observer>>> = RwLock::new(Vec::new());

/// Adds an observer, process-wide, until the guard is dropped.
pub fn install(observer: Arc<dyn Observer>) -> Installed {
    OBSERVERS.write().unwrap_or_else(PoisonError::into_inner).push(Arc::clone(&observer));
    Installed(observer)
}

/// Keeps an [`Observer`] installed; dropping it takes the observer out.
#[must_use = "the observer is taken out when this is dropped"]
pub struct Installed(Arc<dyn Observer>);

impl fmt::Debug for Installed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Installed")
    }
}

impl Drop for Installed {
    fn drop(&mut self) {
        let mut observers = OBSERVERS.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(at) = observers.iter().position(|observer| Arc::ptr_eq(observer, &self.0)) {
            let gone = observers.remove(at);
            drop(observers);
            drop(gone);
        }
    }
}

/// Tells every observer, outside the lock, so that one of them may install another.
fn each(tell: impl Fn(&dyn Observer)) {
    let observers = OBSERVERS.read().unwrap_or_else(PoisonError::into_inner).clone();
    for observer in &observers {
        tell(&**observer);
    }
}

pub(crate) fn crash(report: &CrashReport) {
    trace::crash(report);
    each(|observer| observer.crash(report));
}

pub(crate) fn dead_letter(letter: &DeadLetter) {
    trace::dead_letter(letter);
    each(|observer| observer.dead_letter(letter));
}

pub(crate) fn overdue(report: &Overdue) {
    trace::overdue(report);
    each(|observer| observer.overdue(report));
}

pub(crate) fn stalled(stall: &Stall) {
    trace::stalled(stall);
    each(|observer| observer.stalled(stall));
}

pub(crate) fn unheard(error: &UnheardError) {
    trace::unheard(error);
    each(|observer| observer.unheard(error));
}
