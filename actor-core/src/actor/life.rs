//! The stations of an actor's life, and everyone who waits for one of them.
//!
//! ```text
//! Declared ──begin──▶ Starting ──started──▶ Running ──exited──▶ Down ──begin──▶ …
//!                        └───────────exited────────────────────▶ Down ──end──▶ Ended ──revive──▶ Down
//! ```
//! An actor that nobody supervises goes from its first exit straight to `Ended`.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use super::{
    audience::{Audience, Watch},
    awaiting::{self, Target},
    frame,
    kept::Kept,
    letters::Tally,
    station::{Start, State, Station, Up},
    waits::{Awaited, How, Running},
};
use crate::{
    error::{Cycle, StartError},
    exit::Exit,
    sync::{Mutex, MutexGuard, lock},
};

pub(crate) struct Life {
    state: Mutex<State>,
}

impl Life {
    pub(super) fn new() -> Self {
        Life::at(Station::Declared, 0)
    }

    /// One whose first incarnation has begun.
    pub(super) fn begun() -> Self {
        Life::at(Station::Starting, 1)
    }

    fn at(station: Station, incarnation: u32) -> Self {
        Life { state: Mutex::new(State::new(station, incarnation)) }
    }

    /// A new incarnation begins; gives its number, counted from 1, to `before` while nobody sees it yet, and back.
    pub(crate) fn begin(&self, before: impl FnOnce(u32)) -> u32 {
        let mut state = lock(&self.state);
        before(state.incarnation + 1);
        state.station = Station::Starting;
        state.incarnation += 1;
        state.start = Start::Undecided;
        state.incarnation
    }

    /// `on_start` has succeeded. Nothing happens if that incarnation was left behind.
    pub(crate) fn started(&self, incarnation: u32) {
        let mut state = lock(&self.state);
        if state.incarnation != incarnation || state.station != Station::Starting {
            return;
        }
        state.station = Station::Running;
        state.start = Start::Succeeded;
        let woken = state.known_audience().and_then(Audience::take_waiting);
        drop(state);
        if let Some(woken) = woken {
            woken.wake();
        }
    }

    /// The incarnation has ended, its state is dropped. Nothing happens if its exit is known (it was left behind).
    pub(crate) fn exited(&self, incarnation: u32, exit: &Exit) {
        let state = lock(&self.state);
        if state.incarnation == incarnation && state.is_up() {
            Self::settle(state, exit, Station::Down);
        }
    }

    /// Nothing will start it again.
    pub(crate) fn end(&self, exit: &Exit) {
        Self::settle(lock(&self.state), exit, Station::Ended);
    }

    fn settle(mut state: MutexGuard<'_, State>, exit: &Exit, station: Station) {
        state.station = station;
        if state.start == Start::Undecided {
            state.start = Start::Failed;
        }
        let old = state.note_exit(exit);
        let told = state.known_audience().map(|audience| audience.tell(exit));
        drop(state);
        drop(old);
        if let Some(told) = told {
            told.wake();
        }
    }

    /// It will be started again after all.
    pub(crate) fn revive(&self) {
        lock(&self.state).station = Station::Down;
    }

    pub(crate) fn incarnation(&self) -> u32 {
        lock(&self.state).incarnation
    }

    /// The incarnation that is starting or running.
    pub(crate) fn present(&self) -> Option<u32> {
        let state = lock(&self.state);
        state.is_up().then_some(state.incarnation)
    }

    /// Runs `f` if this incarnation is up; none begins or ends meanwhile. `f` must run no foreign code.
    pub(super) fn while_up<T>(&self, incarnation: u32, f: impl FnOnce(&mut Up<'_>) -> T) -> Option<T> {
        let mut state = lock(&self.state);
        (state.is_up() && state.incarnation == incarnation).then(|| f(&mut Up(&mut state)))
    }

    /// Counts one message towards the drain of a stop; `false` if no more are to be handled.
    pub(super) fn drain_one(&self) -> bool {
        let mut state = lock(&self.state);
        let Some(rarer) = state.known_rarer() else { return false };
        let left = rarer.drain.checked_sub(1);
        rarer.drain = left.unwrap_or_default();
        left.is_some()
    }

    /// Counts what is nearly always zero. `f` must run no foreign code.
    pub(super) fn count(&self, f: impl FnOnce(&mut Tally)) {
        f(&mut lock(&self.state).rarer().tally);
    }

    /// The replies that were deferred, if there ever were any.
    pub(super) fn kept(&self) -> Option<Arc<Kept>> {
        lock(&self.state).known_rarer()?.kept.clone()
    }

    pub(super) fn kept_or_new(&self) -> Arc<Kept> {
        Arc::clone(lock(&self.state).rarer().kept.get_or_insert_default())
    }

    pub(super) fn tally(&self) -> Tally {
        lock(&self.state).known_rarer().map(|rarer| rarer.tally).unwrap_or_default()
    }

    pub(crate) fn is_running(&self) -> bool {
        lock(&self.state).station == Station::Running
    }

    /// The exit for good, if it has come.
    pub(crate) fn ended(&self) -> Option<Exit> {
        lock(&self.state).ended()
    }

    /// Whether the exit of this incarnation is still to come.
    pub(super) fn is_awaited(&self, incarnation: u32) -> bool {
        let state = lock(&self.state);
        let to_come = state.incarnation < incarnation && state.station != Station::Ended;
        to_come || (state.is_up() && state.incarnation == incarnation)
    }

    /// Whether the outcome of the latest start is not known yet.
    pub(super) fn is_start_open(&self) -> bool {
        lock(&self.state).start == Start::Undecided
    }

    /// The latest exit of any incarnation.
    pub(crate) fn last_exit(&self) -> Option<Exit> {
        lock(&self.state).last_exit()
    }

    /// Watches for the exit of the present incarnation, or of the next one; reports at once on a dead actor.
    fn watch(&self) -> usize {
        Self::watch_in(&mut lock(&self.state))
    }

    /// Watches for the exit of the incarnation that is up, and runs `f` with it in the same step; the last exit, if none
    /// is up. `f` must run no foreign code.
    fn watch_present<T>(&self, f: impl FnOnce(&mut Up<'_>) -> T) -> Result<(usize, T), Exit> {
        let mut state = lock(&self.state);
        if state.is_up() {
            let key = Self::watch_in(&mut state);
            return Ok((key, f(&mut Up(&mut state))));
        }
        Err(state.last_exit().unwrap_or(Exit::Stopped))
    }

    fn watch_in(state: &mut State) -> usize {
        let exit = state.ended();
        state.audience().insert(Watch { exit, waker: None })
    }

    /// The exit; the incarnation whose exit it will be, while there is none. A waker is cloned only if it is needed, and
    /// outside the lock.
    fn poll_watch(&self, key: usize, first: bool, cx: &mut Context<'_>) -> Result<Exit, u32> {
        let mut waker = first.then(|| cx.waker().clone());
        loop {
            let mut state = lock(&self.state);
            let (up, incarnation) = (state.is_up(), state.incarnation);
            let audience = state.audience();
            let Some(watch) = audience.get_mut(key) else { panic!("a monitor was polled after it had reported") };
            if watch.exit.is_some() {
                let exit = audience.remove(key).and_then(|watch| watch.exit);
                drop(state);
                return exit.ok_or(incarnation + 1);
            }
            let is_known = watch.waker.as_ref().is_some_and(|known| known.will_wake(cx.waker()));
            if is_known || waker.is_some() {
                let old = if is_known { waker } else { std::mem::replace(&mut watch.waker, waker) };
                drop(state);
                drop(old);
                return Err(incarnation + u32::from(!up));
            }
            drop(state);
            waker = Some(cx.waker().clone());
        }
    }

    fn unwatch(&self, key: usize) {
        let watch = lock(&self.state).audience().remove(key);
        drop(watch);
    }

    fn poll_state<T>(
        &self,
        key: &mut Option<usize>,
        cx: &mut Context<'_>,
        ready: impl Fn(&State) -> Option<T>,
    ) -> Poll<T> {
        let waker = cx.waker().clone();
        let mut state = lock(&self.state);
        if let Some(value) = ready(&state) {
            return Poll::Ready(value);
        }
        let old = state.audience().register(key, waker);
        drop(state);
        drop(old);
        Poll::Pending
    }

    fn leave(&self, key: Option<usize>) {
        if let Some(key) = key {
            let waker = lock(&self.state).audience().leave(key);
            drop(waker);
        }
    }
}

/// Anything that has a life: the futures below hold one without knowing its message.
pub(crate) trait Living: Running {
    fn life(&self) -> &Life;
}

fn target(of: &Arc<dyn Living>) -> Target<'_, impl Fn() -> Arc<dyn Running>> {
    Target { actor: &**of, shared: || Arc::clone(of) as _ }
}

/// An actor that waits for its own exit in its own code would wait for ever, and nothing would show why.
///
/// # Panics
/// When that is what is happening: the panic fails the actor, which then says so.
fn not_my_own(of: &dyn Living) {
    let who = of.who();
    assert!(
        frame::current() != Some(who.id()),
        "deadlock: `{who}` waits for its own exit in its own code. A stop takes effect when it is called: there is no \
         need to await it"
    );
}

/// An actor whose exit is awaited by code that it waits for will not end.
///
/// # Panics
/// Always: there is no other way to tell.
fn deadlock(of: &dyn Living, ring: &Cycle) -> ! {
    panic!("{ring}. The exit of `{}` is awaited in code that it waits for", of.who())
}

/// A future of the exit of one incarnation, made by [`Handle::monitor`](crate::Handle::monitor) and by
/// [`stop`](crate::Handle::stop), [`stop_now`](crate::Handle::stop_now) and [`kill`](crate::Handle::kill).
///
/// Dropping it cancels the monitor and leaves nothing behind.
///
/// # Panics
/// When an actor polls the monitor of its own exit in its own handler or hook: that would wait for ever.
pub struct Monitor {
    of: Arc<dyn Living>,
    key: Option<usize>,
    known: Option<Exit>,
    edge: Option<Awaited>,
    /// Something else ends the wait, or the actor: a ring through it is for others to notice.
    limited: bool,
    polled: bool,
}

impl Monitor {
    pub(crate) fn new(of: Arc<dyn Living>) -> Self {
        let key = Some(of.life().watch());
        Monitor { of, key, known: None, edge: None, limited: false, polled: false }
    }

    /// For who has other means than waiting.
    pub(crate) fn limited(mut self) -> Self {
        self.limit();
        self
    }

    pub(crate) fn limit(&mut self) {
        self.limited = true;
    }

    /// Of the incarnation that is up, with what `f` makes of it in the same step; the last exit, known already, if none is
    /// up.
    pub(super) fn of_present<T>(of: Arc<dyn Living>, f: impl FnOnce(&mut Up<'_>) -> T) -> (Self, Option<T>) {
        let (key, known, value) = match of.life().watch_present(f) {
            Ok((key, value)) => (Some(key), None, Some(value)),
            Err(exit) => (None, Some(exit), None),
        };
        (Monitor { of, key, known, edge: None, limited: false, polled: false }, value)
    }

    /// An actor's code awaits the exit of this incarnation, or did.
    fn show(&mut self, incarnation: u32) {
        not_my_own(&*self.of);
        let how = How::Exit(incarnation);
        if self.limited {
            awaiting::watch_quietly(&mut self.edge, how, &target(&self.of));
        } else if let Some(ring) = awaiting::watch(&mut self.edge, how, &target(&self.of)) {
            deadlock(&*self.of, &ring);
        }
    }
}

impl Future for Monitor {
    type Output = Exit;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Exit> {
        if let Some(exit) = self.known.take() {
            return Poll::Ready(exit);
        }
        let Some(key) = self.key else { panic!("a monitor was polled after it had reported") };
        let this = &mut *self;
        let first = !std::mem::replace(&mut this.polled, true);
        let incarnation = match this.of.life().poll_watch(key, first, cx) {
            Ok(exit) => {
                this.key = None;
                this.edge = None;
                return Poll::Ready(exit);
            }
            Err(incarnation) => incarnation,
        };
        // Most often it is awaited outside of all actors, where there is nothing to be shown.
        if this.edge.is_some() || awaiting::is_seen() {
            this.show(incarnation);
        }
        Poll::Pending
    }
}

impl Drop for Monitor {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.of.life().unwatch(key);
        }
    }
}

/// A future of the exit after which nothing will start the actor again, made by
/// [`Handle::stopped`](crate::Handle::stopped).
#[must_use = "futures do nothing unless polled"]
pub struct Stopped {
    of: Arc<dyn Living>,
    key: Option<usize>,
    edge: Option<Awaited>,
}

impl Stopped {
    pub(crate) fn new(of: Arc<dyn Living>) -> Self {
        Stopped { of, key: None, edge: None }
    }
}

impl Future for Stopped {
    type Output = Exit;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Exit> {
        let this = &mut *self;
        let exit = this.of.life().poll_state(&mut this.key, cx, State::ended);
        if exit.is_pending() {
            not_my_own(&*this.of);
            if let Some(ring) = awaiting::watch(&mut this.edge, How::End, &target(&this.of)) {
                deadlock(&*this.of, &ring);
            }
        } else {
            this.edge = None;
        }
        exit
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        self.of.life().leave(self.key);
    }
}

/// A future of the outcome of the start, made by [`Handle::started`](crate::Handle::started).
#[must_use = "futures do nothing unless polled"]
pub struct Started {
    of: Arc<dyn Living>,
    key: Option<usize>,
    edge: Option<Awaited>,
}

impl Started {
    pub(crate) fn new(of: Arc<dyn Living>) -> Self {
        Started { of, key: None, edge: None }
    }
}

impl Future for Started {
    type Output = Result<(), StartError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let outcome = this.of.life().poll_state(&mut this.key, cx, |state| match state.start {
            Start::Undecided => None,
            Start::Succeeded => Some(Ok(())),
            Start::Failed => Some(Err(state.last_exit().unwrap_or(Exit::Stopped))),
        });
        match outcome {
            // There is no error for a ring here: the ask that closes it on the other side has one.
            Poll::Pending => awaiting::watch_quietly(&mut this.edge, How::Start, &target(&this.of)),
            Poll::Ready(_) => this.edge = None,
        }
        outcome.map(|start| start.map_err(|exit| StartError::new(None, exit)))
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        self.of.life().leave(self.key);
    }
}

impl fmt::Debug for Monitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Monitor")
    }
}

impl fmt::Debug for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stopped")
    }
}

impl fmt::Debug for Started {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Started")
    }
}
