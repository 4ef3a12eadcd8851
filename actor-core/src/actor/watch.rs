//! Who looks for asks that wait for too long: one small task for each runtime, while an actor on it has been asked and has
//! not answered.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError, Weak, atomic},
    time::Duration,
};

use super::{
    cell::Cell,
    chain,
    kept::{Done, Late},
    overdue::{EVERY, Look, Seen, Verdict},
    waits::{self, Running},
};
use crate::{
    edge::Deferral,
    mailbox::Glance,
    observe::{self, Overdue, WaitGraph},
    piece::Piece,
    rt::{RuntimeHandle, Timestamp},
    sync::{Arc, Ordering},
};

/// Looks that are due within such a time of each other are one wake-up. Well below what a second look would show.
const SLACK: Duration = Duration::from_millis(10);

// Std's, in models too: this is locked once a second and actor, and no model is about it.
static IDS: atomic::AtomicU64 = atomic::AtomicU64::new(0);
static WATCHES: Mutex<Vec<Watch>> = Mutex::new(Vec::new());

/// The actors of one runtime that are watched. Removed when there are none, or with the runtime.
struct Watch {
    id: u64,
    runtime: RuntimeHandle,
    /// By the time of the next look.
    due: BTreeMap<Timestamp, Vec<Entry>>,
    len: usize,
    /// With how many entries those whose actors are gone are taken out.
    sweep: usize,
}

/// The fewest entries for which a sweep is made.
const SWEEP: usize = 64;

struct Entry {
    number: u64,
    /// Weak, like all that is here: to be watched keeps nobody alive.
    actor: Weak<dyn Watched>,
    seen: Seen,
}

/// An actor, whatever its messages are.
trait Watched: Running {
    /// Looks; gives what is to be reported, and whether there is more to look for.
    fn watch(&self, seen: &mut Seen, now: Timestamp) -> (Option<Finding>, bool);
}

/// What is overdue, and the report of it but for who waits for whom.
type Finding = (Verdict, Overdue);

fn watches() -> MutexGuard<'static, Vec<Watch>> {
    WATCHES.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Watch {
    fn add(&mut self, at: Timestamp, entry: Entry) {
        self.due.entry(at).or_default().push(entry);
        self.len += 1;
        if self.len >= self.sweep {
            // A weak reference holds the memory of what is gone. Actors may come, be asked and end by the thousand before
            // the next look: no more of them are held than twice those that are alive.
            self.due.retain(|_, entries| {
                entries.retain(|entry| entry.actor.strong_count() > 0);
                !entries.is_empty()
            });
            self.len = self.due.values().map(Vec::len).sum();
            self.sweep = (self.len * 2).max(SWEEP);
        }
    }

    fn take_due(&mut self, now: Timestamp) -> Vec<(Timestamp, Entry)> {
        let later = self.due.split_off(&(now + Duration::from_nanos(1)));
        let due = std::mem::replace(&mut self.due, later).into_iter();
        let due: Vec<_> = due.flat_map(|(at, entries)| entries.into_iter().map(move |entry| (at, entry))).collect();
        self.len -= due.len();
        due
    }
}

fn register(runtime: &RuntimeHandle, at: Timestamp, entry: Entry) {
    let mut watches = watches();
    if let Some(watch) = watches.iter_mut().find(|watch| watch.runtime.is_same(runtime)) {
        // Its task need not be woken: it sleeps no longer than until now and one period.
        watch.add(at, entry);
        return;
    }
    // Never used again: a task that has just ended takes out its own watch and no later one.
    let id = IDS.fetch_add(1, atomic::Ordering::Relaxed);
    let mut watch = Watch { id, runtime: runtime.clone(), due: BTreeMap::new(), len: 0, sweep: SWEEP };
    watch.add(at, entry);
    watches.push(watch);
    drop(watches);
    runtime.spawn(look_after(Registered(id), runtime.clone()));
}

/// Takes the watch out when its task ends: by itself, or with its runtime.
struct Registered(u64);

impl Drop for Registered {
    fn drop(&mut self) {
        let mut watches = watches();
        let gone: Vec<_> = watches.extract_if(.., |watch| watch.id == self.0).collect();
        // A drop of the last handle of a runtime may be anything: not under the lock.
        drop(watches);
        drop(gone);
    }
}

async fn look_after(watch: Registered, runtime: RuntimeHandle) {
    let mut earliest = Timestamp::ZERO;
    while let Some(next) = watch.next() {
        runtime.sleep(next.max(earliest).since(runtime.now())).await;
        let now = runtime.now();
        let due = watch.with(|watch| watch.take_due(now)).unwrap_or_default();
        let mut findings = Vec::new();
        for (at, mut entry) in due {
            let Some(actor) = entry.actor.upgrade() else { continue };
            let (found, goes_on) = actor.watch(&mut entry.seen, now);
            if goes_on {
                // At its own times, unless the runtime was held up for a whole period.
                let next = at + EVERY;
                let next = if next > now { next } else { now + EVERY };
                watch.with(|watch| watch.add(next, entry));
            }
            if let Some(finding) = found {
                // It may be watched no more, and others wait for it: from now on they find it.
                waits::of(&(Arc::clone(&actor) as Arc<dyn Running>));
                findings.push((actor as Arc<dyn Running>, finding));
            }
        }
        // When all are in their places again: in a report one is looked for by another.
        for (actor, finding) in findings {
            report(&actor, finding);
        }
        earliest = now + SLACK;
    }
}

/// Tells what is overdue at one actor: messages, replies, or both.
fn report(actor: &Arc<dyn Running>, (Verdict { stuck, late, .. }, report): Finding) {
    if let Some(stuck) = stuck {
        let waits_for = chain::of(actor, &[], &find);
        observe::overdue(&Overdue { waits_for, stuck, ..report.clone() });
    }
    if let Some(Late { replies, waiters }) = late {
        let waits_for = chain::of(actor, &waiters, &find);
        observe::overdue(&Overdue { deferred: Some(replies), waits_for, ..report });
    }
}

/// An actor that is watched, on whatever runtime. Each that is looked for here is found without a search the next time.
fn find(number: u64) -> Option<Arc<dyn Running>> {
    let watches = watches();
    let mut all = watches.iter().flat_map(|watch| watch.due.values().flatten());
    let actor = all.find(|entry| entry.number == number)?.actor.upgrade();
    drop(watches);
    let actor: Arc<dyn Running> = actor?;
    waits::of(&actor);
    Some(actor)
}

impl Registered {
    fn with<T>(&self, f: impl FnOnce(&mut Watch) -> T) -> Option<T> {
        watches().iter_mut().find(|watch| watch.id == self.0).map(f)
    }

    /// When to look next; `None`, and no watch any more, if nobody is watched.
    fn next(&self) -> Option<Timestamp> {
        let mut watches = watches();
        let at = watches.iter().position(|watch| watch.id == self.0)?;
        let next = watches.get(at)?.due.first_key_value().map(|(next, _)| *next);
        if next.is_none() {
            // In this locked step: who is registered after it begins a new watch.
            let gone = watches.swap_remove(at);
            drop(watches);
            drop(gone);
        }
        next
    }
}

impl<M: Send + 'static> Cell<M> {
    /// An ask to this actor is pending: from now on somebody looks whether it is answered.
    #[inline]
    pub(super) fn asked(self: &Arc<Self>) {
        if !self.overdue.is_asked() {
            self.asked_first();
        }
    }

    #[cold]
    fn asked_first(self: &Arc<Self>) {
        // Before it was ever started there is no clock to measure by.
        let Some(runtime) = self.runtime() else { return };
        let look = self.look(runtime.now(), self.glance());
        if let Some(seen) = self.overdue.ask(&look) {
            let actor: Arc<dyn Watched> = Arc::clone(self) as _;
            let entry = Entry { number: self.who.id().get(), actor: Arc::downgrade(&actor), seen };
            register(runtime, look.at + EVERY, entry);
        }
    }

    /// A handler has begun, and its reply is out of sight: that is looked after as well.
    pub(super) fn deferred(self: &Arc<Self>, deferral: Deferral, handler: &'static str) {
        self.life.kept_or_new().add(deferral, self.done(), handler);
        // Nobody looks at an actor that was reported, until it is asked again.
        self.asked();
    }
}

impl<M> Cell<M> {
    pub(super) fn glance(&self) -> Glance {
        let glance = self.mailbox.glance();
        // What it was in when it was killed is over.
        Glance { during: glance.during.filter(|_| self.life.present().is_some()), ..glance }
    }

    fn done(&self) -> Done {
        let letters = self.life.tally().letters;
        let completed = self.handled.load(Ordering::Relaxed) + letters.abandoned + letters.late;
        Done { completed, dropped: if self.mailbox.drops_queued() { letters.overflow } else { 0 } }
    }

    fn look(&self, at: Timestamp, glance: Glance) -> Look {
        Look {
            at,
            done: self.done(),
            in_hand: glance.during.is_some() && !self.is_aside(),
            waiting: glance.len as u64,
            idle: glance.parked,
            open: self.life.kept().is_some_and(|kept| kept.is_open()),
            incarnation: self.life.incarnation(),
        }
    }
}

impl<M: Send> Watched for Cell<M> {
    fn watch(&self, seen: &mut Seen, now: Timestamp) -> (Option<Finding>, bool) {
        let mut glance = None;
        let look = || self.look(now, *glance.insert(self.glance()));
        let (verdict, goes_on) = seen.next(&self.overdue, || self.life.kept(), look);
        let found = glance.filter(|_| !verdict.is_empty()).map(|Glance { during, len: waiting, .. }| {
            let (actor, since, waits_for) = (self.who.clone(), verdict.since, WaitGraph::default());
            let during = during.map(Piece::name);
            let report = Overdue { actor, during, waiting, since, deferred: None, waits_for, stuck: false };
            (verdict, report)
        });
        (found, goes_on)
    }
}
