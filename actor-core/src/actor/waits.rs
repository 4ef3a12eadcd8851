//! What an actor's handler waits for: its edges, where everyone can find them by the actor's number.
//!
//! An ask within a handler is the usual case, and costs no lock and no allocation: an actor keeps a few edges and uses
//! them again and again. Only the code of the actor itself takes one; others only look. One that asks after the other
//! uses the same edge each time, and a reference to it goes with the ask and comes back with its answer (`frame`).

use std::{
    collections::HashMap,
    sync::{LazyLock, OnceLock, PoisonError, RwLock, Weak},
};

use crate::{
    edge::{Edge, Look},
    id::{ActorId, ActorRef},
    mailbox::Priority,
    rt::Timestamp,
    sync::{Arc, AtomicU8, AtomicU64, AtomicUsize, Mutex, Ordering, lock},
};

/// What the code of an actor runs as, whatever its messages are.
pub(crate) trait Running: Send + Sync {
    fn who(&self) -> &ActorRef;

    /// What the piece of code in progress has left to be cleared.
    fn traces(&self) -> &Traces;

    /// The latest incarnation.
    fn incarnation(&self) -> u32;

    /// The time on its runtime's clock.
    fn now(&self) -> Timestamp;

    /// What its code is suspended in, if it is.
    fn during(&self) -> Option<&'static str>;

    /// Whether its code is about to be dropped, so that it waits for nothing any more.
    fn is_killed(&self) -> bool;

    /// Whether who waits for this actor in that way will go on waiting, as far as this actor knows.
    fn holds_up(&self, how: How) -> bool;
}

/// What the piece of code in progress has left behind for its end. Usually nothing, which is seen at one look.
pub(crate) struct Traces(AtomicU8);

const WAITED: u8 = 1;
const LIMITED: u8 = 2;
/// The actor has edges that others may look for, for as long as it is there.
const KNOWN_TO_ALL: u8 = 4;

impl Traces {
    pub(crate) fn new() -> Self {
        Traces(AtomicU8::new(0))
    }

    fn known(&self) {
        self.0.fetch_or(KNOWN_TO_ALL, Ordering::Relaxed);
    }

    pub(super) fn is_known(&self) -> bool {
        self.0.load(Ordering::Relaxed) & KNOWN_TO_ALL != 0
    }

    /// It waits for something. In one order with all looks of others: see `ring`.
    pub(super) fn waited(&self) {
        self.0.fetch_or(WAITED, Ordering::SeqCst);
    }

    /// Whether it may wait for something.
    #[inline]
    pub(super) fn may_wait(&self) -> bool {
        self.0.load(Ordering::SeqCst) & WAITED != 0
    }

    /// It has a deadline.
    pub(super) fn limited(&self) {
        self.0.fetch_or(LIMITED, Ordering::Relaxed);
    }

    /// Whether there is nothing to be cleared.
    #[inline]
    pub(crate) fn is_clear(&self) -> bool {
        self.0.load(Ordering::Relaxed) & (WAITED | LIMITED) == 0
    }

    pub(super) fn clear(&self) {
        self.0.fetch_and(KNOWN_TO_ALL, Ordering::Release);
    }
}

/// In which way an edge is waited for; each is one number in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// The message is with the actor, or in its mailbox.
    Reply,
    /// The message is about to be sent.
    Sending(Priority),
    /// The message stands in line for room, and then there is the reply.
    Line(Priority, u64),
    /// The message stands in line for room, and that is all.
    Room(Priority, u64),
    /// For the exit of this incarnation.
    Exit(u32),
    /// For the last exit.
    End,
    /// For the outcome of the start.
    Start,
}

impl How {
    #[inline]
    fn encode(self) -> u64 {
        let urgent = |priority| u64::from(priority == Priority::Urgent);
        let (kind, number) = match self {
            How::Reply => (0, 0),
            How::Sending(priority) => (1, urgent(priority)),
            How::Line(priority, ticket) => (2, ticket << 1 | urgent(priority)),
            How::Room(priority, ticket) => (3, ticket << 1 | urgent(priority)),
            How::Exit(incarnation) => (4, u64::from(incarnation)),
            How::End => (5, 0),
            How::Start => (6, 0),
        };
        number << 3 | kind
    }

    fn decode(word: u64) -> Self {
        let number = word >> 3;
        let priority = if number & 1 == 1 { Priority::Urgent } else { Priority::Normal };
        match word & 7 {
            0 => How::Reply,
            1 => How::Sending(priority),
            2 => How::Line(priority, number >> 1),
            3 => How::Room(priority, number >> 1),
            4 => How::Exit(u32::try_from(number).unwrap_or(u32::MAX)),
            5 => How::End,
            _ => How::Start,
        }
    }

    #[inline]
    pub(crate) fn set(self, edge: &Edge) {
        edge.set_how(self.encode());
    }

    pub(super) fn of(edge: &Edge) -> Self {
        How::decode(edge.how())
    }
}

/// An edge, at the side that waits; dropping it ends the wait.
#[derive(Debug)]
pub(super) struct Awaited(pub(super) Arc<Edge>);

impl Drop for Awaited {
    fn drop(&mut self) {
        self.0.leave();
    }
}

/// How many waits of one handler at once cost neither a lock nor an allocation.
const KEPT: usize = 4;

/// The edges of one actor. Made when its code first waits within a handler, and kept as long as its cell.
pub(super) struct Waits {
    pub(super) actor: Weak<dyn Running>,
    kept: [OnceLock<Arc<Edge>>; KEPT],
    /// Those beyond, and those that were brought from another actor.
    more: Mutex<Vec<Arc<Edge>>>,
    /// How many `more` has, so that it need not be locked to see that there are none.
    others: AtomicUsize,
    /// At which number `more` is searched for what is not used any more.
    full: AtomicUsize,
    /// How many waits there have been.
    count: AtomicU64,
}

/// Actors by number.
type Shard = RwLock<HashMap<u64, Arc<Waits>>>;

/// Actors whose code has waited within a handler. Process-wide facts, so std's locks even under loom.
static KNOWN: LazyLock<[Shard; 16]> = LazyLock::new(Default::default);

fn shard(actor: u64) -> &'static Shard {
    // The low bits: numbers are given one after the other.
    let [first, ..] = &*KNOWN;
    let at = usize::try_from(actor % KNOWN.len() as u64).unwrap_or_default();
    KNOWN.get(at).unwrap_or(first)
}

/// The edges of the actor with this number, if it has ever had any.
pub(super) fn known(actor: u64) -> Option<Arc<Waits>> {
    shard(actor).read().unwrap_or_else(PoisonError::into_inner).get(&actor).cloned()
}

/// The edges of this actor, from now on known to all.
pub(super) fn of(actor: &Arc<dyn Running>) -> Arc<Waits> {
    let number = actor.who().id().get();
    actor.traces().known();
    let mut all = shard(number).write().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(all.entry(number).or_insert_with(|| {
        Arc::new(Waits {
            actor: Arc::downgrade(actor),
            kept: Default::default(),
            more: Mutex::new(Vec::new()),
            others: AtomicUsize::new(0),
            full: AtomicUsize::new(2 * KEPT),
            count: AtomicU64::new(0),
        })
    }))
}

/// What this actor waited for is not waited for any more.
pub(super) fn clear(actor: &ActorRef) {
    if let Some(waits) = known(actor.id().get()) {
        waits.clear(actor);
    }
}

/// The actor is gone for good.
pub(super) fn forget(actor: &ActorRef) {
    let number = actor.id().get();
    let waits = shard(number).write().unwrap_or_else(PoisonError::into_inner).remove(&number);
    drop(waits);
}

impl Waits {
    /// An edge that nobody uses.
    pub(super) fn unused(&self, actor: ActorId) -> Arc<Edge> {
        for place in &self.kept {
            let edge = place.get_or_init(|| Arc::new(Edge::kept_by(actor)));
            if Arc::strong_count(edge) == 1 {
                return Arc::clone(edge);
            }
        }
        let edge = Arc::new(Edge::new());
        self.bring(&edge, actor);
        edge
    }

    /// Whether it is the one that [`unused`](Self::unused) gives first.
    #[inline]
    pub(super) fn is_first(&self, edge: &Arc<Edge>) -> bool {
        let [first, ..] = &self.kept;
        first.get().is_some_and(|first| Arc::ptr_eq(first, edge))
    }

    /// Adds an edge that is not among the kept ones.
    pub(super) fn bring(&self, edge: &Arc<Edge>, actor: ActorId) {
        if edge.is_kept_by(actor) {
            return;
        }
        let mut more = lock(&self.more);
        if more.len() >= self.full.load(Ordering::Relaxed) {
            more.retain(|edge| Arc::strong_count(edge) > 1);
            self.full.store((2 * more.len()).max(2 * KEPT), Ordering::Relaxed);
        }
        more.push(Arc::clone(edge));
        self.others.store(more.len(), Ordering::Release);
    }

    /// The number of a new wait.
    #[inline]
    pub(super) fn next(&self) -> u64 {
        // One writer at a time: the actor's own code.
        let next = self.count.load(Ordering::Relaxed) + 1;
        self.count.store(next, Ordering::Relaxed);
        next
    }

    /// The piece of code that waited has ended: what it has left behind waits for nothing.
    pub(super) fn clear(&self, actor: &ActorRef) {
        let rest = |edge: &Arc<Edge>| {
            if edge.is_of(actor.id()) {
                edge.rest();
            }
        };
        self.kept.iter().map_while(OnceLock::get).for_each(rest);
        if self.others.load(Ordering::Relaxed) > 0 {
            let mut more = lock(&self.more);
            more.iter().for_each(rest);
            more.clear();
            self.others.store(0, Ordering::Release);
        }
    }

    /// What is waited for now, of what blocks the actor.
    pub(super) fn present(&self, actor: u64) -> Vec<(Arc<Edge>, Look)> {
        self.found(|edge| edge.look(actor))
    }

    /// What is waited for now, deferred replies too, in the order in which the waiting began.
    pub(super) fn all(&self, actor: u64) -> Vec<(Arc<Edge>, Look)> {
        let mut found = self.found(|edge| edge.sight(actor));
        found.sort_by_key(|(_, look)| look.number());
        found
    }

    fn found(&self, look: impl Fn(&Edge) -> Option<Look>) -> Vec<(Arc<Edge>, Look)> {
        let there = |edge: &Arc<Edge>| look(edge).map(|look| (Arc::clone(edge), look));
        let mut found: Vec<_> = self.kept.iter().map_while(OnceLock::get).filter_map(there).collect();
        if self.others.load(Ordering::Acquire) > 0 {
            found.extend(lock(&self.more).iter().filter_map(there));
        }
        found
    }
}

#[cfg(all(test, not(actor_loom)))]
mod tests {
    use super::{How, Priority};

    #[test]
    fn every_way_to_wait_is_one_number() {
        let (normal, urgent) = (Priority::Normal, Priority::Urgent);
        let all = [
            How::Reply,
            How::Sending(normal),
            How::Sending(urgent),
            How::Line(normal, 9),
            How::Line(urgent, 9),
            How::Room(normal, 1 << 50),
            How::Room(urgent, 0),
            How::Exit(77),
            How::End,
            How::Start,
        ];
        for how in all {
            assert_eq!(How::decode(how.encode()), how);
        }
    }
}
