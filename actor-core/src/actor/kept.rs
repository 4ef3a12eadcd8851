//! Replies that handlers have taken and not given yet. Only handlers that take theirs write here, and most actors have
//! none: those carry one empty place.

use std::{collections::VecDeque, sync::OnceLock};

use crate::{
    edge::Deferral,
    observe::{Deferred, WaitGraph},
    sync::{Mutex, lock},
};

/// The fewest entries among which those that are over are searched for.
const SWEEP: usize = 16;

/// Made by the first reply that is deferred.
#[derive(Default)]
pub(super) struct Kept(OnceLock<Box<Mutex<List>>>);

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
        let mut list = lock(self.0.get_or_init(Box::default));
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
        let Some(list) = self.0.get() else { return false };
        let mut list = lock(list);
        list.trim();
        list.entries.iter().any(|entry| !entry.told && entry.deferral.is_open())
    }

    /// Those that are still to come though their messages are among the first that were `accepted`. Each is told once.
    /// What is in its handler still, which is that with so many before it, is no matter of its reply yet.
    pub(super) fn take_late(&self, accepted: u64, in_hand: Option<u64>) -> Option<Late> {
        let mut list = lock(self.0.get()?);
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
