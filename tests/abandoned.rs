//! Code that does not yield. On the test runtime a handler can do that without stopping the test: it runs the executor
//! itself, so everyone else goes on while its own poll does not return.

mod support;

use std::{cell::RefCell, rc::Rc, time::Duration};

use actor_core::{
    prelude::*,
    rt::test::{TestRuntime, now, sleep},
};
use support::{Log, ms, secs, settle, timed};

thread_local! {
    static RUNTIME: RefCell<Option<Rc<TestRuntime>>> = const { RefCell::new(None) };
}

/// Runs a scenario as an actor's code: the tested future itself must not be woken while somebody blocks, and it waits
/// for nothing but the scenario's end.
fn scenario(test: impl Future<Output = ()> + Send + 'static) {
    let rt = Rc::new(TestRuntime::new());
    RUNTIME.set(Some(Rc::clone(&rt)));
    let played = rt.block_on(async { Stage.spawn().play(Box::pin(test)).await });
    RUNTIME.set(None);
    played.unwrap();
}

/// Does not return for `time`.
fn block(time: Duration) {
    let rt = RUNTIME.with_borrow(|rt| rt.clone().unwrap());
    rt.block_on(sleep(time));
}

struct Stage;

#[actor]
impl Stage {
    pub async fn play(&mut self, scene: std::pin::Pin<Box<dyn Future<Output = ()> + Send>>) {
        scene.await;
    }
}

/// Blocks on demand.
struct Deaf {
    incarnation: u32,
    /// The second start does not yield for 10 s, the third one waits for 60 s.
    slow_starts: bool,
}

#[actor]
impl Deaf {
    #[on_start]
    async fn start(&mut self, cx: &mut Context<Self>) {
        self.incarnation = cx.incarnation();
        match self.incarnation {
            2 if self.slow_starts => block(secs(10)),
            3 if self.slow_starts => sleep(secs(60)).await,
            _ => {}
        }
    }

    pub async fn block(&mut self, time: Duration) -> u32 {
        block(time);
        sleep(ms(1)).await;
        self.incarnation
    }

    pub fn incarnation(&self) -> u32 {
        self.incarnation
    }

    pub fn stop_late(&mut self, cx: &mut Context<Self>) {
        block(secs(10));
        cx.stop();
    }
}

fn deaf() -> Deaf {
    Deaf { incarnation: 0, slow_starts: false }
}

#[test]
fn s9_a_kill_without_effect_is_given_up_after_its_limit_and_the_parent_goes_on() {
    scenario(async {
        let (log, _installed) = Log::install();
        let mut tree = Supervisor::one_for_one();
        let h = tree.add(Child::new("deaf", deaf).shutdown(Shutdown::Brutal));
        let app = tree.start().await.unwrap();
        let blocked = h.block(secs(10)).enqueue().await.unwrap();
        settle().await;
        let monitor = h.monitor();
        let (stopped, time) = timed(app.stop_child("deaf")).await;
        assert_eq!((stopped, time), (Ok(()), secs(1)), "the kill limit");
        assert_eq!((monitor.await, h.stopped().await), (Exit::Lost, Exit::Lost));
        assert_eq!(log.crashes(h.id()), [(1, Exit::Lost)]);
        assert!(!h.is_alive() && app.is_alive());
        // It yields at last, finds that it was killed, and its caller is told.
        assert_eq!(timed(blocked).await, (Err(AskError::Killed), secs(9)));
        assert_eq!(h.stopped().await, Exit::Lost, "what was told once stays");
    });
}

#[test]
fn s9_the_next_incarnation_is_not_disturbed_by_the_abandoned_one() {
    scenario(async {
        let mut tree = Supervisor::one_for_one();
        let h = tree.add(Child::new("deaf", deaf).shutdown(Shutdown::Brutal));
        let app = tree.start().await.unwrap();
        drop(h.block(secs(10)).enqueue().await.unwrap());
        settle().await;
        app.stop_child("deaf").await.unwrap();
        app.restart_child("deaf").await.unwrap();
        assert_eq!((h.incarnation().await, now().as_nanos()), (Ok(2), 1_000_000_000));
        // The second one is idle when the first one yields, suspends, and ends.
        sleep(secs(20)).await;
        let (answer, time) = timed(h.incarnation().timeout(secs(5))).await;
        assert_eq!((answer, time), (Ok(2), Duration::ZERO), "it is still woken by messages");
        assert_eq!(h.mailbox().len, 0);
        assert_eq!(app.stop().await, Exit::Stopped);
    });
}

#[test]
fn s9_an_abandoned_start_does_not_count_as_the_next_ones() {
    scenario(async {
        let mut tree = Supervisor::one_for_one();
        let make = || Deaf { incarnation: 0, slow_starts: true };
        let h = tree.add(Child::new("deaf", make).shutdown(Shutdown::Brutal));
        let app = tree.start().await.unwrap();
        h.kill().await;
        settle().await;
        app.stop_child("deaf").await.unwrap();
        assert_eq!(timed(app.restart_child("deaf")).await, (Ok(()), secs(60)));
        assert_eq!(h.incarnation().await, Ok(3));
    });
}

#[test]
fn s9_an_abandoned_actor_cannot_stop_the_one_after_it() {
    scenario(async {
        let mut tree = Supervisor::one_for_one();
        let h = tree.add(Child::new("deaf", deaf).shutdown(Shutdown::Brutal));
        let app = tree.start().await.unwrap();
        drop(h.stop_late().enqueue().await.unwrap());
        settle().await;
        app.stop_child("deaf").await.unwrap();
        app.restart_child("deaf").await.unwrap();
        sleep(secs(20)).await;
        assert_eq!(h.incarnation().await, Ok(2));
        assert!(h.is_alive());
    });
}

#[test]
fn s9_a_shutdown_of_a_deaf_actor_reports_it_lost_after_its_limits() {
    scenario(async {
        let h = deaf().spawn();
        drop(h.block(secs(60)).enqueue().await.unwrap());
        settle().await;
        let (report, time) = timed(h.shutdown(secs(5))).await;
        assert_eq!((report.exit, time), (Exit::Lost, secs(6)), "5 s, and the kill limit");
        assert_eq!(h.stopped().await, Exit::Killed, "it ends when it yields");
    });
}

#[test]
fn s9_what_an_abandoned_actor_held_is_returned_when_it_yields_at_last() {
    scenario(async {
        let mut tree = Supervisor::one_for_one();
        let h = tree.add(Child::new("deaf", deaf).shutdown(Shutdown::Brutal));
        let app = tree.start().await.unwrap();
        drop(h.block(secs(10)).enqueue().await.unwrap());
        // Taken by the loop together with the message that blocks it.
        let held = h.incarnation().enqueue().await.unwrap();
        settle().await;
        let queued = h.incarnation().enqueue().await.unwrap();
        app.stop_child("deaf").await.unwrap();
        assert_eq!(timed(queued).await, (Err(AskError::Stopped(Exit::Lost)), Duration::ZERO));
        assert!(matches!(held.await, Err(AskError::Stopped(_))));
        assert_eq!(h.mailbox().len, 0);
    });
}

#[test]
fn s9_what_an_abandoned_actor_held_is_handled_by_the_one_after_it() {
    scenario(async {
        let mut tree = Supervisor::one_for_one();
        let h = tree.add(Child::new("deaf", deaf).shutdown(Shutdown::Brutal));
        let app = tree.start().await.unwrap();
        drop(h.block(secs(10)).enqueue().await.unwrap());
        let held = h.incarnation().enqueue().await.unwrap();
        settle().await;
        app.stop_child("deaf").await.unwrap();
        app.restart_child("deaf").await.unwrap();
        assert_eq!(held.await, Ok(2));
        assert_eq!(h.incarnation().await, Ok(2));
    });
}
