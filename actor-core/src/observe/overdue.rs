//! The report about an actor that keeps somebody waiting.

use std::{fmt, time::Duration};

use super::waits::WaitGraph;
use crate::id::ActorRef;

/// An actor that keeps somebody waiting: it was asked, and what it had accepted by then is not handled, or was handled
/// and is not answered, [`since`] some time.
///
/// Nothing is done about it. What is looked at is the actor, about once a second, and not each ask. So an ask that waits
/// is told when it has done so for five to six seconds since its message was in the mailbox.
///
/// * **What is not handled** is told once, until the actor has caught up; and anew if it falls behind again. Tells that
///   were sent shortly before or after the ask count as it does; and a handler that goes on for an ask whose caller has
///   left meanwhile is reported too. A handler that does not yield its thread cannot be looked into.
/// * **What was handled and is not answered** is a [deferred](crate::Reply) reply: each is part of one report, a
///   [`deferred`] one, with those that have become overdue in the same second. Where a caller has left nobody waits. If
///   messages overtake others (in the priority lane), one may be told earlier, by as long as the actor was behind. An
///   actor that is gone, with all its handles, is not looked at.
///
/// [`since`]: Overdue::since
/// [`deferred`]: Overdue::deferred
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Overdue {
    /// Who keeps others waiting.
    pub actor: ActorRef,
    /// What it waits in: a handler, timer or hook, if it does.
    pub during: Option<&'static str>,
    /// How many messages wait to be begun.
    pub waiting: usize,
    /// How long the oldest has waited, or been handled, or its reply been deferred, together and at least.
    pub since: Duration,
    /// If it is replies that are overdue: their handlers have returned, or go on without them.
    pub deferred: Option<Deferred>,
    /// Whom it waits for itself, and whom that one waits for. If replies are overdue, those actors come first whose
    /// code waits for them.
    pub waits_for: WaitGraph,
    /// Whether it was in one handler all that time.
    pub(crate) stuck: bool,
}

/// Replies that were deferred, and not given for too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deferred {
    /// The handler that has taken the oldest of them.
    pub handler: &'static str,
    /// How many there are.
    pub replies: usize,
}

impl fmt::Display for Overdue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Overdue { actor, during, waiting, since, deferred, waits_for, .. } = self;
        match (deferred, during) {
            (Some(Deferred { handler, replies: 1 }), _) => {
                write!(f, "`{actor}` has deferred the reply of `{handler}` for {since:?}")?;
            }
            (Some(Deferred { handler, replies }), _) => {
                write!(f, "`{actor}` has deferred {replies} replies for {since:?}, the first of them in `{handler}`")?;
            }
            (None, Some(during)) if self.stuck => write!(f, "`{actor}` has been in `{during}` for {since:?}")?,
            (None, Some(during)) => write!(f, "`{actor}` is {since:?} behind, now in `{during}`")?,
            (None, None) => write!(f, "`{actor}` is {since:?} behind")?,
        }
        if !waits_for.is_empty() {
            f.write_str("; ")?;
            // Of a report on replies, what the actor is in is no part yet.
            waits_for.write(f, Some(actor).filter(|_| deferred.is_none()))?;
        }
        match waiting {
            0 => Ok(()),
            1 => f.write_str("; 1 message waits behind it"),
            _ => write!(f, "; {waiting} messages wait behind it"),
        }
    }
}
