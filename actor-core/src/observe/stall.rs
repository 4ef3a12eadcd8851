//! A poll that holds its thread for too long: what is told of it, and from how long on.

use std::{
    fmt,
    sync::atomic::{AtomicU64, Ordering},
    time::Duration,
};

use crate::id::ActorRef;

/// A piece of an actor's code that has held its thread for longer than the [limit](set_poll_limit) without giving it up
/// at an `.await`: other tasks of that thread had to wait, and so had a kill.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Stall {
    /// Whose code it was.
    pub actor: ActorRef,
    /// The message, hook or timer.
    pub during: &'static str,
    /// For how long it has held the thread.
    pub held: Duration,
}

impl fmt::Display for Stall {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` has held its thread for {:?} in `{}`", self.actor, self.held, self.during)
    }
}

/// In nanoseconds; 0 is none. A process-wide setting, so std's atomic even under loom.
static LIMIT: AtomicU64 = AtomicU64::new(0);

/// Sets from how long on a poll is reported to [`Observer::stalled`](super::Observer::stalled); `None`, which is how a
/// process begins, is never. Process-wide, from the next poll on.
///
/// With a limit the loop reads its runtime's clock for each message, some twenty nanoseconds; without one it does not.
/// The report is made when the poll has ended: of one that never ends the callers hear after five seconds, by
/// [`Observer::overdue`](super::Observer::overdue).
///
/// ```
/// use actor_core::observe;
/// use std::time::Duration;
/// observe::set_poll_limit(Some(Duration::from_millis(10)));
/// # observe::set_poll_limit(None);
/// ```
pub fn set_poll_limit(limit: Option<Duration>) {
    let nanos = |limit: Duration| u64::try_from(limit.as_nanos()).unwrap_or(u64::MAX).max(1);
    LIMIT.store(limit.map_or(0, nanos), Ordering::Relaxed);
}

/// The limit, if one is set.
#[inline]
pub(crate) fn poll_limit() -> Option<Duration> {
    match LIMIT.load(Ordering::Relaxed) {
        0 => None,
        nanos => Some(Duration::from_nanos(nanos)),
    }
}
