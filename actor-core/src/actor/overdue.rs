//! Whether an ask has waited for too long. Nothing is done for each ask: the actor is looked at once a second while it has
//! been asked, and what is pending is compared with what was pending five looks before. So are the replies that were
//! deferred.

use std::{collections::VecDeque, time::Duration};

use super::kept::{Done, Kept, Late};
use crate::{
    rt::Timestamp,
    sync::{Arc, AtomicBool, AtomicU64, Ordering},
};

/// How often an actor that was asked is looked at.
pub(super) const EVERY: Duration = Duration::from_secs(1);

/// An ask is overdue when it has been pending for so many of these periods.
const LOOKS: usize = 5;

// What the low bits of the word say:
/// No ask has been pending since it was last looked at for the last time.
const UNWATCHED: u64 = 0;
/// An ask has been pending since the last look.
const ASKED: u64 = 1;
/// It is looked at, and no ask has been pending since the last look.
const WATCHED: u64 = 2;
/// It was reported, and is not looked at. The other bits say what it had to do then.
const REPORTED: u64 = 3;

const TAG: u64 = 0b11;
/// Above the tag: the incarnation, as far as it fits. Above that: the number of the last message that was accepted.
const INCARNATION: u64 = 0x3fff << 2;
const LAST: u32 = 16;

/// What an actor's cell knows of being watched.
#[derive(Default)]
pub(super) struct Standing {
    word: AtomicU64,
}

/// Until it is dropped, what runs is no message's handler, but a timer or a hook.
pub(crate) struct Aside<'a>(&'a AtomicBool);

impl<'a> Aside<'a> {
    pub(super) fn begin(mark: &'a AtomicBool) -> Self {
        mark.store(true, Ordering::Relaxed);
        Aside(mark)
    }
}

impl Drop for Aside<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

impl Standing {
    /// Whether an ask has nothing to note, since another has done so.
    // Relaxed is enough: an ask looks here after it has locked the mailbox, and the watch locks it after it has taken the
    // mark away. So an ask that still sees the mark is seen by the watch.
    #[inline]
    pub(super) fn is_asked(&self) -> bool {
        self.word.load(Ordering::Relaxed) & TAG == ASKED
    }

    /// Notes that an ask is pending, where `look` is taken. Gives what is to be remembered of the actor, if it is to be
    /// watched from now on.
    pub(super) fn ask(&self, look: &Look) -> Option<Seen> {
        let is_new = |word: u64| matches!(word & TAG, UNWATCHED | REPORTED);
        // The first look, which is this one, is for the first ask: no mark is needed for the next one.
        let next = |word: u64| {
            let more = look.open || !look.is_behind(word);
            more.then_some(if is_new(word) { WATCHED } else { ASKED })
        };
        let before = self.word.fetch_update(Ordering::AcqRel, Ordering::Acquire, next).ok()?;
        is_new(before).then(|| Seen { looks: VecDeque::from([(*look, true)]), reported: look.is_behind(before) })
    }

    /// Whether an ask has been pending since this was last called.
    fn take_asked(&self) -> bool {
        self.word.swap(WATCHED, Ordering::AcqRel) == ASKED
    }

    /// Ends the watching, unless an ask has come.
    fn leave(&self, word: u64) -> bool {
        self.word.compare_exchange(WATCHED, word, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }
}

/// What a look at an actor shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look {
    pub(super) at: Timestamp,
    pub(super) done: Done,
    /// A message is in its handler.
    pub(super) in_hand: bool,
    pub(super) waiting: u64,
    /// There is nothing that it could do: no message is pending for certain. One that was begun this moment is not seen
    /// in its handler yet.
    pub(super) idle: bool,
    /// It keeps a reply that was not reported.
    pub(super) open: bool,
    pub(super) incarnation: u32,
}

impl Look {
    fn pending(&self) -> u64 {
        u64::from(self.in_hand) + self.waiting
    }

    fn done(&self) -> u64 {
        self.done.total()
    }

    /// How many messages will be done when all are that it had accepted.
    fn accepted(&self) -> u64 {
        self.done() + self.pending()
    }

    fn as_reported(&self) -> u64 {
        self.accepted() << LAST | u64::from(self.incarnation) << 2 & INCARNATION | REPORTED
    }

    /// Whether it is still not through with what it had to do when it was reported. It need not be reported again then.
    fn is_behind(&self, word: u64) -> bool {
        word & TAG == REPORTED && (word ^ self.as_reported()) & INCARNATION == 0 && self.done() < word >> LAST
    }
}

/// What is remembered of an actor while it is watched: its last looks, and whether an ask was pending before each.
#[derive(Default)]
pub(super) struct Seen {
    looks: VecDeque<(Look, bool)>,
    reported: bool,
}

/// What a look has found to be reported.
#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// For how long, at least.
    pub(super) since: Duration,
    /// Messages are overdue; and whether it was in one handler all that time.
    pub(super) stuck: Option<bool>,
    /// Replies are overdue.
    pub(super) late: Option<Late>,
}

impl Verdict {
    pub(super) fn is_empty(&self) -> bool {
        self.stuck.is_none() && self.late.is_none()
    }
}

impl Seen {
    /// Takes the next look in, with what is to be reported; and says whether to go on.
    pub(super) fn next(
        &mut self,
        standing: &Standing,
        kept: impl Fn() -> Option<Arc<Kept>>,
        look: impl FnOnce() -> Look,
    ) -> (Verdict, bool) {
        // In this order: what is asked after the mark was taken counts for the next look.
        let mut asked = standing.take_asked();
        let look = look();
        if self.looks.back().is_some_and(|(last, _)| last.incarnation != look.incarnation) {
            // What happened to its messages in between is not known.
            asked |= self.any_asked();
            self.looks.clear();
        }
        let verdict = self.judge(kept().as_deref(), &look);
        if self.looks.len() == LOOKS {
            self.looks.pop_front();
        }
        self.looks.push_back((look, asked));
        if look.idle {
            // All is handled.
            self.looks.iter_mut().for_each(|(_, asked)| *asked = false);
        }
        let word = if self.reported && !look.idle { look.as_reported() } else { UNWATCHED };
        let goes_on = self.any_asked() || kept().is_some_and(|kept| kept.is_open()) || !standing.leave(word);
        (verdict, goes_on)
    }

    fn any_asked(&self) -> bool {
        self.looks.iter().any(|(_, asked)| *asked)
    }

    /// What was accepted five looks before and is still not done, or not answered.
    fn judge(&mut self, kept: Option<&Kept>, now: &Look) -> Verdict {
        let Some(&(old, asked)) = self.looks.front().filter(|_| self.looks.len() == LOOKS) else {
            return Verdict::default();
        };
        let stuck = self.judge_messages(&old, asked, now);
        let in_hand = now.in_hand.then_some(now.done.completed);
        let late = kept.and_then(|kept| kept.take_late(old.accepted(), in_hand));
        Verdict { since: now.at.since(old.at), stuck, late }
    }

    fn judge_messages(&mut self, old: &Look, asked: bool, now: &Look) -> Option<bool> {
        let same = old.in_hand && now.in_hand && old.done.completed == now.done.completed;
        let overdue = now.pending() > 0 && (same || old.accepted() > now.done());
        if !overdue {
            self.reported = false;
            return None;
        }
        if !asked || std::mem::replace(&mut self.reported, true) {
            return None;
        }
        // At the first look it may not have begun; a second later it had, if it is stuck in it.
        let mut later = self.looks.iter().skip(1);
        Some(now.in_hand && later.all(|(look, _)| look.in_hand && look.done.completed == now.done.completed))
    }
}

#[cfg(all(test, not(actor_loom)))]
mod tests {
    use super::*;

    fn look(second: u64, completed: u64, in_hand: bool, waiting: u64) -> Look {
        let at = Timestamp::from_nanos(second * 1_000_000_000);
        let done = Done { completed, dropped: 0 };
        Look { at, done, in_hand, waiting, idle: !in_hand && waiting == 0, open: false, incarnation: 1 }
    }

    /// One look each second; gives those at which there was a report, and whether it is still watched.
    fn watch(looks: &[(u64, bool, u64)], asked: &[usize]) -> (Vec<usize>, bool) {
        let standing = Standing::default();
        let (completed, in_hand, waiting) = looks[0];
        let first = look(0, completed, in_hand, waiting);
        let mut seen = standing.ask(&first).expect("it is to be watched");
        let mut reports = Vec::new();
        let mut watched = true;
        for (second, (completed, in_hand, waiting)) in looks.iter().enumerate().skip(1) {
            assert!(watched, "it is looked at at {second} s, but is not watched any more");
            let now = look(second as u64, *completed, *in_hand, *waiting);
            if asked.contains(&second) {
                assert!(standing.ask(&now).is_none());
            }
            let (verdict, goes_on) = seen.next(&standing, || None, || now);
            reports.extend(verdict.stuck.map(|_| second));
            watched = goes_on;
        }
        (reports, watched)
    }

    #[test]
    fn one_stuck_handler_is_one_report_at_five_seconds() {
        let stuck = (0, true, 0);
        assert_eq!(watch(&[(0, false, 1), stuck, stuck, stuck, stuck, stuck], &[]), (vec![5], false));
        let asked = (0, true, 3);
        assert_eq!(watch(&[asked; 20], &(0..20).collect::<Vec<_>>()), (vec![5], true));
    }

    #[test]
    fn a_queue_that_moves_too_slowly_is_reported_and_one_that_moves_is_not() {
        let slow: Vec<_> = (0..20).map(|n| (n, true, 30)).collect();
        assert_eq!(watch(&slow, &(0..20).collect::<Vec<_>>()).0, [5]);
        let quick: Vec<_> = (0..20).map(|n| (n * 10, true, 30)).collect();
        assert_eq!(watch(&quick, &(0..20).collect::<Vec<_>>()).0, []);
    }

    #[test]
    fn it_is_not_watched_once_nothing_that_was_asked_is_pending() {
        assert_eq!(watch(&[(0, false, 1), (1, false, 0)], &[]), (vec![], false));
        // Only tells, after the ask was answered: until it falls out of the last five looks.
        let tells: Vec<_> = (0..6).map(|n| (1 + n * 10, true, 20)).collect();
        assert_eq!(watch(&tells, &[]), (vec![], false));
    }

    #[test]
    fn messages_that_the_policy_drops_are_not_waited_for() {
        let standing = Standing::default();
        let mut seen = standing.ask(&look(0, 0, true, 2)).expect("it is to be watched");
        let mut reports = 0;
        for second in 1..=5 {
            // The handler ends after 4 s; the two behind it had been dropped by then, and others have come.
            let done = Done { completed: u64::from(second > 3), dropped: 2 };
            let now = Look { done, ..look(second, 0, true, 2) };
            assert!(standing.ask(&now).is_none());
            reports += usize::from(seen.next(&standing, || None, || now).0.stuck.is_some());
        }
        assert_eq!(reports, 0);
    }

    #[test]
    fn what_was_reported_is_silent_until_the_actor_is_through_with_it() {
        let standing = Standing::default();
        let stuck = look(0, 7, true, 2);
        assert!(standing.ask(&stuck).is_some());
        assert!(standing.leave(stuck.as_reported()));
        for done in 7..10 {
            assert!(standing.ask(&look(1, done, true, 1)).is_none());
        }
        assert!(standing.ask(&look(1, 10, true, 1)).is_some());
        assert!(standing.leave(stuck.as_reported()));
        assert!(standing.ask(&Look { incarnation: 2, ..stuck }).is_some(), "what was to be done may be gone");
    }
}
