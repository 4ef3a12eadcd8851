//! Where everything goes that nobody waits for: crashes, dead letters, errors without a caller, asks that wait for long.
//!
//! No error is silent. What has no caller to go to is handed to every [`Observer`] that is [installed](install), and
//! with the feature `tracing` it is an event as well.

#[cfg(feature = "tracing")]
mod trace;
#[cfg(not(feature = "tracing"))]
#[path = "trace_off.rs"]
mod trace;

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

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

/// An actor that keeps somebody waiting: it was asked, and what it had accepted by then is not handled [`since`] some
/// time.
///
/// Nothing is done about it. There is one report until the actor has caught up, and another if it falls behind again.
///
/// What is looked at is the actor, about once a second, and not each ask. So it is told when an ask has waited for five
/// to six seconds since its message was in the mailbox; tells that were sent shortly before or after the ask count as it
/// does; and a handler that goes on for an ask whose caller has left meanwhile is reported too. A handler that does not
/// yield its thread cannot be looked into, and a deferred reply counts as given when its handler has returned.
///
/// [`since`]: Overdue::since
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Overdue {
    /// Who keeps others waiting.
    pub actor: ActorRef,
    /// What it waits in: a handler, timer or hook, if it does.
    pub during: Option<&'static str>,
    /// How many messages wait to be begun.
    pub waiting: usize,
    /// How long the oldest message has waited, or been handled, at least.
    pub since: Duration,
    /// Whom it waits for itself, each of them waiting for the next. Empty if that is not known to be an actor.
    pub waits_for: Vec<ActorRef>,
    /// Whether it was in one handler all that time.
    pub(crate) stuck: bool,
}

impl fmt::Display for Overdue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Overdue { actor, during, waiting, since, .. } = self;
        match during {
            Some(during) if self.stuck => write!(f, "`{actor}` has been in `{during}` for {since:?}")?,
            Some(during) => write!(f, "`{actor}` is {since:?} behind, now in `{during}`")?,
            None => write!(f, "`{actor}` is {since:?} behind")?,
        }
        let way = self.waits_for.iter();
        way.enumerate().try_for_each(|(at, next)| {
            let verb = if at == 0 { "; it waits for" } else { ", which waits for" };
            write!(f, "{verb} `{next}`")
        })?;
        match waiting {
            0 => Ok(()),
            1 => f.write_str("; 1 message waits behind it"),
            _ => write!(f, "; {waiting} messages wait behind it"),
        }
    }
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

    /// An ask has waited for five seconds. Called on a task of its own, on the actor's runtime.
    fn overdue(&self, report: &Overdue) {
        let _ = report;
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

pub(crate) fn unheard(error: &UnheardError) {
    trace::unheard(error);
    each(|observer| observer.unheard(error));
}
