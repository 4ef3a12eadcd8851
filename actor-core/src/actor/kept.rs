//! Replies that handlers have taken and not given yet. Only handlers that take theirs write here, and most actors have
//! none: those carry nothing for it.

use std::collections::VecDeque;

use crate::{
    edge::Deferral,
    observe::{Deferred, WaitGraph},
    sync::{Mutex, lock},
};

/// The fewest entries among which those that are over are searched for.
const SWEEP: usize = 16;

/// Made by the first reply that is deferred; kept by `life` with what else is rare.
#[derive(Default)]
pub(super) struct Kept(Mutex<List>);

#[derive(Default)]
struct List {
    /// In the order of their messages.
    entries: VecDeque<Entry>,
    /// With how many entries those that are over are taken out.
    sweep: usize,
}

struct Entry {
    deferral: Deferral,
    /// What was done before its own message.
    before: Done,
    handler: &'static str,
    /// It was part of a report.
    told: bool,
}

/// How far an actor has come with its messages, in all its lives.
#[derive(Debug, Clone, Copy)]
pub(super) struct Done {
    /// Messages that the loop is through with.
    pub(super) completed: u64,
    /// Queued messages that the overflow policy has dropped.
    pub(super) dropped: u64,
}

impl Done {
    pub(super) fn total(self) -> u64 {
        self.completed + self.dropped
    }
}

/// Replies that are overdue, with the actors that wait for them: as many as a report has room for.
#[derive(Debug)]
pub(super) struct Late {
    pub(super) replies: Deferred,
    pub(super) waiters: Vec<u64>,
}

impl List {
    /// Lets go of what is over, where that costs nothing: most often one reply is given before the next is deferred.
    fn trim(&mut self) {
        while self.entries.back().is_some_and(|entry| !entry.deferral.is_open()) {
            self.entries.pop_back();
        }
        while self.entries.front().is_some_and(|entry| !entry.deferral.is_open()) {
            self.entries.pop_front();
        }
    }
}

impl Kept {
    /// One more, of a handler that begins when its actor is that far.
    pub(super) fn add(&self, deferral: Deferral, before: Done, handler: &'static str) {
        let mut list = lock(&self.0);
        list.trim();
        if list.entries.len() >= list.sweep {
            // No more are held than twice those that are still to come.
            list.entries.retain(|entry| entry.deferral.is_open());
            list.sweep = (list.entries.len() * 2).max(SWEEP);
        }
        list.entries.push_back(Entry { deferral, before, handler, told: false });
    }

    /// Whether there is one to look after: it is still to come, and was not reported.
    pub(super) fn is_open(&self) -> bool {
        let mut list = lock(&self.0);
        list.trim();
        list.entries.iter().any(|entry| !entry.told && entry.deferral.is_open())
    }

    /// Those that are still to come though their messages are among the first that were `accepted`. Each is told once.
    /// What is in its handler still, which is that with so many before it, is no matter of its reply yet.
    pub(super) fn take_late(&self, accepted: u64, in_hand: Option<u64>) -> Option<Late> {
        let mut list = lock(&self.0);
        let mut late: Option<Late> = None;
        for entry in list.entries.iter_mut().take_while(|entry| entry.before.total() < accepted) {
            if entry.told || in_hand == Some(entry.before.completed) || !entry.deferral.is_open() {
                continue;
            }
            entry.told = true;
            let new = || Late { replies: Deferred { handler: entry.handler, replies: 0 }, waiters: Vec::new() };
            let late = late.get_or_insert_with(new);
            late.replies.replies += 1;
            // One more than there is room for, so that it is seen that there are more.
            if late.waiters.len() <= WaitGraph::LIMIT {
                late.waiters.extend(entry.deferral.waiter());
            }
        }
        late
    }
}

#[cfg(all(test, not(actor_loom)))]
mod tests {
    use std::collections::VecDeque;

    use super::{Done, Kept, SWEEP};
    use crate::{edge::Edge, id::ActorRef, sync::Arc, sync::lock};

    /// An ask that is answered when its edge ends.
    fn ask() -> Arc<Edge> {
        Arc::new(Edge::to(ActorRef::new("actor").id()))
    }

    fn add(kept: &Kept, nth: u64) -> Arc<Edge> {
        let edge = ask();
        kept.add(edge.defer(), Done { completed: nth, dropped: 0 }, "handler");
        edge
    }

    fn held(kept: &Kept) -> usize {
        lock(&kept.0).entries.len()
    }

    #[test]
    fn no_more_are_held_than_twice_those_that_are_still_to_come() {
        let kept = Kept::default();
        // One that is never given stands before all, and each other is given two later.
        let _first = add(&kept, 0);
        let mut given = VecDeque::new();
        for nth in 1..1000 {
            given.push_back(add(&kept, nth));
            if given.len() > 2 {
                given.pop_front().unwrap().end();
            }
            assert!(held(&kept) <= SWEEP, "{} are held", held(&kept));
        }
        // One after the other: nothing is left to sweep.
        given.drain(..).for_each(|edge| edge.end());
        for nth in 1000..2000 {
            add(&kept, nth).end();
            assert_eq!(held(&kept), 2);
        }
        assert!(kept.is_open());
        let many: Vec<_> = (0..1000).map(|nth| add(&kept, 2000 + nth)).collect();
        many[..990].iter().for_each(|edge| edge.end());
        let _one = add(&kept, 3000);
        assert!(held(&kept) <= 2048, "{} are held", held(&kept));
        assert_eq!(kept.take_late(u64::MAX, None).map(|late| late.replies.replies), Some(12));
        assert!(!kept.is_open(), "all that are left were told");
    }

    #[test]
    fn only_what_was_accepted_and_is_through_its_handler_is_late() {
        let kept = Kept::default();
        let edges: Vec<_> = (0..4).map(|nth| add(&kept, nth)).collect();
        edges[1].end();
        edges[3].leave();
        let late = |accepted, in_hand| kept.take_late(accepted, in_hand).map(|late| late.replies.replies);
        assert_eq!(late(0, None), None);
        assert_eq!(
            late(4, Some(2)),
            Some(1),
            "the first; the second is given, the third in its handler, the fourth left"
        );
        assert!(kept.is_open());
        assert_eq!(late(3, None), Some(1));
        assert_eq!(late(4, None), None, "each once");
        assert!(!kept.is_open());
        // One that goes on to another actor is that one's.
        let moved = add(&kept, 4);
        moved.move_to(ActorRef::new("other").id());
        assert_eq!((late(9, None), kept.is_open()), (None, false));
    }
}
