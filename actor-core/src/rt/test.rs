//! A single-threaded executor with a virtual clock, behind the same seam as every other runtime.
//!
//! Time stands still while anything can run and jumps to the next timer when nothing can, so a test of an hour's
//! timeout takes microseconds and gives the same result every time. Tasks run in the order in which they were woken.
//!
//! A test that can never end says so: when the tested future waits, no task is ready and no timer is set, the
//! executor waits five real seconds for another thread and then panics (a minute, while a [`blocking`] job runs); and
//! a task that wakes itself for ever without any time passing is reported after ten million polls.
//!
//! Code that uses `tokio::time` or I/O does not run here. Let it use [`rt::sleep`](super::sleep), or test it with
//! `#[tokio::test(start_paused = true)]`, which actors obey too.
//!
//! ```
//! use actor_core::rt::test;
//! use std::time::Duration;
//! test::run(async {
//!     let start = test::now();
//!     test::sleep(Duration::from_secs(3600)).await;
//!     assert_eq!(test::now().since(start), Duration::from_secs(3600));
//! });
//! ```

mod cancel;

use std::{
    collections::{BTreeMap, HashMap, VecDeque},
    fmt,
    future::{Future, poll_fn},
    pin::{Pin, pin},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

pub use cancel::cancel_everywhere;

use super::{AsRuntime, Job, Runtime, RuntimeHandle, Task, Timestamp, ambient, enter};

/// How long the executor waits, in real time, for a wake from another thread before it calls the test stuck.
const STUCK: Duration = Duration::from_secs(5);

/// How often that may happen in a row while a blocking job runs, before the job is called stuck.
const STUCK_JOB: u32 = 12;

/// How many polls may pass without the virtual clock moving.
const LIVELOCK: u64 = 10_000_000;

/// Runs `future` on a new [`TestRuntime`] and drops the runtime, and every task left on it, afterwards.
///
/// # Panics
/// When nothing can ever wake the future again, and when it or the executor's bookkeeping panics.
pub fn run<F: Future>(future: F) -> F::Output {
    TestRuntime::new().block_on(future)
}

/// Waits for `duration` of the ambient runtime's time; on the test runtime that is virtual time.
///
/// `sleep(Duration::ZERO)` on the test runtime lets everything run that can run without time passing.
///
/// # Panics
/// When there is no ambient runtime.
pub async fn sleep(duration: Duration) {
    here().sleep(duration).await;
}

/// The ambient runtime's time.
///
/// # Panics
/// When there is no ambient runtime.
pub fn now() -> Timestamp {
    here().now()
}

/// Runs `job` on a real thread and gives its result; virtual time stands still until it returns.
///
/// # Panics
/// When there is no ambient runtime, or when the job panics.
pub async fn blocking<T: Send + 'static>(job: impl FnOnce() -> T + Send + 'static) -> T {
    let slot = Arc::new(Mutex::new((None, None::<Waker>)));
    let theirs = Arc::clone(&slot);
    here().spawn_blocking(Box::new(move || {
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(job));
        let waker = {
            let mut slot = lock(&theirs);
            slot.0 = Some(result);
            slot.1.take()
        };
        waker.into_iter().for_each(Waker::wake);
    }));
    let result = poll_fn(|cx| {
        let mut slot = lock(&slot);
        if slot.0.is_none() {
            slot.1 = Some(cx.waker().clone());
        }
        slot.0.take().map_or(Poll::Pending, Poll::Ready)
    })
    .await;
    result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn here() -> RuntimeHandle {
    ambient().expect("no runtime here: call this inside `rt::test::run`")
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The executor. Owns its tasks; dropping it drops them.
pub struct TestRuntime {
    shared: Arc<Shared>,
    handle: RuntimeHandle,
}

impl Default for TestRuntime {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for TestRuntime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = lock(&self.shared.state);
        write!(f, "TestRuntime {{ now: {:?}, tasks: {} }}", state.now, state.tasks.len())
    }
}

impl AsRuntime for TestRuntime {
    fn as_runtime(&self) -> RuntimeHandle {
        self.handle.clone()
    }
}

impl TestRuntime {
    /// A runtime at time zero without tasks.
    pub fn new() -> Self {
        let shared = Arc::new(Shared { state: Mutex::default(), changed: Condvar::new() });
        let handle = RuntimeHandle::new(Adapter(Arc::downgrade(&shared)));
        TestRuntime { shared, handle }
    }

    /// The virtual time.
    pub fn now(&self) -> Timestamp {
        lock(&self.shared.state).now
    }

    /// How many tasks live on it.
    pub fn tasks(&self) -> usize {
        lock(&self.shared.state).tasks.len()
    }

    /// Runs `future` to its end, together with every task spawned on this runtime.
    ///
    /// # Panics
    /// When nothing can ever wake the future again.
    pub fn block_on<F: Future>(&self, future: F) -> F::Output {
        let _ambient = enter(&self.handle);
        let mut future = pin!(future);
        let main = Arc::new(MainWaker { shared: Arc::downgrade(&self.shared), queued: AtomicBool::new(false) });
        main.wake_by_ref();
        let waker = Waker::from(Arc::clone(&main));
        loop {
            match self.next() {
                Ready::Main => {
                    main.queued.store(false, Ordering::Release);
                    if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
                        return output;
                    }
                }
                Ready::Task(task) => task.poll(&self.shared),
            }
        }
    }

    /// What to run next; lets time pass, or waits for another thread, when nothing is ready.
    fn next(&self) -> Ready {
        let mut state = lock(&self.shared.state);
        let mut waits = 0;
        loop {
            if let Some(ready) = state.ready.pop_front() {
                state.polls += 1;
                assert!(state.polls < LIVELOCK, "livelock: {LIVELOCK} polls and no time passed: {}", state.describe());
                return ready;
            }
            // While a blocking job runs the clock stands still, but what is due now is due.
            let latest = if state.blocking == 0 { Timestamp::MAX } else { state.now };
            if let Some(due) = state.jump(latest) {
                drop(state);
                due.into_iter().for_each(Waker::wake);
                state = lock(&self.shared.state);
                continue;
            }
            let (next, timed_out) =
                self.shared.changed.wait_timeout(state, STUCK).unwrap_or_else(PoisonError::into_inner);
            state = next;
            if !timed_out.timed_out() || !state.ready.is_empty() {
                continue;
            }
            waits += 1;
            assert!(
                state.blocking > 0,
                "stuck: nothing is ready and no timer is set, so nothing can wake the test: {}",
                state.describe()
            );
            assert!(
                waits < STUCK_JOB,
                "stuck: a blocking job does not end, and the clock stands still until it does; does it wait for a timer? {}",
                state.describe()
            );
        }
    }
}

impl Drop for TestRuntime {
    fn drop(&mut self) {
        // Dropping a task can spawn, wake and drop others: take them out of the lock, and go on until none is left.
        loop {
            let (tasks, timers, ready) = {
                let mut state = lock(&self.shared.state);
                state.closed = true;
                (std::mem::take(&mut state.tasks), std::mem::take(&mut state.timers), std::mem::take(&mut state.ready))
            };
            if tasks.is_empty() && timers.is_empty() && ready.is_empty() {
                return;
            }
            for task in tasks.into_values() {
                let future = lock(&task.future).take();
                drop(future);
            }
        }
    }
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    now: Timestamp,
    ready: VecDeque<Ready>,
    tasks: HashMap<u64, Arc<TaskCell>>,
    timers: BTreeMap<(Timestamp, u64), Waker>,
    next_id: u64,
    blocking: usize,
    polls: u64,
    closed: bool,
}

impl State {
    /// Moves the clock to the next timer, but not past `latest`, and gives everyone who waits for that moment.
    fn jump(&mut self, latest: Timestamp) -> Option<Vec<Waker>> {
        let (at, _) = *self.timers.first_key_value()?.0;
        if at > latest {
            return None;
        }
        if at > self.now {
            self.polls = 0;
            self.now = at;
        }
        let later = self.timers.split_off(&(at, u64::MAX));
        Some(std::mem::replace(&mut self.timers, later).into_values().collect())
    }

    fn describe(&self) -> String {
        format!("{} tasks alive, virtual time {:?}", self.tasks.len(), self.now)
    }

    fn next_id(&mut self) -> u64 {
        self.next_id += 1;
        self.next_id
    }
}

impl Default for Timestamp {
    fn default() -> Self {
        Timestamp::ZERO
    }
}

enum Ready {
    Main,
    Task(Arc<TaskCell>),
}

impl Shared {
    fn push(&self, ready: Ready) {
        let mut state = lock(&self.state);
        if !state.closed {
            state.ready.push_back(ready);
            self.changed.notify_one();
        }
    }
}

struct MainWaker {
    shared: Weak<Shared>,
    queued: AtomicBool,
}

impl Wake for MainWaker {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.queued.swap(true, Ordering::AcqRel)
            && let Some(shared) = self.shared.upgrade()
        {
            shared.push(Ready::Main);
        }
    }
}

struct TaskCell {
    id: u64,
    future: Mutex<Option<Task>>,
    queued: AtomicBool,
    shared: Weak<Shared>,
}

impl TaskCell {
    fn poll(self: &Arc<Self>, shared: &Shared) {
        self.queued.store(false, Ordering::Release);
        // Taken out for the poll: a poll that ends the runtime, or drops this task, finds nothing to poll again.
        let Some(mut future) = lock(&self.future).take() else { return };
        let waker = Waker::from(Arc::clone(self));
        match future.as_mut().poll(&mut Context::from_waker(&waker)) {
            Poll::Pending => *lock(&self.future) = Some(future),
            Poll::Ready(()) => {
                let gone = lock(&shared.state).tasks.remove(&self.id);
                drop((gone, future));
            }
        }
    }
}

impl Wake for TaskCell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        if !self.queued.swap(true, Ordering::AcqRel)
            && let Some(shared) = self.shared.upgrade()
        {
            shared.push(Ready::Task(Arc::clone(self)));
        }
    }
}

/// What tasks hold of the executor: a weak handle, so that they do not keep alive what owns them.
struct Adapter(Weak<Shared>);

impl Runtime for Adapter {
    fn spawn(&self, task: Task) {
        let Some(shared) = self.0.upgrade() else { return };
        let cell = {
            let mut state = lock(&shared.state);
            if state.closed {
                drop(state);
                return drop(task);
            }
            let id = state.next_id();
            let cell = Arc::new(TaskCell {
                id,
                future: Mutex::new(Some(task)),
                queued: AtomicBool::new(false),
                shared: Weak::clone(&self.0),
            });
            state.tasks.insert(id, Arc::clone(&cell));
            cell
        };
        cell.wake();
    }

    fn sleep(&self, duration: Duration) -> Task {
        Box::pin(Sleep { at: self.now() + duration, key: None, shared: Weak::clone(&self.0) })
    }

    fn now(&self) -> Timestamp {
        self.0.upgrade().map_or(Timestamp::ZERO, |shared| lock(&shared.state).now)
    }

    fn spawn_blocking(&self, job: Job) {
        let Some(shared) = self.0.upgrade() else { return };
        lock(&shared.state).blocking += 1;
        let held = Held(shared);
        // A thread that cannot be started drops the job and with it the hold on the clock.
        let _ = std::thread::Builder::new().spawn(move || {
            let _held = held;
            job();
        });
    }
}

/// Keeps the virtual clock from moving while a blocking job runs.
struct Held(Arc<Shared>);

impl Drop for Held {
    fn drop(&mut self) {
        lock(&self.0.state).blocking -= 1;
        self.0.changed.notify_one();
    }
}

struct Sleep {
    at: Timestamp,
    key: Option<(Timestamp, u64)>,
    shared: Weak<Shared>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(shared) = self.shared.upgrade() else { return Poll::Pending };
        let mut state = lock(&shared.state);
        let old = match self.key {
            // Set and gone from the list: it rang.
            Some(key) if !state.timers.contains_key(&key) => return Poll::Ready(()),
            Some(key) => state.timers.insert(key, cx.waker().clone()),
            None => {
                let key = (self.at, state.next_id());
                self.key = Some(key);
                state.timers.insert(key, cx.waker().clone())
            }
        };
        drop(state);
        drop(old);
        Poll::Pending
    }
}

impl Drop for Sleep {
    fn drop(&mut self) {
        if let (Some(key), Some(shared)) = (self.key, self.shared.upgrade()) {
            let waker = lock(&shared.state).timers.remove(&key);
            drop(waker);
        }
    }
}
