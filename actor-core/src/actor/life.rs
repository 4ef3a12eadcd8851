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
    task::{Context, Poll, Waker},
};

use slab::Slab;

use super::{
    awaiting::{self, Target},
    frame,
    waits::{Awaited, How, Running},
};
use crate::{
    error::{Cycle, StartError},
    exit::Exit,
    sync::{Mutex, MutexGuard, lock},
    wake::WakeList,
};

pub(crate) struct Life {
    state: Mutex<State>,
}

struct State {
    station: Station,
    start: Start,
    incarnation: u32,
    last_exit: Option<Exit>,
    /// Made by the first who waits.
    audience: Option<Box<Audience>>,
}

/// How the latest start went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Start {
    Undecided,
    Succeeded,
    /// The last exit says why.
    Failed,
}

/// Everyone who waits for news.
#[derive(Default)]
struct Audience {
    waiting: WakeList,
    monitors: Monitors,
}

/// What watches for an exit. The first stands here, since most often there is one: whoever has asked for the end.
#[derive(Default)]
struct Monitors {
    first: Option<Watch>,
    others: Slab<Watch>,
}

impl Monitors {
    fn insert(&mut self, watch: Watch) -> usize {
        if self.first.is_none() {
            self.first = Some(watch);
            return 0;
        }
        self.others.insert(watch) + 1
    }

    fn get_mut(&mut self, key: usize) -> Option<&mut Watch> {
        match key.checked_sub(1) {
            None => self.first.as_mut(),
            Some(key) => self.others.get_mut(key),
        }
    }

    fn remove(&mut self, key: usize) -> Option<Watch> {
        match key.checked_sub(1) {
            None => self.first.take(),
            Some(key) => self.others.try_remove(key),
        }
    }

    /// Tells all of them, and gives back whom that wakes.
    fn report(&mut self, exit: &Exit) -> (Option<Waker>, Vec<Waker>) {
        let tell = |watch: &mut Watch| {
            watch.exit.get_or_insert_with(|| exit.clone());
            watch.waker.take()
        };
        let first = self.first.as_mut().and_then(tell);
        (first, self.others.iter_mut().filter_map(|(_, watch)| tell(watch)).collect())
    }
}

impl State {
    fn audience(&mut self) -> &mut Audience {
        self.audience.get_or_insert_default()
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Station {
    Declared,
    Starting,
    Running,
    Down,
    Ended,
}

/// One monitor: the exit it is to report, once there is one.
#[derive(Default)]
struct Watch {
    exit: Option<Exit>,
    waker: Option<Waker>,
}

impl Life {
    pub(crate) fn new() -> Self {
        Life {
            state: Mutex::new(State {
                station: Station::Declared,
                start: Start::Undecided,
                incarnation: 0,
                last_exit: None,
                audience: None,
            }),
        }
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
        let woken = state.audience.as_mut().map(|audience| audience.waiting.take()).unwrap_or_default();
        drop(state);
        woken.wake();
    }

    /// The incarnation has ended, its state is dropped. Nothing happens if its exit is known (it was left behind).
    pub(crate) fn exited(&self, incarnation: u32, exit: &Exit) {
        let state = lock(&self.state);
        if state.incarnation == incarnation && matches!(state.station, Station::Starting | Station::Running) {
            Self::settle(state, exit, Station::Down);
        }
    }

    /// Nothing will start it again.
    pub(crate) fn end(&self, exit: &Exit) {
        Self::settle(lock(&self.state), exit, Station::Ended);
    }

    fn settle(mut state: MutexGuard<'_, State>, exit: &Exit, station: Station) {
        state.station = station;
        state.last_exit = Some(exit.clone());
        if state.start == Start::Undecided {
            state.start = Start::Failed;
        }
        let Some(audience) = &mut state.audience else { return };
        let woken = audience.waiting.take();
        let (first, others) = audience.monitors.report(exit);
        drop(state);
        woken.wake();
        first.into_iter().chain(others).for_each(Waker::wake);
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
        matches!(state.station, Station::Starting | Station::Running).then_some(state.incarnation)
    }

    /// Runs `f` if this incarnation is up; none begins or ends meanwhile. `f` must run no foreign code.
    pub(crate) fn while_up<T>(&self, incarnation: u32, f: impl FnOnce() -> T) -> Option<T> {
        let state = lock(&self.state);
        let up = matches!(state.station, Station::Starting | Station::Running);
        (up && state.incarnation == incarnation).then(f)
    }

    pub(crate) fn is_running(&self) -> bool {
        lock(&self.state).station == Station::Running
    }

    /// The exit for good, if it has come.
    pub(crate) fn ended(&self) -> Option<Exit> {
        let state = lock(&self.state);
        if state.station == Station::Ended { state.last_exit.clone() } else { None }
    }

    /// Whether the exit of this incarnation is still to come.
    pub(super) fn is_awaited(&self, incarnation: u32) -> bool {
        let state = lock(&self.state);
        let up = matches!(state.station, Station::Starting | Station::Running);
        let to_come = state.incarnation < incarnation && state.station != Station::Ended;
        to_come || (up && state.incarnation == incarnation)
    }

    /// Whether the outcome of the latest start is not known yet.
    pub(super) fn is_start_open(&self) -> bool {
        lock(&self.state).start == Start::Undecided
    }

    /// The latest exit of any incarnation.
    pub(crate) fn last_exit(&self) -> Option<Exit> {
        lock(&self.state).last_exit.clone()
    }

    /// Watches for the exit of the present incarnation, or of the next one; reports at once on a dead actor.
    fn watch(&self) -> usize {
        Self::watch_in(&mut lock(&self.state))
    }

    /// Watches for the exit of the incarnation that is up, and runs `f` with its number in the same step; the last exit,
    /// if none is up. `f` must run no foreign code.
    fn watch_present<T>(&self, f: impl FnOnce(u32) -> T) -> Result<(usize, T), Exit> {
        let mut state = lock(&self.state);
        if matches!(state.station, Station::Starting | Station::Running) {
            let key = Self::watch_in(&mut state);
            return Ok((key, f(state.incarnation)));
        }
        Err(state.last_exit.clone().unwrap_or(Exit::Stopped))
    }

    fn watch_in(state: &mut State) -> usize {
        let exit = if state.station == Station::Ended { state.last_exit.clone() } else { None };
        state.audience().monitors.insert(Watch { exit, waker: None })
    }

    /// The exit; the incarnation whose exit it will be, while there is none.
    fn poll_watch(&self, key: usize, cx: &mut Context<'_>) -> Result<Exit, u32> {
        let waker = cx.waker().clone();
        let mut state = lock(&self.state);
        let monitors = &mut state.audience().monitors;
        let Some(watch) = monitors.get_mut(key) else { panic!("a monitor was polled after it had reported") };
        if watch.exit.is_none() {
            let old = watch.waker.replace(waker);
            let up = matches!(state.station, Station::Starting | Station::Running);
            let incarnation = state.incarnation + u32::from(!up);
            drop(state);
            drop(old);
            return Err(incarnation);
        }
        let exit = monitors.remove(key).and_then(|watch| watch.exit);
        let next = state.incarnation + 1;
        drop(state);
        exit.ok_or(next)
    }

    fn unwatch(&self, key: usize) {
        let watch = lock(&self.state).audience().monitors.remove(key);
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
        let old = state.audience().waiting.register(key, waker);
        drop(state);
        drop(old);
        Poll::Pending
    }

    fn leave(&self, key: Option<usize>) {
        if let Some(key) = key {
            let waker = lock(&self.state).audience().waiting.remove(key);
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
}

impl Monitor {
    pub(crate) fn new(of: Arc<dyn Living>) -> Self {
        let key = Some(of.life().watch());
        Monitor { of, key, known: None, edge: None, limited: false }
    }

    /// For who has other means than waiting.
    pub(crate) fn limited(mut self) -> Self {
        self.limit();
        self
    }

    pub(crate) fn limit(&mut self) {
        self.limited = true;
    }

    /// Of the incarnation that is up, with what `f` makes of its number in the same step; the last exit, known already,
    /// if none is up.
    pub(crate) fn of_present<T>(of: Arc<dyn Living>, f: impl FnOnce(u32) -> T) -> (Self, Option<T>) {
        match of.life().watch_present(f) {
            Ok((key, value)) => (Monitor { of, key: Some(key), known: None, edge: None, limited: false }, Some(value)),
            Err(exit) => (Monitor { of, key: None, known: Some(exit), edge: None, limited: false }, None),
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
        let incarnation = match this.of.life().poll_watch(key, cx) {
            Ok(exit) => {
                this.key = None;
                this.edge = None;
                return Poll::Ready(exit);
            }
            Err(incarnation) => incarnation,
        };
        not_my_own(&*this.of);
        let how = How::Exit(incarnation);
        if this.limited {
            awaiting::watch_quietly(&mut this.edge, how, &target(&this.of));
        } else if let Some(ring) = awaiting::watch(&mut this.edge, how, &target(&this.of)) {
            deadlock(&*this.of, &ring);
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
        let exit = this.of.life().poll_state(&mut this.key, cx, |state| {
            if state.station == Station::Ended { state.last_exit.clone() } else { None }
        });
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
            Start::Failed => Some(Err(state.last_exit.clone().unwrap_or(Exit::Stopped))),
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
