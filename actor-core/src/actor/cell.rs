//! What an actor's handles, its loop and its supervisor share: one allocation, the same across restarts.

use std::{task::Waker, time::Duration};

use super::{
    home::Home,
    life::{Life, Living, Monitor},
    overdue::{Aside, Standing},
    settings::{NO_TIMEOUT, Settings},
    station::Up,
    waits::{self, How, Running, Traces},
};
use crate::{
    error::AskError,
    exit::Exit,
    id::ActorRef,
    mailbox::{self, Mailbox},
    observe::{self, DeadLetter, DeadReason},
    piece::Piece,
    reply,
    rt::{RuntimeHandle, Timestamp},
    sync::{Arc, AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering},
};

/// Every actor has one for as long as it is known to anybody, so what most of them never need is behind the lock of
/// `life`, in a box.
pub(crate) struct Cell<M> {
    pub(crate) who: ActorRef,
    pub(crate) mailbox: Mailbox<M>,
    pub(crate) life: Life,
    /// Messages that the loop is through with, in all lives. Written by the loop, one writer at a time.
    pub(crate) handled: AtomicU64,
    pub(super) overdue: Standing,
    /// In nanoseconds.
    ask_timeout: u64,
    /// `incarnation << 2 | Level`: a stop is always meant for one incarnation.
    control: AtomicU64,
    home: Home,
    /// More than fit would take tens of gigabytes.
    handles: AtomicU32,
    tenure: AtomicU8,
    traces: Traces,
    /// What runs is no message's handler, but a timer or a hook.
    aside: AtomicBool,
    /// There will be nothing in the mailbox any more.
    emptied: AtomicBool,
}

/// What an idle actor costs beside its mailbox.
#[cfg(all(target_pointer_width = "64", not(actor_loom)))]
const _: () = assert!(size_of::<Cell<u64>>() - size_of::<Mailbox<u64>>() <= 96);

/// How urgently an incarnation is asked to end. Only ever raised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Run = 0,
    /// Handle what was accepted, then end.
    Drain = 1,
    /// Finish the handler in progress, then end.
    Now = 2,
    /// Drop the handler in progress.
    Kill = 3,
}

/// Who decides what comes after an exit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tenure {
    /// Nobody: the first exit is the end, and so is the loss of the last handle.
    Own = 0,
    /// A supervisor, which restarts it on every exit: a stop does not close the mailbox.
    Permanent = 1,
    /// A supervisor, which does not restart it after a clean exit: a stop closes the mailbox.
    Finite = 2,
}

impl<M> Cell<M> {
    /// Of an actor that somebody starts, again and again perhaps.
    pub(crate) fn new(who: ActorRef, settings: &Settings, tenure: Tenure) -> Arc<Self> {
        Arc::new(Cell::made(who, settings, tenure, Home::later()))
    }

    /// Of an actor that nobody supervises. It has one handle and one life, which begins here: whoever calls this starts it.
    pub(crate) fn of_one_life(who: ActorRef, settings: &Settings, runtime: RuntimeHandle) -> Arc<Self> {
        Arc::new(Cell::made(who, settings, Tenure::Own, Home::Known(runtime)))
    }

    #[inline]
    fn made(who: ActorRef, settings: &Settings, tenure: Tenure, home: Home) -> Self {
        let begun = matches!(home, Home::Known(_));
        Cell {
            who,
            mailbox: Mailbox::new(settings.capacity, settings.overflow),
            life: if begun { Life::begun() } else { Life::new() },
            handled: AtomicU64::new(0),
            overdue: Standing::default(),
            ask_timeout: settings.ask_timeout,
            control: AtomicU64::new(u64::from(begun) << 2),
            home,
            handles: AtomicU32::new(begun.into()),
            tenure: AtomicU8::new(tenure as u8),
            traces: Traces::new(),
            aside: AtomicBool::new(false),
            emptied: AtomicBool::new(false),
        }
    }

    // ── handles

    pub(crate) fn handle_made(&self) {
        self.handles.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn handle_dropped(&self) {
        if self.handles.fetch_sub(1, Ordering::AcqRel) == 1 && self.tenure() == Tenure::Own && !self.is_emptied() {
            self.mailbox.wake_consumer();
        }
    }

    /// Makes a handle from a weak one: only while there is another, or somebody else keeps the actor alive.
    pub(crate) fn try_handle(&self) -> bool {
        if self.life.ended().is_some() {
            return false;
        }
        if self.tenure() != Tenure::Own {
            self.handle_made();
            return true;
        }
        self.handles.fetch_update(Ordering::AcqRel, Ordering::Acquire, |n| (n > 0).then(|| n + 1)).is_ok()
    }

    /// Nobody can send to it any more, and nobody else keeps it alive.
    pub(crate) fn is_unreferenced(&self) -> bool {
        self.handles.load(Ordering::Acquire) == 0 && self.tenure() == Tenure::Own
    }

    // ── what is done with its messages

    fn has_one_life(&self) -> bool {
        matches!(self.home, Home::Known(_))
    }

    /// The mailbox is closed for good, and what was in it is given back.
    pub(super) fn note_emptied(&self) {
        // Where there is more than one life, one that was left behind may still put something back.
        self.emptied.store(self.has_one_life(), Ordering::Relaxed);
    }

    /// Whether there is nothing left in it to look for. A hint to who is not the loop.
    pub(super) fn is_emptied(&self) -> bool {
        self.emptied.load(Ordering::Relaxed)
    }

    /// How long an ask waits that does not say.
    #[inline]
    pub(super) fn ask_timeout(&self) -> Option<Duration> {
        (self.ask_timeout != NO_TIMEOUT).then(|| Duration::from_nanos(self.ask_timeout))
    }

    /// What runs until this is dropped is no message's handler.
    pub(crate) fn aside(&self) -> Aside<'_> {
        Aside::begin(&self.aside)
    }

    pub(super) fn is_aside(&self) -> bool {
        self.aside.load(Ordering::Relaxed)
    }

    /// Counts and reports a message that was accepted and will not be handled.
    #[cold]
    pub(crate) fn dead_letter(&self, message: &'static str, reason: DeadReason) {
        self.life.count(|tally| tally.letters.count(reason));
        observe::dead_letter(&DeadLetter { actor: self.who.clone(), message, reason });
    }

    // ── tenure and runtime

    pub(crate) fn tenure(&self) -> Tenure {
        match self.tenure.load(Ordering::Acquire) {
            0 => Tenure::Own,
            1 => Tenure::Permanent,
            _ => Tenure::Finite,
        }
    }

    pub(crate) fn set_tenure(&self, tenure: Tenure) {
        self.tenure.store(tenure as u8, Ordering::Release);
    }

    pub(crate) fn set_runtime(&self, runtime: &RuntimeHandle) {
        self.home.set(runtime);
    }

    /// The runtime of an actor that was launched.
    #[inline]
    pub(crate) fn running_on(&self) -> &RuntimeHandle {
        let Some(runtime) = self.home.get() else { unreachable!("an incarnation begins on a runtime") };
        runtime
    }

    pub(crate) fn runtime(&self) -> Option<&RuntimeHandle> {
        self.home.get()
    }

    // ── control

    /// Begins an incarnation and gives its number. Called by whoever starts it, one after the other.
    pub(crate) fn begin(&self) -> u32 {
        if self.has_one_life() {
            // It began with the cell.
            return 1;
        }
        // One that was left behind could not clear what it waited for.
        if !self.traces.is_clear() {
            waits::clear(&self.who);
            self.traces.clear();
        }
        self.life.begin(|next| self.control.store(u64::from(next) << 2, Ordering::Release))
    }

    /// The incarnation that has begun last.
    pub(crate) fn latest(&self) -> u32 {
        // A number of 32 bits went in.
        u32::try_from(self.control.load(Ordering::Acquire) >> 2).unwrap_or(u32::MAX)
    }

    /// What `incarnation` is asked to do. One that was left behind for a later one is to be killed.
    pub(crate) fn level(&self, incarnation: u32) -> Level {
        let word = self.control.load(Ordering::Acquire);
        if word >> 2 != u64::from(incarnation) {
            return Level::Kill;
        }
        match word & 3 {
            0 => Level::Run,
            1 => Level::Drain,
            2 => Level::Now,
            _ => Level::Kill,
        }
    }

    /// Asks the present incarnation to end. Takes effect at once; nothing happens if none is up.
    pub(crate) fn request(&self, level: Level) {
        if let Some(incarnation) = self.life.present() {
            self.request_of(incarnation, level);
        }
    }

    /// Asks this incarnation to end; nothing happens to any other, whenever the request arrives.
    pub(crate) fn request_of(&self, incarnation: u32, level: Level) {
        if let Some(waiting) = self.life.while_up(incarnation, |up| self.raise(up, level)) {
            self.tell_of_request(waiting);
        }
    }

    /// The locked part of a request: whoever waits for room is to be woken.
    fn raise(&self, up: &mut Up<'_>, level: Level) -> Vec<Waker> {
        let waiting = if self.tenure() == Tenure::Permanent {
            up.set_drain(self.mailbox.len());
            Vec::new()
        } else {
            self.mailbox.shut()
        };
        // Written by one at a time, each of whom has the lock of `life`. It is replaced only when no incarnation is up.
        let word = self.control.load(Ordering::Relaxed);
        self.control.store(word.max(u64::from(up.incarnation()) << 2 | level as u64), Ordering::Release);
        waiting
    }

    fn tell_of_request(&self, waiting: Vec<Waker>) {
        waiting.into_iter().for_each(Waker::wake);
        self.mailbox.wake_consumer();
    }

    /// Whether the drain of a stop has come to its end; counts one message towards it otherwise.
    pub(crate) fn drained(&self) -> bool {
        if self.tenure() != Tenure::Permanent {
            return self.mailbox.len() == 0;
        }
        !self.life.drain_one() || self.mailbox.len() == 0
    }
}

impl<M: 'static + Send> Cell<M> {
    /// Asks the present incarnation to end; gives the future of its exit, and its number if one is up.
    pub(crate) fn ask_to_end(self: &Arc<Self>, level: Level) -> (Monitor, Option<u32>) {
        // Monitor and request are one step, so they are for the same incarnation.
        let (exit, asked) = Monitor::of_present(self.living(), |up| (up.incarnation(), self.raise(up, level)));
        let incarnation = asked.map(|(incarnation, waiting)| {
            self.tell_of_request(waiting);
            incarnation
        });
        (exit, incarnation)
    }

    /// The future of the exit of the incarnation that is up; the last exit, known already, if none is.
    pub(crate) fn present_exit(self: &Arc<Self>) -> Monitor {
        Monitor::of_present(self.living(), |_| ()).0.limited()
    }

    pub(crate) fn living(self: &Arc<Self>) -> Arc<dyn Living> {
        Arc::clone(self) as Arc<dyn Living>
    }
}

impl<M: Send> Living for Cell<M> {
    fn life(&self) -> &Life {
        &self.life
    }
}

impl<M: Send> Running for Cell<M> {
    fn who(&self) -> &ActorRef {
        &self.who
    }

    fn traces(&self) -> &Traces {
        &self.traces
    }

    fn incarnation(&self) -> u32 {
        self.latest()
    }

    fn now(&self) -> Timestamp {
        self.home.get().map_or(Timestamp::ZERO, RuntimeHandle::now)
    }

    fn during(&self) -> Option<&'static str> {
        self.glance().during.map(Piece::name)
    }

    fn is_killed(&self) -> bool {
        self.level(self.latest()) == Level::Kill
    }

    fn holds_up(&self, how: How) -> bool {
        match how {
            How::Reply => true,
            How::Sending(priority) => self.mailbox.would_take(priority),
            // Once it is let in, there is the reply to wait for.
            How::Line(priority, place) => self.mailbox.standing(place, priority) != mailbox::Standing::TurnedAway,
            How::Room(priority, place) => self.mailbox.standing(place, priority) == mailbox::Standing::Waits,
            How::Exit(incarnation) => self.life.is_awaited(incarnation),
            How::End => self.life.ended().is_none(),
            How::Start => self.life.is_start_open(),
        }
    }
}

impl<M> Drop for Cell<M> {
    fn drop(&mut self) {
        if self.traces.is_known() {
            waits::forget(&self.who);
        }
        // Only a cell that was never retired (its runtime is gone, or it was never started) has messages left.
        if self.is_emptied() {
            return;
        }
        let left = self.mailbox.take_all();
        if left.is_empty() {
            return;
        }
        let exit = self.life.last_exit().unwrap_or(Exit::Stopped);
        for message in left {
            reply::discard(AskError::Stopped(exit.clone()), message);
        }
    }
}

#[cfg(all(test, not(actor_loom)))]
mod tests {
    use super::{ActorRef, Cell, Exit, Level, Settings, Tenure};

    /// Cells are shared by threads: between the look at who is up and the request, one may end and the next begin.
    #[test]
    fn a_request_for_one_incarnation_never_reaches_another() {
        for tenure in [Tenure::Permanent, Tenure::Finite] {
            let cell = Cell::<()>::new(ActorRef::new("cell"), &Settings::DEFAULT, tenure);
            let first = cell.begin();
            cell.life.exited(first, &Exit::Killed);
            cell.request_of(first, Level::Kill);
            assert!(!cell.mailbox.is_closed(), "{tenure:?}: nobody is up to be stopped");
            let second = cell.begin();
            cell.request_of(first, Level::Kill);
            assert_eq!((cell.level(second), cell.mailbox.is_closed()), (Level::Run, false), "{tenure:?}");
            cell.request_of(second, Level::Drain);
            cell.request_of(second, Level::Now);
            cell.request_of(second, Level::Drain);
            assert_eq!(cell.level(second), Level::Now, "{tenure:?}: a later request may only be more urgent");
            assert_eq!(cell.level(first), Level::Kill, "{tenure:?}: one that was left behind is to end");
        }
    }
}
