//! The same programs on every runtime: the test runtime, one written here through the public trait, and tokio's.

mod support;

use std::{
    collections::{BTreeMap, VecDeque},
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, Weak,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

use actor_core::{
    SpawnError,
    prelude::*,
    rt::{
        AsRuntime, Runtime, RuntimeHandle, Task, Timestamp,
        test::{TestRuntime, now, sleep},
    },
};
use futures_util::future::join_all;
use support::{Journal, ms, secs};
use tokio::sync::oneshot;

// ── a runtime of one's own

/// A single-threaded executor with a clock that jumps.
#[derive(Default)]
struct Mini {
    ready: Mutex<VecDeque<Arc<Job>>>,
    timers: Mutex<BTreeMap<(u64, u64), Waker>>,
    now: AtomicU64,
    next: AtomicU64,
}

struct Job {
    task: Mutex<Option<Task>>,
    mini: Weak<Mini>,
}

impl Wake for Job {
    fn wake(self: Arc<Self>) {
        if let Some(mini) = self.mini.upgrade() {
            mini.ready.lock().unwrap().push_back(self);
        }
    }
}

/// What actors hold of it.
struct Adapter(Weak<Mini>);

impl Runtime for Adapter {
    fn spawn(&self, task: Task) {
        Arc::new(Job { task: Mutex::new(Some(task)), mini: self.0.clone() }).wake();
    }

    fn sleep(&self, duration: Duration) -> Task {
        let mini = self.0.upgrade().unwrap();
        let at = (self.now() + duration).as_nanos();
        Box::pin(Nap { at, key: mini.next.fetch_add(1, Ordering::Relaxed), mini: self.0.clone() })
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_nanos(self.0.upgrade().map_or(0, |mini| mini.now.load(Ordering::Relaxed)))
    }
}

struct Nap {
    at: u64,
    key: u64,
    mini: Weak<Mini>,
}

impl Future for Nap {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let Some(mini) = self.mini.upgrade() else { return Poll::Pending };
        // Due or not, it comes after what is ready now, as a sleep does.
        if mini.now.load(Ordering::Relaxed) >= self.at
            && !mini.timers.lock().unwrap().contains_key(&(self.at, self.key))
        {
            return Poll::Ready(());
        }
        mini.timers.lock().unwrap().insert((self.at, self.key), cx.waker().clone());
        Poll::Pending
    }
}

impl Drop for Nap {
    fn drop(&mut self) {
        if let Some(mini) = self.mini.upgrade() {
            mini.timers.lock().unwrap().remove(&(self.at, self.key));
        }
    }
}

impl Mini {
    fn handle(self: &Arc<Self>) -> RuntimeHandle {
        RuntimeHandle::new(Adapter(Arc::downgrade(self)))
    }

    fn block_on<F: Future + Unpin>(&self, mut future: F) -> F::Output {
        loop {
            if let Poll::Ready(output) = Pin::new(&mut future).poll(&mut Context::from_waker(Waker::noop())) {
                return output;
            }
            let next = self.ready.lock().unwrap().pop_front();
            if let Some(job) = next {
                // Taken out for its poll, so that a task that ends is dropped with no lock held.
                let taken = job.task.lock().unwrap().take();
                if let Some(mut task) = taken
                    && task.as_mut().poll(&mut Context::from_waker(&Waker::from(Arc::clone(&job)))).is_pending()
                {
                    *job.task.lock().unwrap() = Some(task);
                }
                continue;
            }
            let ((at, _), waker) = self.timers.lock().unwrap().pop_first().expect("stuck");
            self.now.fetch_max(at, Ordering::Relaxed);
            waker.wake();
        }
    }
}

// ── programs

type Program = Pin<Box<dyn Future<Output = Vec<String>> + Send>>;

/// Runs a program as its own code, so that the program finds the runtime that this actor is on.
struct Driver;

#[actor]
impl Driver {
    pub async fn drive(&mut self, program: Program) -> Vec<String> {
        program.await
    }
}

/// Does nearly everything, and takes no time.
struct Servant {
    journal: Journal,
    total: u32,
}

#[actor(mailbox = 4)]
impl Servant {
    #[on_start]
    fn start(&mut self, cx: &mut actor_core::Context<Self>) {
        self.journal.note(format!("start {}", cx.incarnation()));
    }

    #[on_stop]
    fn stop(&mut self, why: &Exit) {
        // Without the identity of the actor, which is another on each run.
        self.journal.note(format!("stop: {}", why.to_string().split(" (in").next().unwrap()));
    }

    pub fn add(&mut self, n: u32) -> Result<u32, String> {
        self.total += n;
        if n > 100 { Err(format!("{n} is too much")) } else { Ok(self.total) }
    }

    pub fn crash(&mut self) {
        panic!("asked to");
    }

    pub async fn hang(&mut self, begun: oneshot::Sender<()>) {
        drop(begun);
        std::future::pending::<()>().await;
    }

    pub async fn nap(&mut self, time: Duration) -> u64 {
        sleep(time).await;
        now().as_nanos()
    }

    pub fn later(&mut self, reply: Reply<u32>) {
        drop(reply);
    }
}

fn servant(journal: &Journal) -> Servant {
    Servant { journal: journal.clone(), total: 0 }
}

/// Sends in every way, to an actor of its own.
async fn talk() -> Vec<String> {
    let journal = Journal::default();
    let h = servant(&journal).spawn();
    let note = |line: String| journal.note(line);
    note(format!("{:?}", h.add(1).await));
    note(format!("{:?}", h.add(101).await));
    for n in 0..20 {
        h.add(n).tell().await.unwrap();
    }
    let (a, b) = (h.add(1).enqueue().await.unwrap(), h.add(2).enqueue().await.unwrap());
    note(format!("{:?} {:?}", b.await, a.await));
    note(format!("{:?}", join_all((0..10).map(|n| h.add(n))).await.last()));
    note(format!("{:?}", h.later().await));
    note(format!("{:?}", h.stop().await));
    note(format!("{:?}", h.add(1).await));
    journal.lines()
}

/// Every end of a supervised actor.
async fn ends() -> Vec<String> {
    let journal = Journal::default();
    let mut tree = Supervisor::one_for_one().intensity(3, secs(3600));
    let made = journal.clone();
    let h = tree.child("servant", move || servant(&made));
    let app = tree.start().await.unwrap();
    let exit = h.monitor();
    journal.note(format!("{:?}", h.crash().await.is_err()));
    journal.note(exit.await.to_string().split(" (in").next().unwrap().to_owned());
    journal.note(format!("{:?}", h.add(3).await));
    let (begun, has_begun) = oneshot::channel();
    let hang = h.hang(begun).enqueue().await.unwrap();
    let queued = h.add(4).enqueue().await.unwrap();
    let _ = has_begun.await;
    journal.note(format!("{}", h.kill().await));
    journal.note(format!("{} {:?}", hang.await.is_err(), queued.await));
    journal.note(format!("{}", h.stop().await));
    journal.note(format!("{:?}", h.add(5).await));
    journal.note(format!("{}", app.stop().await));
    journal.note(format!("{:?}", h.add(6).await));
    journal.lines()
}

/// Time limits and shutdowns, for runtimes whose time is not real.
async fn time() -> Vec<String> {
    let journal = Journal::default();
    let start = now();
    let h = servant(&journal).spawn();
    let note = |line: String| journal.note(format!("{:?}: {line}", now().since(start)));
    note(format!("{:?}", h.nap(ms(10)).timeout(ms(5)).await));
    note(format!("{:?}", h.nap(ms(10)).await.is_ok()));
    let hang = h.hang(oneshot::channel().0).enqueue().await.unwrap();
    let report = h.shutdown(secs(10)).await;
    note(format!("{} {} {:?}", report.exit, report.handled, hang.await));
    let mut tree = Supervisor::one_for_one();
    let made = journal.clone();
    let child = tree.add(Child::new("servant", move || servant(&made)).shutdown(Shutdown::Within(secs(2))));
    let app = tree.start().await.unwrap();
    drop(child.hang(oneshot::channel().0).enqueue().await.unwrap());
    sleep(ms(1)).await;
    note(app.stop().await.to_string());
    journal.lines()
}

fn on_test(program: Program) -> Vec<String> {
    let rt = TestRuntime::new();
    let h = Driver.spawn_on(&rt);
    rt.block_on(h.drive(program)).unwrap()
}

fn on_mini(program: Program) -> Vec<String> {
    let mini = Arc::new(Mini::default());
    let h = Driver.spawn_on(&mini.handle());
    mini.block_on(h.drive(program)).unwrap()
}

fn on_tokio(rt: &tokio::runtime::Runtime, program: Program) -> Vec<String> {
    let h = Driver.spawn_on(rt);
    rt.block_on(h.drive(program)).unwrap()
}

fn paused() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap()
}

fn threads() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

// ── T1

#[test]
fn t1_a_runtime_written_outside_the_crate_runs_every_program() {
    assert_eq!(on_mini(Box::pin(talk())), on_test(Box::pin(talk())));
    assert_eq!(on_mini(Box::pin(ends())), on_test(Box::pin(ends())));
    assert_eq!(on_mini(Box::pin(time())), on_test(Box::pin(time())));
}

#[test]
fn t1_a_runtime_that_is_dropped_ends_its_actors() {
    let mini = Arc::new(Mini::default());
    let h = Driver.spawn_on(&mini.handle());
    let pending = h.drive(Box::pin(std::future::pending())).try_enqueue().unwrap();
    let stopped = h.stopped();
    drop(mini);
    let rt = TestRuntime::new();
    assert_eq!(rt.block_on(stopped), Exit::Lost);
    assert_eq!(rt.block_on(pending), Err(AskError::Stopped(Exit::Lost)));
}

#[test]
fn t1_without_a_runtime_there_is_an_error_that_lists_the_cures() {
    let error = Driver.try_spawn().unwrap_err();
    assert_eq!(error, SpawnError::NoRuntime);
    for cure in ["tokio", "spawn_on", "set_default"] {
        assert!(error.to_string().contains(cure), "{error}");
    }
    assert!(Driver.options().spawn().is_err());
}

// ── T2

#[test]
fn t2_tokio_on_one_thread_gives_the_same_results() {
    for program in [|| Box::pin(talk()) as Program, || Box::pin(ends()) as Program, || Box::pin(time()) as Program] {
        assert_eq!(on_tokio(&paused(), program()), on_test(program()));
    }
}

#[test]
fn t2_tokio_on_several_threads_gives_the_same_results_where_there_is_no_race() {
    for _ in 0..20 {
        assert_eq!(on_tokio(&threads(), Box::pin(talk())), on_test(Box::pin(talk())));
    }
}

#[test]
fn t2_tokios_handle_and_runtime_name_it() {
    let rt = paused();
    let by_handle = Driver.spawn_on(rt.handle());
    let by_ref = Driver.spawn_on(&rt.as_runtime());
    let program = || Box::pin(async { vec!["ran".to_owned()] }) as Program;
    assert_eq!(rt.block_on(by_handle.drive(program())).unwrap(), ["ran"]);
    assert_eq!(rt.block_on(by_ref.drive(program())).unwrap(), ["ran"]);
    // And inside it, none has to be named.
    let ambient = rt.block_on(async { Driver.spawn().drive(program()).await });
    assert_eq!(ambient.unwrap(), ["ran"]);
}

#[test]
fn t2_a_tokio_runtime_that_is_dropped_ends_its_actors() {
    let rt = threads();
    let h = Driver.spawn_on(&rt);
    let pending = h.drive(Box::pin(std::future::pending())).try_enqueue().unwrap();
    drop(rt);
    let other = TestRuntime::new();
    assert_eq!(other.block_on(h.stopped()), Exit::Lost);
    assert_eq!(other.block_on(pending), Err(AskError::Stopped(Exit::Lost)));
    assert!(other.block_on(h.drive(Box::pin(talk()))).is_err());
}

/// Adds up what it is told.
#[derive(Default)]
struct Sum {
    total: u64,
    last: BTreeMap<u64, u64>,
}

#[actor(mailbox = 4)]
impl Sum {
    /// Whether the number comes after the last one of the same sender.
    pub fn add(&mut self, sender: u64, n: u64) -> bool {
        self.total += n;
        self.last.insert(sender, n).is_none_or(|last| last < n)
    }

    pub fn total(&self) -> u64 {
        self.total
    }
}

#[test]
fn m1_the_capacity_holds_with_senders_on_several_threads() {
    const SENDERS: u64 = 8;
    const EACH: u64 = 500;
    let rt = threads();
    rt.block_on(async {
        let h = Sum::default().spawn();
        let senders = (0..SENDERS).map(|sender| {
            let h = h.clone();
            tokio::spawn(async move {
                for n in 0..EACH {
                    // Half of them in order and waited for, the others as quick as they go; some leave early.
                    match n % 4 {
                        0 => assert_eq!(h.add(sender, n).await, Ok(true)),
                        1 => h.add(sender, n).tell().await.unwrap(),
                        2 => assert_eq!(h.add(sender, n).enqueue().await.unwrap().await, Ok(true)),
                        _ => {
                            let mut tell = h.add(sender, n).tell();
                            if support::poll_once(&mut tell).await.is_none() {
                                tell.await.unwrap();
                            }
                        }
                    }
                }
            })
        });
        for sender in join_all(senders).await {
            sender.unwrap();
        }
        assert_eq!(h.total().await, Ok(SENDERS * EACH * (EACH - 1) / 2), "each message exactly once");
        let stats = h.mailbox();
        assert!(stats.high_water <= stats.capacity, "{stats:?}");
        assert_eq!((stats.len, stats.waiting), (0, 0));
    });
}

#[test]
fn m5_senders_that_are_aborted_on_several_threads_lose_no_wake_up() {
    let rt = threads();
    rt.block_on(async {
        let h = Sum::default().spawn();
        for round in 0..200 {
            let tasks: Vec<_> = (0..8)
                .map(|sender| {
                    let h = h.clone();
                    tokio::spawn(async move { h.add(sender, round).await })
                })
                .collect();
            for (n, task) in tasks.iter().enumerate() {
                if n % 2 == 0 {
                    task.abort();
                }
            }
            for task in tasks {
                // Aborted, or answered; never stuck.
                let _ = task.await;
            }
        }
        assert!(h.total().await.is_ok());
        assert_eq!(h.mailbox().waiting, 0);
    });
}

// ── many senders of many kinds

/// The life of an actor whose mailbox is always full, among threads and tasks that ask, leave and come back: an ask gets
/// its own reply or a typed reason, each message runs once at most, and once if it was answered.
macro_rules! bustle_of {
    ($kind:ident { $($asynchronous:ident)? }) => {
        mod $kind {
            use super::*;

            const ROUNDS: usize = 400;
            const ASKERS: usize = 8;

            struct Busy {
                runs: Arc<Vec<AtomicU64>>,
            }

            #[actor(mailbox = 3)]
            impl Busy {
                pub $($asynchronous)? fn echo(&mut self, n: usize) -> usize {
                    self.runs[n].fetch_add(1, Ordering::Relaxed);
                    assert!(n % 101 != 100, "now and then");
                    n
                }
            }

            /// Asks for one number in one of several ways.
            async fn ask(h: BusyHandle, n: usize) -> Option<Result<usize, AskError>> {
                match n % 6 {
                    0 => Some(h.echo(n).await),
                    1 => Some(h.echo(n).timeout(secs(20)).await),
                    2 => match h.echo(n).enqueue().await {
                        Ok(pending) => Some(pending.await),
                        Err(error) => Some(Err(error)),
                    },
                    // Those leave: after one poll, or after some that may wait for room or for the reply.
                    3 => support::poll_once(&mut h.echo(n)).await,
                    4 => {
                        let mut ask = h.echo(n);
                        for _ in 0..3 {
                            if let Some(answer) = support::poll_once(&mut ask).await {
                                return Some(answer);
                            }
                            tokio::task::yield_now().await;
                        }
                        None
                    }
                    _ => Some(h.echo(n).priority().await),
                }
            }

            #[test]
            fn m9_asks_from_threads_and_tasks_that_come_and_go_get_their_own_reply_or_a_reason() {
                let rt = threads();
                let runs: Arc<Vec<_>> = Arc::new((0..ROUNDS * ASKERS).map(|_| AtomicU64::new(0)).collect());
                let theirs = Arc::clone(&runs);
                let mut tree = Supervisor::one_for_one().intensity(u32::MAX, secs(1));
                let h = tree.child("busy", move || Busy { runs: Arc::clone(&theirs) });
                let app = rt.block_on(tree.start()).unwrap();
                let check = |runs: &[AtomicU64], n: usize, answer: Option<Result<usize, AskError>>| {
                    let ran = runs[n].load(Ordering::Relaxed);
                    match answer {
                        Some(Ok(echo)) => assert_eq!((echo, ran), (n, 1)),
                        Some(Err(AskError::Panicked(_))) => assert_eq!((n % 101, ran), (100, 1)),
                        Some(Err(error)) => panic!("{n}: {error}"),
                        None => assert!(ran <= 1, "{n} has run {ran} times"),
                    }
                };
                std::thread::scope(|scope| {
                    for asker in 0..ASKERS {
                        let (h, runs, rt) = (h.clone(), Arc::clone(&runs), &rt);
                        let numbers = (0..ROUNDS).map(move |round| round * ASKERS + asker);
                        if asker < 2 {
                            // A thread of no runtime.
                            scope.spawn(move || numbers.for_each(|n| check(&runs, n, Some(h.echo(n).blocking()))));
                        } else {
                            scope.spawn(move || {
                                for n in numbers {
                                    let answer = rt.block_on(rt.spawn(ask(h.clone(), n))).unwrap();
                                    check(&runs, n, answer);
                                }
                            });
                        }
                    }
                });
                let stats = h.mailbox();
                assert!(stats.high_water <= 3, "{stats:?}");
                assert_eq!((stats.waiting, rt.block_on(app.stop())), (0, Exit::Stopped));
                assert!(runs.iter().all(|runs| runs.load(Ordering::Relaxed) <= 1), "no message is run twice");
            }
        }
    };
}

bustle_of!(bustle {});
bustle_of!(bustle_awaited { async });

// ── a request at the worst moment

/// A runtime whose one task is polled by hand, and which does something while the loop sets its timer: between the loop's
/// look for requests and its being parked, or just after it.
#[derive(Default)]
struct Meddling {
    task: Mutex<Option<Task>>,
    job: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

struct Meddler(Arc<Meddling>);

impl Runtime for Meddler {
    fn spawn(&self, task: Task) {
        *self.0.task.lock().unwrap() = Some(task);
    }

    fn sleep(&self, _: Duration) -> Task {
        let meddling = Arc::clone(&self.0);
        Box::pin(std::future::poll_fn(move |_| {
            let job = meddling.job.lock().unwrap().take();
            if let Some(job) = job {
                job();
            }
            Poll::Pending
        }))
    }

    fn now(&self) -> Timestamp {
        Timestamp::ZERO
    }
}

#[derive(Default)]
struct Bell(AtomicBool);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.store(true, Ordering::Relaxed);
    }
}

struct Hourly;

#[actor]
impl Hourly {
    #[every("1h")]
    fn tick(&mut self) {}

    #[tell]
    pub fn note(&mut self) {}
}

#[test]
fn s4_a_request_that_comes_while_the_loop_makes_ready_for_being_parked_is_seen() {
    let requests: [fn(HourlyHandle); 4] = [
        |h| drop(h.stop()),
        |h| drop(h.stop_now()),
        |h| drop(h.kill()),
        drop, // the last handle
    ];
    for (at, request) in requests.into_iter().enumerate() {
        // Each poll begins with another source.
        for (polls, messages) in (0..6).flat_map(|polls| [(polls, 0), (polls, 16)]) {
            let world = Arc::new(Meddling::default());
            let h = Hourly.spawn_on(&RuntimeHandle::new(Meddler(Arc::clone(&world))));
            let keep = (at < 3).then(|| h.clone());
            let mut task = world.task.lock().unwrap().take().unwrap();
            let bell = Arc::new(Bell::default());
            let waker = Waker::from(Arc::clone(&bell));
            let mut poll = || task.as_mut().poll(&mut Context::from_waker(&waker)).is_ready();
            for _ in 0..polls {
                assert!(!poll());
            }
            // The first takes the waker, so that nobody but the loop itself can tell that something came; after the last one
            // the loop looks at the clock again.
            for _ in 0..messages {
                h.note().try_tell().unwrap();
            }
            bell.0.store(false, Ordering::Relaxed);
            *world.job.lock().unwrap() = Some(Box::new(move || request(h)));
            let mut ended = poll();
            assert!(world.job.lock().unwrap().is_none(), "the request came in this poll");
            while !ended && bell.0.swap(false, Ordering::Relaxed) {
                ended = poll();
            }
            assert!(ended, "request {at} after {polls} polls and {messages} messages: the actor sleeps");
            drop(keep);
        }
    }
}

// ── the test runtime itself

/// Answers only after others have had their turn.
struct Polite;

#[actor]
impl Polite {
    pub async fn after_you(&mut self) -> u32 {
        sleep(Duration::ZERO).await;
        1
    }
}

#[test]
fn while_a_blocking_job_runs_the_clock_stands_still_and_what_is_due_now_is_due() {
    actor_core::rt::test::run(async {
        let h = Polite.spawn();
        let start = now();
        let answer = actor_core::rt::test::blocking(move || h.after_you().blocking()).await;
        assert_eq!((answer, now()), (Ok(1), start));
    });
}
