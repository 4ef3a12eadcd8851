//! Where the message of an ask is, for as long as the handler that waits for its reply is blocked by it.
//!
//! The caller's side keeps the edge among what its handler waits for, the reply's side says what becomes of it: it
//! leads to the actor that has the message, moves when the message is forwarded, and ends before the reply is out, so
//! that whoever looks afterwards sees no caller that is about to go on.

use crate::{
    id::ActorId,
    sync::{AtomicU64, Ordering},
};

/// One step of "who waits for whom": it leads to one actor, or has ended.
#[derive(Debug)]
pub(crate) struct Edge(AtomicU64);

/// No actor has this number.
const NOWHERE: u64 = 0;

impl Edge {
    pub(crate) fn to(actor: ActorId) -> Self {
        Edge(AtomicU64::new(actor.get()))
    }

    /// The message is now with another actor.
    pub(crate) fn move_to(&self, actor: ActorId) {
        self.0.store(actor.get(), Ordering::Release);
    }

    /// The message blocks its caller no more: it was answered, or its reply has left the handler.
    pub(crate) fn end(&self) {
        self.0.store(NOWHERE, Ordering::Release);
    }

    /// The number of the actor that has the message; `None` if it has ended.
    pub(crate) fn leads_to(&self) -> Option<u64> {
        Some(self.0.load(Ordering::Acquire)).filter(|actor| *actor != NOWHERE)
    }
}
