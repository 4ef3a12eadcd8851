//! From `on_start` to the exit: start, stop, stop now, kill, the ladder of a shutdown, and who is told.

mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicIsize, Ordering},
    },
    time::Duration,
};

use actor_core::{
    WeakHandle,
    observe::DeadReason,
    prelude::*,
    rt::test::{TestRuntime, now, run, sleep},
};
use futures_util::future::{join, join_all};
use support::{Counted, Journal, Log, ms, poll_once, secs, settle, timed};

/// Notes its stations; each hook takes the time and the outcome that it is given.
#[derive(Default)]
struct Subject {
    journal: Own,
    start_takes: Duration,
    start_fails: bool,
    stop_takes: Duration,
    stop_panics: bool,
    stop_fails: bool,
}

/// The subject's own hold of the journal, which ends with its state.
#[derive(Default)]
struct Own(Journal);

impl Own {
    fn note(&self, line: impl Into<String>) {
        self.0.note(line);
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.note("dropped");
    }
}

#[actor]
impl Subject {
    #[on_start]
    async fn start(&mut self) -> Result<(), &'static str> {
        self.journal.note("starting");
        sleep(self.start_takes).await;
        self.journal.note("started");
        if self.start_fails { Err("no luck") } else { Ok(()) }
    }

    #[on_stop]
    async fn stopped(&mut self, why: &Exit) -> Result<(), &'static str> {
        self.journal.note(format!("on_stop: {why}"));
        assert!(!self.stop_panics, "not today");
        sleep(self.stop_takes).await;
        if self.stop_fails { Err("cannot") } else { Ok(()) }
    }

    pub async fn work(&mut self, n: u32, time: Duration) -> u32 {
        self.journal.note(format!("work {n}"));
        sleep(time).await;
        self.journal.note(format!("done {n}"));
        n
    }

    #[tell]
    pub fn note(&mut self, n: u32) {
        self.journal.note(format!("note {n}"));
    }

    pub fn crash(&mut self) {
        panic!("crash");
    }

    pub fn end(&mut self, cx: &mut Context<Self>) {
        cx.stop();
    }

    pub fn fail(&mut self, cx: &mut Context<Self>) {
        cx.fail("gave in");
    }

    pub fn weak(&self, cx: &mut Context<Self>) -> WeakHandle<SubjectMessage> {
        cx.weak()
    }
}

fn with(journal: &Journal) -> Subject {
    Subject { journal: Own(journal.clone()), ..Subject::default() }
}

// ── S1

#[test]
fn s1_on_start_runs_before_any_message_and_its_outcome_is_told() {
    run(async {
        let journal = Journal::default();
        let h = Subject { start_takes: secs(2), ..with(&journal) }.spawn();
        let work = h.work(1, Duration::ZERO).enqueue().await.unwrap();
        let (started, time) = timed(h.started()).await;
        assert_eq!((started, time), (Ok(()), secs(2)));
        assert_eq!(work.await, Ok(1), "what was sent meanwhile has waited");
        assert_eq!(journal.lines()[..3], ["starting", "started", "work 1"]);
    });
}

#[test]
fn s1_a_failed_start_is_told_and_on_stop_does_not_run() {
    run(async {
        let journal = Journal::default();
        let h = Subject { start_fails: true, ..with(&journal) }.spawn();
        let queued = h.work(1, ms(1)).enqueue().await.unwrap();
        let error = h.started().await.unwrap_err();
        assert_eq!(error.to_string(), "the actor did not start: failed: no luck");
        assert_eq!(h.stopped().await, Exit::failed("no luck"));
        assert!(matches!(queued.await, Err(AskError::Stopped(Exit::Failed(_)))));
        assert_eq!(journal.lines(), ["starting", "started", "dropped"]);
    });
}

#[test]
fn s1_on_start_can_be_killed() {
    run(async {
        let journal = Journal::default();
        let h = Subject { start_takes: secs(60), ..with(&journal) }.spawn();
        settle().await;
        assert_eq!(timed(h.kill()).await, (Exit::Killed, Duration::ZERO));
        assert_eq!(h.started().await.unwrap_err().cause(), &Exit::Killed);
        assert_eq!(journal.lines(), ["starting", "dropped"]);
    });
}

// ── S2

#[test]
fn s2_stop_refuses_at_once_handles_what_was_accepted_then_runs_on_stop_and_drops() {
    run(async {
        let journal = Journal::default();
        let h = with(&journal).spawn();
        let work = h.work(1, ms(5)).enqueue().await.unwrap();
        h.note(2).await.unwrap();
        // Never awaited: it takes effect when it is called.
        drop(h.stop());
        assert!(!h.is_alive());
        assert!(matches!(h.note(3).try_tell(), Err(TellError::Stopped(_))));
        assert!(matches!(h.work(4, ms(1)).await, Err(AskError::Stopped(_))));
        assert_eq!((work.await, h.stopped().await), (Ok(1), Exit::Stopped));
        let expected = ["starting", "started", "work 1", "done 1", "note 2", "on_stop: stopped by request", "dropped"];
        assert_eq!(journal.lines(), expected);
    });
}

#[test]
fn s2_stop_now_finishes_the_handler_in_progress_and_returns_the_rest_before_on_stop() {
    run(async {
        let journal = Journal::default();
        let h = Subject { stop_takes: secs(1), ..with(&journal) }.spawn();
        let work = h.work(1, ms(5)).enqueue().await.unwrap();
        let queued = h.work(2, ms(5)).enqueue().await.unwrap();
        settle().await;
        drop(h.stop_now());
        assert_eq!(timed(queued).await, (Err(AskError::Stopped(Exit::Stopped)), ms(5)));
        assert_eq!(work.await, Ok(1));
        assert_eq!(timed(h.stopped()).await, (Exit::Stopped, secs(1)));
        let expected = ["starting", "started", "work 1", "done 1", "on_stop: stopped by request", "dropped"];
        assert_eq!(journal.lines(), expected);
    });
}

#[test]
fn s2_kill_drops_the_handler_at_its_await_point_and_leaves_on_stop_out() {
    run(async {
        let journal = Journal::default();
        let h = with(&journal).spawn();
        let work = h.work(1, secs(60)).enqueue().await.unwrap();
        settle().await;
        drop(h.kill());
        assert_eq!(timed(h.stopped()).await, (Exit::Killed, Duration::ZERO));
        assert_eq!(work.await, Err(AskError::Killed));
        assert_eq!(journal.lines(), ["starting", "started", "work 1", "dropped"]);
    });
}

#[test]
fn s2_a_later_request_may_only_be_more_urgent() {
    run(async {
        let journal = Journal::default();
        let h = with(&journal).spawn();
        for n in 0..3 {
            drop(h.work(n, secs(1)).enqueue().await.unwrap());
        }
        settle().await;
        drop((h.stop_now(), h.stop()));
        assert_eq!(timed(h.stopped()).await, (Exit::Stopped, secs(1)), "a stop does not take a stop_now back");
    });
}

// ── S3

#[test]
fn s3_the_exit_is_told_once_to_everyone_who_waits_after_the_state_is_dropped() {
    run(async {
        let journal = Journal::default();
        let h = Subject { stop_takes: secs(1), ..with(&journal) }.spawn();
        settle().await;
        let waiting = (0..3).map(|_| {
            let (journal, stopped, monitor) = (journal.clone(), h.stopped(), h.monitor());
            async move {
                let (a, b) = join(stopped, monitor).await;
                assert_eq!(journal.lines().last().map(String::as_str), Some("dropped"));
                (a, b)
            }
        });
        let (exits, own) = join(join_all(waiting), h.stop()).await;
        assert_eq!(exits, vec![(Exit::Stopped, Exit::Stopped); 3]);
        assert_eq!(own, Exit::Stopped);
        assert_eq!(
            (h.stopped().await, h.monitor().await, h.stop().await),
            (Exit::Stopped, Exit::Stopped, Exit::Stopped)
        );
    });
}

// ── S4

#[test]
fn s4_a_full_mailbox_delays_no_stop() {
    run(async {
        let h = Subject::default().options().mailbox(1).spawn().unwrap();
        drop(h.work(1, secs(60)).enqueue().await.unwrap());
        settle().await;
        h.note(2).await.unwrap();
        let mut waiting = h.note(3).tell();
        assert!(poll_once(&mut waiting).await.is_none());
        assert_eq!(timed(h.kill()).await, (Exit::Killed, Duration::ZERO));
        assert!(matches!(waiting.await, Err(TellError::Stopped(_))));
    });
}

// ── S5

#[test]
fn s5_a_shutdown_drains_then_stops_now_then_kills_and_reports() {
    let (log, _installed) = Log::install();
    run(async {
        // Everything is handled in time.
        let h = Subject::default().spawn();
        for n in 0..3 {
            h.note(n).await.unwrap();
        }
        let (report, time) = timed(h.shutdown(secs(10))).await;
        assert_eq!((report.exit, report.handled, report.returned, report.discarded), (Exit::Stopped, 3, 0, 0));
        assert_eq!(time, Duration::ZERO);

        // At 8 s the rest is returned; the handler in progress ends by itself before 10 s.
        let h = Subject::default().spawn();
        let first = h.work(1, secs(5)).enqueue().await.unwrap();
        let second = h.work(2, secs(4)).enqueue().await.unwrap();
        let third = h.work(3, secs(4)).enqueue().await.unwrap();
        h.note(4).await.unwrap();
        let (report, time) = timed(h.shutdown(secs(10))).await;
        assert_eq!((report.exit, report.handled, report.returned, report.discarded), (Exit::Stopped, 2, 1, 1));
        assert_eq!(time, secs(9));
        assert_eq!((first.await, second.await), (Ok(1), Ok(2)));
        assert_eq!(third.await, Err(AskError::Stopped(Exit::Stopped)));
        assert_eq!(log.letters(h.id()), [("work", DeadReason::Stopped), ("note", DeadReason::Stopped)]);

        // At 10 s what still runs is killed.
        let h = Subject::default().spawn();
        let endless = h.work(1, secs(3600)).enqueue().await.unwrap();
        let (report, time) = timed(h.shutdown(secs(10))).await;
        assert_eq!((report.exit, time), (Exit::Killed, secs(10)));
        assert_eq!(endless.await, Err(AskError::Killed));
    });
}

#[test]
fn s5_what_was_skipped_was_not_handled() {
    run(async {
        let h = Subject::default().spawn();
        let running = h.work(1, ms(5)).enqueue().await.unwrap();
        settle().await;
        let mut skipped = h.work(2, ms(5));
        assert!(poll_once(&mut skipped).await.is_none());
        drop(skipped);
        let report = h.shutdown(secs(1)).await;
        assert_eq!((report.handled, running.await), (1, Ok(1)));
    });
}

// ── S6

#[test]
fn s6_on_stop_runs_on_every_exit_but_a_kill() {
    let on_stop = |how: &'static str| {
        run(async move {
            let journal = Journal::default();
            let h = with(&journal).spawn();
            let stopped = h.stopped();
            match how {
                "stop" => drop(h.stop()),
                "stop_now" => drop(h.stop_now()),
                "cx.stop" => h.end().await.unwrap(),
                "cx.fail" => h.fail().await.unwrap(),
                "panic" => drop(h.crash().await),
                "kill" => drop(h.kill()),
                _ => {}
            }
            drop(h);
            stopped.await;
            journal.lines().into_iter().find(|line| line.starts_with("on_stop"))
        })
    };
    assert_eq!(on_stop("stop").unwrap(), "on_stop: stopped by request");
    assert_eq!(on_stop("stop_now").unwrap(), "on_stop: stopped by request");
    assert_eq!(on_stop("cx.stop").unwrap(), "on_stop: stopped by request");
    assert_eq!(on_stop("cx.fail").unwrap(), "on_stop: failed: gave in");
    assert!(on_stop("panic").unwrap().starts_with("on_stop: panicked: `crash`"));
    assert_eq!(on_stop("no handle").unwrap(), "on_stop: ended by itself");
    assert_eq!(on_stop("kill"), None);
}

#[test]
fn s6_a_panic_in_on_stop_changes_the_exit_and_nothing_else() {
    run(async {
        let journal = Journal::default();
        let h = Subject { stop_panics: true, ..with(&journal) }.spawn();
        let work = h.work(1, ms(1)).enqueue().await.unwrap();
        let Exit::Panicked(panic) = h.stop().await else { panic!("it stopped cleanly") };
        assert_eq!((panic.text(), panic.during(), work.await), ("not today", "on_stop", Ok(1)));
        assert_eq!(journal.lines().last().unwrap(), "dropped");
    });
}

#[test]
fn s6_an_error_of_on_stop_is_reported_and_changes_nothing() {
    let (log, _installed) = Log::install();
    run(async {
        let h = Subject { stop_fails: true, ..Subject::default() }.spawn();
        assert_eq!(h.stop().await, Exit::Stopped);
        assert_eq!(log.errors(h.id()), [("on_stop", "cannot".to_owned())]);
    });
}

/// Waits for its own end, in each way there is.
struct Narcissus;

#[actor]
impl Narcissus {
    pub async fn stop_myself(&mut self, cx: &mut Context<Self>) {
        cx.handle().stop().await;
    }

    pub async fn await_my_end(&mut self, cx: &mut Context<Self>) {
        cx.handle().stopped().await;
    }

    pub async fn stop_and_go_on(&mut self, cx: &mut Context<Self>) -> u32 {
        drop(cx.handle().stop());
        1
    }
}

#[test]
fn s6_to_await_ones_own_exit_fails_the_actor_instead_of_hanging() {
    run(async {
        for way in [NarcissusHandle::stop_myself, NarcissusHandle::await_my_end] {
            let h = Narcissus.spawn();
            let Err(AskError::Panicked(panic)) = way(&h).await else { panic!("it waits for itself") };
            assert!(panic.text().starts_with("deadlock: `Narcissus#"), "{panic}");
            assert!(matches!(h.stopped().await, Exit::Panicked(_)));
        }
        let h = Narcissus.spawn();
        assert_eq!((h.stop_and_go_on().await, h.stopped().await), (Ok(1), Exit::Stopped));
    });
}

#[test]
fn s6_on_stop_can_be_killed() {
    run(async {
        let h = Subject { stop_takes: secs(60), ..Subject::default() }.spawn();
        settle().await;
        let stopping = h.stop();
        settle().await;
        drop(h.kill());
        assert_eq!(timed(stopping).await, (Exit::Killed, Duration::ZERO));
    });
}

// ── S7

#[test]
fn s7_an_actor_ends_by_itself_when_its_last_handle_is_gone_and_its_mailbox_is_empty() {
    run(async {
        let journal = Journal::default();
        let h = with(&journal).spawn();
        let other = h.clone();
        let (end, work) = (h.monitor(), h.work(1, secs(1)).enqueue().await.unwrap());
        h.note(2).await.unwrap();
        drop(h);
        settle().await;
        assert!(other.is_alive());
        drop(other);
        assert_eq!((work.await, end.await), (Ok(1), Exit::Normal), "what it had accepted it has handled");
        let end = ["done 1", "note 2", "on_stop: ended by itself", "dropped"];
        assert_eq!(journal.lines()[3..], end);
    });
}

/// Has a timer, which must not keep it alive.
struct Ticking;

#[actor]
impl Ticking {
    #[every("1s")]
    fn tick(&mut self) {}
}

#[test]
fn s7_timers_monitors_and_weak_handles_keep_nobody_alive() {
    run(async {
        let h = Ticking.spawn();
        settle().await;
        let (end, weak) = (h.monitor(), h.downgrade());
        assert!(weak.upgrade().is_some());
        drop(h);
        assert_eq!(timed(end).await, (Exit::Normal, Duration::ZERO));
        assert!(weak.upgrade().is_none());
    });
}

#[test]
fn s7_a_weak_handle_gives_a_strong_one_while_the_actor_lives() {
    run(async {
        let h = Subject::default().spawn();
        let weak = h.weak().await.unwrap();
        let again = weak.upgrade().unwrap();
        drop(h);
        settle().await;
        assert_eq!(again.work(1, ms(1)).await, Ok(1));
        again.kill().await;
        assert!(weak.upgrade().is_none(), "not of a dead actor, though somebody holds a handle");
    });
}

#[test]
fn s7_a_supervised_actor_needs_no_handle() {
    run(async {
        let journal = Journal::default();
        let mut tree = Supervisor::one_for_one();
        let made = journal.clone();
        let h = tree.child("subject", move || with(&made));
        let weak = h.downgrade();
        drop(h);
        let _app = tree.start().await.unwrap();
        sleep(secs(9)).await;
        assert_eq!(weak.upgrade().unwrap().work(1, ms(1)).await, Ok(1));
    });
}

// ── S10

#[test]
fn s10_each_end_has_its_exit() {
    run(async {
        let exits = async |how: &'static str| {
            let h = Subject::default().spawn();
            let stopped = h.stopped();
            match how {
                "stop" => drop(h.stop()),
                "stop_now" => drop(h.stop_now()),
                "cx.stop" => h.end().await.unwrap(),
                "cx.fail" => h.fail().await.unwrap(),
                "panic" => drop(h.crash().await),
                "kill" => drop(h.kill()),
                _ => {}
            }
            drop(h);
            stopped.await
        };
        for how in ["stop", "stop_now", "cx.stop"] {
            assert_eq!(exits(how).await, Exit::Stopped, "{how}");
        }
        assert_eq!(exits("no handle").await, Exit::Normal);
        assert_eq!(exits("cx.fail").await.to_string(), "failed: gave in");
        assert!(matches!(exits("panic").await, Exit::Panicked(_)));
        assert_eq!(exits("kill").await, Exit::Killed);
    });
}

#[test]
fn s10_a_runtime_that_ends_loses_its_actors() {
    let journal = Journal::default();
    let rt = TestRuntime::new();
    let h = with(&journal).spawn_on(&rt);
    rt.block_on(async { h.started().await.unwrap() });
    let (stopped, queued) = (h.stopped(), h.note(1).try_tell());
    drop(rt);
    run(async move {
        assert!(queued.is_ok());
        assert_eq!(stopped.await, Exit::Lost);
        assert_eq!(journal.lines(), ["starting", "started", "dropped"]);
        assert!(!h.is_alive());
    });
}

// ── R29

#[test]
fn r29_a_monitor_reports_once_and_at_once_on_a_dead_actor() {
    run(async {
        let h = Subject::default().spawn();
        let mut early = h.monitor();
        assert!(poll_once(&mut early).await.is_none());
        h.kill().await;
        assert_eq!(timed(early).await, (Exit::Killed, Duration::ZERO));
        let mut late = h.monitor();
        assert_eq!(poll_once(&mut late).await, Some(Exit::Killed));
    });
}

#[test]
fn r29_a_cancelled_monitor_leaves_nothing_behind() {
    run(async {
        let h = Subject::default().spawn();
        let woken = Arc::new(Woken::default());
        let waker = std::task::Waker::from(Arc::clone(&woken));
        let mut monitor = h.monitor();
        let pending = std::pin::Pin::new(&mut monitor);
        assert!(std::future::Future::poll(pending, &mut std::task::Context::from_waker(&waker)).is_pending());
        drop((monitor, waker));
        assert_eq!(Arc::strong_count(&woken), 1, "its waker is gone from the actor");
        h.kill().await;
        assert_eq!(woken.0.load(Ordering::Relaxed), 0);
    });
}

/// Counts how often it is woken.
#[derive(Default)]
struct Woken(AtomicIsize);

impl std::task::Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

// ── nothing is left behind

/// Exists as often as it is counted.
struct Mortal {
    _counted: Counted,
}

#[actor]
impl Mortal {
    pub fn ping(&self) -> u32 {
        7
    }
}

#[test]
fn s3_a_hundred_thousand_lives_leave_nothing_behind() {
    let alive = Arc::new(AtomicIsize::new(0));
    let rt = TestRuntime::new();
    rt.block_on(async {
        for n in 0..100_000 {
            let h = Mortal { _counted: Counted::new(&alive) }.spawn();
            assert_eq!(h.ping().await, Ok(7));
            match n % 4 {
                0 => assert_eq!(h.stop().await, Exit::Stopped),
                1 => assert_eq!(h.stop_now().await, Exit::Stopped),
                2 => assert_eq!(h.kill().await, Exit::Killed),
                _ => {
                    let stopped = h.stopped();
                    drop(h);
                    assert_eq!(stopped.await, Exit::Normal);
                }
            }
            assert_eq!(alive.load(Ordering::Relaxed), 0);
        }
        assert_eq!(now().as_nanos(), 0);
        // The last task has told its exit within its last poll, and is gone after it; who watches over asks is gone when
        // he has found nobody to watch.
        sleep(secs(1)).await;
        settle().await;
    });
    assert_eq!((alive.load(Ordering::Relaxed), rt.tasks()), (0, 0));
}

struct Fragile;

#[actor]
impl Fragile {
    #[tell]
    pub fn hold(&self) {}

    #[tell]
    pub fn fall(&self) {
        panic!("it fell");
    }
}

#[test]
fn s5_a_handler_that_panicked_counts_as_handled() {
    run(async {
        let h = Fragile.spawn();
        h.hold().await.unwrap();
        h.fall().await.unwrap();
        h.hold().await.unwrap();
        let report = h.shutdown(secs(5)).await;
        assert!(matches!(report.exit, Exit::Panicked(_)), "{report:?}");
        assert_eq!((report.handled, report.discarded), (2, 1));
    });
}
