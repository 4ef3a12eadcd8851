//! L6: a poll that holds its thread for too long is reported. The clock is moved by the handlers themselves.

use std::{
    future::pending,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use actor_core::{
    Handle,
    observe::{self, Observer, Stall},
    prelude::*,
    rt::{Runtime, RuntimeHandle, Task, Timestamp},
};

/// A clock that stands still unless somebody moves it.
#[derive(Clone, Default)]
struct Clock(Arc<AtomicU64>);

impl Clock {
    fn pass(&self, time: Duration) {
        self.0.fetch_add(u64::try_from(time.as_nanos()).unwrap(), Ordering::Relaxed);
    }
}

/// tokio's tasks, with that clock.
struct Clocked(Clock);

impl Runtime for Clocked {
    fn spawn(&self, task: Task) {
        drop(tokio::spawn(task));
    }

    fn sleep(&self, _: Duration) -> Task {
        Box::pin(pending())
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_nanos(self.0.0.load(Ordering::Relaxed))
    }
}

#[derive(Default)]
struct Log(Mutex<Vec<Stall>>);

impl Observer for Log {
    fn stalled(&self, stall: &Stall) {
        self.0.lock().unwrap().push(stall.clone());
    }
}

impl Log {
    fn of<M: 'static>(&self, actor: &Handle<M>) -> Vec<(&'static str, u128)> {
        let all = self.0.lock().unwrap();
        let own = all.iter().filter(|stall| stall.actor.id() == actor.id());
        own.map(|stall| (stall.during, stall.held.as_millis())).collect()
    }
}

fn ms(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// Never awaits anything but what it is told to.
struct Busy(Clock);

#[actor]
impl Busy {
    pub fn work(&mut self, millis: u64) {
        self.0.pass(ms(millis));
    }

    pub async fn work_twice(&mut self, millis: u64) {
        self.0.pass(ms(millis));
        tokio::task::yield_now().await;
        self.0.pass(ms(millis));
    }

    #[tell]
    pub fn fall(&mut self, millis: u64) {
        self.0.pass(ms(millis));
        panic!("it was too much");
    }
}

/// The same without an async handler: another loop.
struct Plain(Clock);

#[actor]
impl Plain {
    pub fn work(&mut self, millis: u64) {
        self.0.pass(ms(millis));
    }
}

/// The limit is the process's, so tests that set it take turns.
fn with_limit(limit: Option<Duration>) -> MutexGuard<'static, ()> {
    static TURN: Mutex<()> = Mutex::new(());
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    observe::set_poll_limit(limit);
    turn
}

fn run(test: impl AsyncFnOnce(Clock, RuntimeHandle, Arc<Log>)) {
    let log = Arc::new(Log::default());
    let installed = observe::install(Arc::clone(&log) as Arc<dyn Observer>);
    let clock = Clock::default();
    let runtime = RuntimeHandle::new(Clocked(clock.clone()));
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(test(clock, runtime, log));
    drop(installed);
}

#[test]
fn l6_a_poll_that_holds_its_thread_is_reported_once_with_actor_and_message() {
    let _turn = with_limit(Some(ms(10)));
    run(async |clock, runtime, log| {
        let busy = Busy(clock.clone()).spawn_on(&runtime);
        let plain = Plain(clock).spawn_on(&runtime);
        for millis in [9, 10, 25, 0] {
            busy.work(millis).await.unwrap();
            plain.work(millis).await.unwrap();
        }
        assert_eq!(log.of(&busy), [("work", 10), ("work", 25)]);
        assert_eq!(log.of(&plain), [("work", 10), ("work", 25)]);
        let said = log.0.lock().unwrap()[0].to_string();
        assert_eq!(said, format!("`Busy{}` has held its thread for 10ms in `work`", busy.id()));
    });
}

#[test]
fn l6_messages_of_one_poll_are_told_apart_and_what_gives_the_thread_up_is_not_reported() {
    let _turn = with_limit(Some(ms(10)));
    run(async |clock, runtime, log| {
        let plain = Plain(clock.clone()).spawn_on(&runtime);
        // Ten of six milliseconds each, queued at once: none of them is too long.
        for _ in 0..10 {
            plain.work(6).try_tell().unwrap();
        }
        plain.work(30).try_tell().unwrap();
        plain.work(1).await.unwrap();
        assert_eq!(log.of(&plain), [("work", 30)]);
        let busy = Busy(clock).spawn_on(&runtime);
        busy.work_twice(7).await.unwrap();
        assert_eq!(log.of(&busy), [], "it let others run in between");
        busy.work_twice(12).await.unwrap();
        assert_eq!(log.of(&busy), [("work_twice", 12), ("work_twice", 12)]);
    });
}

#[test]
fn l6_a_poll_that_ends_with_a_panic_is_reported_too() {
    let _turn = with_limit(Some(ms(10)));
    run(async |clock, runtime, log| {
        let busy = Busy(clock).spawn_on(&runtime);
        busy.fall(11).await.unwrap();
        busy.stopped().await;
        assert_eq!(log.of(&busy), [("fall", 11)]);
    });
}

#[test]
fn l6_without_a_limit_nothing_is_reported() {
    let _turn = with_limit(None);
    run(async |clock, runtime, log| {
        let busy = Busy(clock).spawn_on(&runtime);
        busy.work(10_000).await.unwrap();
        assert_eq!(log.of(&busy), []);
    });
}
