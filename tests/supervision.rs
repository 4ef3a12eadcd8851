//! Supervision, after the rules of OTP: restarts, intensity, order, requests, shutdown, queues.

mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use actor_core::{
    ActorId, ChildCount, ChildError, ChildInfo, ChildKind, ChildState, SupervisorHandle,
    observe::DeadReason,
    prelude::*,
    rt::test::{now, run, sleep},
};
use futures_util::future::{join, join_all};
use support::{Journal, Log, ms, poll_once, secs, settle, timed};

/// Notes its own life in a journal, and fails on demand.
struct Worker {
    id: &'static str,
    journal: Journal,
    incarnation: u32,
    /// How long `on_stop` takes.
    stopping: Duration,
}

impl Worker {
    fn factory(id: &'static str, journal: &Journal) -> impl FnMut() -> Worker + Send + use<> {
        let journal = journal.clone();
        move || Worker { id, journal: journal.clone(), incarnation: 0, stopping: Duration::ZERO }
    }

    fn child(id: &'static str, journal: &Journal) -> Child<WorkerHandle> {
        Child::new(id, Worker::factory(id, journal))
    }
}

#[actor]
impl Worker {
    #[on_start]
    fn start(&mut self, cx: &mut Context<Self>) {
        self.incarnation = cx.incarnation();
        self.journal.note(format!("+{}", self.id));
    }

    #[on_stop]
    async fn stopped(&mut self) {
        sleep(self.stopping).await;
        self.journal.note(format!("-{}", self.id));
    }

    pub fn incarnation(&self) -> u32 {
        self.incarnation
    }

    pub fn crash(&mut self) {
        panic!("{} crashed", self.id);
    }

    #[tell]
    pub fn fail(&mut self, cx: &mut Context<Self>) {
        cx.fail("asked to");
    }

    #[tell]
    pub fn finish(&mut self, cx: &mut Context<Self>) {
        cx.stop();
    }

    pub async fn busy(&mut self, time: Duration) -> u32 {
        sleep(time).await;
        self.incarnation
    }

    pub async fn crash_after(&mut self, time: Duration) {
        sleep(time).await;
        panic!("{} crashed at last", self.id);
    }

    #[tell]
    pub fn note(&mut self, line: &'static str) {
        self.journal.note(format!("{}{line}", self.incarnation));
    }
}

/// Its first `failures` starts fail, or take a while.
struct Balky {
    starts: Arc<AtomicU32>,
    failures: u32,
    time: Duration,
}

#[actor]
impl Balky {
    #[on_start]
    async fn start(&mut self) -> Result<(), String> {
        let n = self.starts.fetch_add(1, Ordering::Relaxed);
        sleep(self.time).await;
        if n < self.failures { Err(format!("start {n} failed")) } else { Ok(()) }
    }

    pub fn crash(&mut self) {
        panic!("balked");
    }
}

fn balky(starts: &Arc<AtomicU32>, failures: u32, time: Duration) -> impl FnMut() -> Balky + Send + use<> {
    let starts = Arc::clone(starts);
    move || Balky { starts: Arc::clone(&starts), failures, time }
}

async fn ids(app: &SupervisorHandle) -> Vec<String> {
    app.children().await.iter().map(|child| child.id.to_string()).collect()
}

async fn info(app: &SupervisorHandle, id: &str) -> ChildInfo {
    app.children().await.into_iter().find(|child| &*child.id == id).unwrap()
}

/// The five ways of an exit of one's own, each with its name.
async fn end(h: &WorkerHandle, how: &str) {
    match how {
        "stop" => drop(h.stop()),
        "finish" => h.finish().await.unwrap(),
        "crash" => drop(h.crash().await),
        "fail" => h.fail().await.unwrap(),
        "kill" => drop(h.kill()),
        _ => unreachable!(),
    }
    settle().await;
}

// ── R1

#[test]
fn r1_restart_types_decide_what_follows_each_exit() {
    let after = |restart, how| {
        run(async move {
            let mut tree = Supervisor::one_for_one();
            let h = tree.add(Worker::child("w", &Journal::default()).restart(restart));
            let _app = tree.start().await.unwrap();
            end(&h, how).await;
            h.incarnation().await.ok()
        })
    };
    for how in ["stop", "finish"] {
        assert_eq!(after(Restart::Permanent, how), Some(2), "{how}");
        assert_eq!(after(Restart::Transient, how), None, "{how}");
        assert_eq!(after(Restart::Temporary, how), None, "{how}");
    }
    for how in ["crash", "fail", "kill"] {
        assert_eq!(after(Restart::Permanent, how), Some(2), "{how}");
        assert_eq!(after(Restart::Transient, how), Some(2), "{how}");
        assert_eq!(after(Restart::Temporary, how), None, "{how}");
    }
}

// ── R2, R7

#[test]
fn r2_restarts_up_to_the_intensity_are_survived_and_one_more_gives_up_before_starting_anything() {
    run(async {
        let journal = Journal::default();
        let mut tree = Supervisor::one_for_one().intensity(2, secs(5));
        let h = tree.add(Worker::child("w", &journal));
        let app = tree.start().await.unwrap();
        for _ in 0..2 {
            end(&h, "crash").await;
            assert!(app.is_alive());
        }
        assert_eq!(h.incarnation().await, Ok(3));
        journal.take();
        end(&h, "crash").await;
        assert_eq!(app.stopped().await, Exit::GaveUp { child: "w".into(), restarts: 2 });
        assert_eq!(journal.lines(), ["-w"], "only the last incarnation's end, no start");
    });
}

#[test]
fn r2_the_default_is_3_restarts_in_5_seconds() {
    run(async {
        let mut tree = Supervisor::one_for_one();
        let h = tree.add(Worker::child("w", &Journal::default()));
        let app = tree.start().await.unwrap();
        for _ in 0..3 {
            end(&h, "crash").await;
        }
        sleep(ms(5001)).await;
        for _ in 0..3 {
            end(&h, "crash").await;
        }
        assert!(app.is_alive());
        end(&h, "crash").await;
        assert_eq!(app.stopped().await, Exit::GaveUp { child: "w".into(), restarts: 3 });
    });
}

#[test]
fn r2_intensity_zero_gives_up_at_the_first_crash() {
    run(async {
        let mut tree = Supervisor::one_for_one().intensity(0, secs(5));
        let h = tree.add(Worker::child("w", &Journal::default()));
        let app = tree.start().await.unwrap();
        end(&h, "crash").await;
        assert_eq!(app.stopped().await, Exit::GaveUp { child: "w".into(), restarts: 0 });
    });
}

#[test]
fn r7_a_restart_exactly_one_period_old_still_counts() {
    let survives = |gap: Duration| {
        run(async move {
            let mut tree = Supervisor::one_for_one().intensity(1, secs(5));
            let h = tree.add(Worker::child("w", &Journal::default()));
            let app = tree.start().await.unwrap();
            end(&h, "crash").await;
            sleep(gap).await;
            end(&h, "crash").await;
            app.is_alive()
        })
    };
    assert!(!survives(secs(5)));
    assert!(survives(secs(5) + Duration::from_nanos(1)));
}

// ── R3

#[test]
fn r3_a_restart_that_fails_counts_as_another() {
    run(async {
        let starts = Arc::new(AtomicU32::new(0));
        let mut tree = Supervisor::one_for_one().intensity(3, secs(5));
        let mut first = true;
        let mut again = balky(&starts, u32::MAX, Duration::ZERO);
        let mut well = balky(&Arc::default(), 0, Duration::ZERO);
        let h = tree.child("b", move || if std::mem::take(&mut first) { well() } else { again() });
        let app = tree.start().await.unwrap();
        drop(h.crash().await);
        assert_eq!(app.stopped().await, Exit::GaveUp { child: "b".into(), restarts: 3 });
        assert_eq!(starts.load(Ordering::Relaxed), 3);
        assert_eq!(now().as_nanos(), 0, "a failed start takes no time");
    });
}

// ── R6, R6a

#[test]
fn r6_what_is_asked_for_and_what_never_comes_back_is_not_counted() {
    run(async {
        let journal = Journal::default();
        let mut tree = Supervisor::one_for_one().intensity(0, secs(5));
        tree.add(Worker::child("permanent", &journal));
        let transient = tree.add(Worker::child("transient", &journal).restart(Restart::Transient));
        let temporary = tree.add(Worker::child("temporary", &journal).restart(Restart::Temporary));
        let app = tree.start().await.unwrap();
        for _ in 0..5 {
            app.stop_child("permanent").await.unwrap();
            app.restart_child("permanent").await.unwrap();
        }
        end(&transient, "finish").await;
        end(&temporary, "crash").await;
        assert!(app.is_alive());
    });
}

#[test]
fn r6_a_permanent_childs_own_normal_end_is_counted() {
    run(async {
        let mut tree = Supervisor::one_for_one().intensity(1, secs(5));
        tree.task("ends at once", |_| async {});
        let started = tree.start().await;
        let exit = match started {
            Ok(app) => app.stopped().await,
            Err(error) => error.cause().clone(),
        };
        assert_eq!(exit, Exit::GaveUp { child: "ends at once".into(), restarts: 1 });
    });
}

#[test]
fn r6a_a_stop_on_the_childs_own_handle_is_a_clean_exit_by_itself() {
    run(async {
        let mut tree = Supervisor::one_for_one().intensity(1, secs(5));
        let permanent = tree.add(Worker::child("p", &Journal::default()));
        let transient = tree.add(Worker::child("t", &Journal::default()).restart(Restart::Transient));
        let app = tree.start().await.unwrap();
        assert_eq!(transient.stop().await, Exit::Stopped);
        settle().await;
        assert!(!transient.is_alive());
        assert_eq!(permanent.stop().await, Exit::Stopped);
        assert_eq!(permanent.incarnation().await, Ok(2), "restarted");
        assert_eq!(permanent.stop().await, Exit::Stopped);
        assert_eq!(app.stopped().await, Exit::GaveUp { child: "p".into(), restarts: 1 }, "and counted");
    });
}

#[test]
fn r6a_the_mailbox_stays_open_while_the_child_will_be_started_again() {
    run(async {
        let journal = Journal::default();
        let mut tree = Supervisor::one_for_one();
        let h = tree.add(Worker::child("w", &journal));
        let _app = tree.start().await.unwrap();
        // Between the exit and the next start, within a stop, and within a crash.
        let exit = h.stop();
        assert!(h.is_alive());
        h.note(" after stop").try_tell().unwrap();
        exit.await;
        let crash = h.crash().enqueue().await.unwrap();
        h.note(" after crash").try_tell().unwrap();
        drop(crash.await);
        settle().await;
        assert_eq!(journal.lines(), ["+w", "-w", "+w", "2 after stop", "-w", "+w", "3 after crash"]);
    });
}

#[test]
fn r6a_the_mailbox_closes_when_nothing_will_start_the_child_again() {
    run(async {
        let (log, _installed) = Log::install();
        let mut tree = Supervisor::one_for_one();
        let h = tree.add(Worker::child("w", &Journal::default()).mailbox(1).shutdown(Shutdown::Brutal));
        let app = tree.start().await.unwrap();
        drop(h.busy(secs(9)).enqueue().await.unwrap());
        settle().await;
        let queued = h.busy(ms(1)).enqueue().await.unwrap();
        let mut waiting = h.note("?").tell();
        assert!(poll_once(&mut waiting).await.is_none());

        app.stop_child("w").await.unwrap();
        assert_eq!(queued.await, Err(AskError::Stopped(Exit::Killed)));
        assert!(matches!(waiting.await, Err(TellError::Stopped(_))), "a waiting sender gets its message back");
        assert!(!h.is_alive());
        assert_eq!(log.letters(h.id()), [("busy", DeadReason::Stopped)]);

        app.restart_child("w").await.unwrap();
        assert!(h.is_alive(), "a restart opens it again");
        assert_eq!(h.incarnation().await, Ok(2));
    });
}

#[test]
fn r6a_a_child_that_fails_while_it_stops_by_itself_comes_back_with_an_open_mailbox() {
    run(async {
        let mut tree = Supervisor::one_for_one();
        let h = tree.add(Worker::child("w", &Journal::default()).restart(Restart::Transient));
        let _app = tree.start().await.unwrap();
        let crash = h.crash().enqueue().await.unwrap();
        drop(h.stop());
        assert!(crash.await.is_err());
        settle().await;
        assert!(h.is_alive());
        assert_eq!(h.incarnation().await, Ok(2));
    });
}

#[test]
fn r6a_a_supervisor_started_again_by_its_parent_revives_the_same_handles() {
    run(async {
        let journal = Journal::default();
        let mut inner = Supervisor::one_for_one().intensity(0, secs(5));
        let finished = inner.add(Worker::child("finished", &journal).restart(Restart::Transient));
        let leaf = inner.add(Worker::child("leaf", &journal));
        let mut tree = Supervisor::one_for_one();
        let sub = tree.supervisor("sub", inner);
        let _app = tree.start().await.unwrap();
        end(&finished, "finish").await;
        assert!(!finished.is_alive());
        drop(leaf.crash().await);
        sub.started().await.unwrap();
        settle().await;
        assert_eq!(leaf.incarnation().await, Ok(2));
        assert_eq!(finished.incarnation().await, Ok(2));
        assert!(sub.is_alive());
    });
}

// ── R8

#[test]
fn r8_giving_up_stops_the_children_in_reverse_and_is_abnormal() {
    run(async {
        let (log, _installed) = Log::install();
        let journal = Journal::default();
        let mut tree = Supervisor::one_for_one().intensity(0, secs(5));
        let handles = ["a", "b", "c"].map(|id| tree.add(Worker::child(id, &journal)));
        let app = tree.start().await.unwrap();
        journal.take();
        end(&handles[1], "crash").await;
        let exit = app.stopped().await;
        assert!(exit.is_abnormal() && matches!(exit, Exit::GaveUp { .. }));
        assert_eq!(journal.lines(), ["-b", "-c", "-a"]);
        assert_eq!(log.crashes(app.id()), [(1, exit)]);
        for h in &handles {
            assert!(!h.is_alive());
        }
        assert!(matches!(handles[1].stopped().await, Exit::Panicked(_)), "each ended with its own last exit");
        assert_eq!(handles[0].stopped().await, Exit::Stopped);
    });
}

#[test]
fn r8_a_transient_subtree_that_gave_up_is_started_again() {
    run(async {
        let mut inner = Supervisor::one_for_one().intensity(0, secs(5));
        let leaf = inner.add(Worker::child("leaf", &Journal::default()));
        let mut tree = Supervisor::one_for_one();
        tree.add(Child::supervisor("sub", inner).restart(Restart::Transient));
        let app = tree.start().await.unwrap();
        end(&leaf, "crash").await;
        assert_eq!(leaf.incarnation().await, Ok(2));
        assert_eq!(info(&app, "sub").await.restarts, 1);
    });
}

// ── R10, R11

#[test]
fn r10_escalation_multiplies_the_starts() {
    for (outer, inner) in [(0, 0), (1, 2), (2, 1), (3, 3)] {
        run(async move {
            let starts = Arc::new(AtomicU32::new(0));
            let counted = Arc::clone(&starts);
            let mut sub = Supervisor::one_for_one().intensity(inner, secs(5));
            sub.task("leaf", move |_| {
                counted.fetch_add(1, Ordering::Relaxed);
                async { Err("always") }
            });
            let mut tree = Supervisor::one_for_one().intensity(outer, secs(5));
            tree.supervisor("sub", sub);
            let exit = match tree.start().await {
                Ok(app) => app.stopped().await,
                Err(error) => error.cause().clone(),
            };
            assert_eq!(exit, Exit::GaveUp { child: "sub".into(), restarts: outer });
            assert_eq!(starts.load(Ordering::Relaxed), (outer + 1) * (inner + 1));
        });
    }
}

#[test]
fn r11_children_start_left_to_right_and_stop_right_to_left_one_after_the_other() {
    run(async {
        let journal = Journal::default();
        let mut tree = Supervisor::one_for_one();
        for (id, time) in [("a", 30), ("b", 10), ("c", 20)] {
            let mut make = Worker::factory(id, &journal);
            tree.child(id, move || Worker { stopping: ms(time), ..make() });
        }
        let starts = Arc::new(AtomicU32::new(0));
        tree.child("slow", balky(&starts, 0, ms(40)));
        let mut make = Worker::factory("last", &journal);
        tree.child("last", move || {
            assert_eq!(now().as_nanos(), 40_000_000, "not before the one before it has started");
            make()
        });
        let app = tree.start().await.unwrap();
        assert_eq!(journal.take(), ["+a", "+b", "+c", "+last"]);
        let (exit, time) = timed(app.stop()).await;
        assert_eq!((exit, time), (Exit::Stopped, ms(60)));
        assert_eq!(journal.lines(), ["-last", "-c", "-b", "-a"]);
    });
}

// ── R13

#[test]
fn r13_ends_that_are_not_healed_touch_no_sibling() {
    run(async {
        let mut tree = Supervisor::one_for_one();
        let sibling = tree.add(Worker::child("sibling", &Journal::default()));
        let transient = tree.add(Worker::child("transient", &Journal::default()).restart(Restart::Transient));
        let temporary = tree.add(Worker::child("temporary", &Journal::default()).restart(Restart::Temporary));
        let app = tree.start().await.unwrap();
        end(&transient, "finish").await;
        end(&temporary, "crash").await;
        assert_eq!(sibling.incarnation().await, Ok(1));
        assert_eq!(ids(&app).await, ["sibling", "transient"], "a temporary child is forgotten");
        assert_eq!(info(&app, "transient").await.state, ChildState::Stopped);
        assert!(!transient.is_alive());
        assert!(matches!(temporary.stopped().await, Exit::Panicked(_)));
    });
}

// ── R15, R16

#[test]
fn r15_a_supervisor_serves_requests_while_a_child_is_starting_again() {
    run(async {
        let starts = Arc::new(AtomicU32::new(0));
        let mut tree = Supervisor::one_for_one();
        let mut first = true;
        let mut slow = balky(&starts, 0, secs(60));
        let mut quick = balky(&starts, 0, Duration::ZERO);
        let h = tree.child("b", move || if std::mem::take(&mut first) { quick() } else { slow() });
        let app = tree.start().await.unwrap();
        drop(h.crash().await);
        settle().await;
        assert_eq!(info(&app, "b").await.state, ChildState::Starting);
        assert_eq!(app.count().await.active, 1);
        let started = app.start_child(Worker::child("new", &Journal::default())).await;
        assert_eq!(started.unwrap().incarnation().await, Ok(1));
        assert_eq!(now().as_nanos(), 0);
        let (exit, time) = timed(app.stop()).await;
        assert_eq!(exit, Exit::Stopped);
        assert!(time <= secs(5), "a start in progress delays the shutdown by its own rule only: {time:?}");
    });
}

#[test]
fn r16_a_child_is_stopped_brutally_within_a_time_or_whenever_it_is_ready() {
    let stops = |shutdown: Option<Shutdown>, busy: Duration| {
        run(async move {
            let mut tree = Supervisor::one_for_one();
            let child = Worker::child("w", &Journal::default());
            let h = tree.add(match shutdown {
                Some(shutdown) => child.shutdown(shutdown),
                None => child,
            });
            let app = tree.start().await.unwrap();
            let running = h.busy(busy).enqueue().await.unwrap();
            settle().await;
            let exit = h.monitor();
            let (_, time) = timed(app.stop()).await;
            (exit.await, time, running.await.is_ok())
        })
    };
    assert_eq!(stops(Some(Shutdown::Brutal), secs(9)), (Exit::Killed, Duration::ZERO, false));
    assert_eq!(stops(Some(Shutdown::Within(secs(2))), secs(1)), (Exit::Stopped, secs(1), true));
    assert_eq!(stops(Some(Shutdown::Within(secs(2))), secs(9)), (Exit::Killed, secs(2), false));
    assert_eq!(stops(Some(Shutdown::Infinity), secs(3600)), (Exit::Stopped, secs(3600), true));
    assert_eq!(stops(None, secs(9)), (Exit::Killed, secs(5), false));
}

#[test]
fn r16_a_supervisor_as_a_child_has_as_long_as_it_takes() {
    run(async {
        let mut inner = Supervisor::one_for_one();
        let h = inner.add(Worker::child("w", &Journal::default()).shutdown(Shutdown::Infinity));
        let mut tree = Supervisor::one_for_one();
        tree.supervisor("sub", inner);
        let app = tree.start().await.unwrap();
        drop(h.busy(secs(600)).enqueue().await.unwrap());
        settle().await;
        assert_eq!(timed(app.stop()).await, (Exit::Stopped, secs(600)));
    });
}

// ── R17

#[test]
fn r17_a_failed_first_start_stops_the_earlier_ones_in_reverse_and_never_tries_the_later() {
    run(async {
        let journal = Journal::default();
        let mut tree = Supervisor::one_for_one();
        let a = tree.add(Worker::child("a", &journal));
        tree.add(Worker::child("b", &journal));
        let bad = tree.child("bad", balky(&Arc::default(), 1, Duration::ZERO));
        let later = tree.add(Worker::child("later", &journal));
        let (started, time) = timed(tree.start()).await;
        let error = started.unwrap_err();
        assert_eq!(error.child(), Some("bad"));
        assert_eq!(error.to_string(), "child `bad` did not start: failed: start 0 failed");
        assert_eq!(journal.lines(), ["+a", "+b", "-b", "-a"]);
        assert_eq!(time, Duration::ZERO);
        for exit in [a.stopped().await, later.stopped().await] {
            assert_eq!(exit, Exit::Stopped);
        }
        assert_eq!(bad.stopped().await, Exit::failed("start 0 failed"));
        assert!(matches!(later.incarnation().await, Err(AskError::Stopped(Exit::Stopped))));
    });
}

#[test]
fn r17_a_failed_start_is_no_lost_child() {
    run(async {
        let (log, _installed) = Log::install();
        let mut tree = Supervisor::one_for_one();
        let bad = tree.child("bad", balky(&Arc::default(), 1, Duration::ZERO));
        tree.start().await.unwrap_err();
        assert_eq!(log.crashes(bad.id()), [(1, Exit::failed("start 0 failed"))], "one report, of what happened");
    });
}

#[test]
fn r17_the_cause_of_a_nested_failure_is_told_through() {
    run(async {
        let mut inner = Supervisor::one_for_one();
        inner.child("bad", balky(&Arc::default(), 1, Duration::ZERO));
        let mut tree = Supervisor::one_for_one();
        tree.supervisor("sub", inner);
        let error = tree.start().await.unwrap_err();
        assert_eq!(error.child(), Some("sub"));
        assert!(error.to_string().ends_with("child `bad` did not start: failed: start 0 failed"), "{error}");
    });
}

#[test]
fn r17_two_children_of_one_id_are_found_before_anything_starts() {
    run(async {
        let journal = Journal::default();
        let mut tree = Supervisor::one_for_one();
        tree.add(Worker::child("a", &journal));
        tree.add(Worker::child("a", &journal));
        assert_eq!(tree.start().await.unwrap_err().child(), Some("a"));
        assert!(journal.lines().is_empty());
    });
}

#[test]
fn r17_a_tree_dropped_unstarted_ends_whoever_waits_on_its_handles() {
    run(async {
        let mut inner = Supervisor::one_for_one();
        let leaf = inner.add(Worker::child("leaf", &Journal::default()));
        let mut tree = Supervisor::one_for_one();
        let sub = tree.supervisor("sub", inner);
        let queued = leaf.incarnation().enqueue().await.unwrap();
        let monitor = leaf.monitor();
        drop(tree);
        assert_eq!(queued.await, Err(AskError::Stopped(Exit::Stopped)));
        assert_eq!(
            (monitor.await, leaf.stopped().await, sub.stopped().await),
            (Exit::Stopped, Exit::Stopped, Exit::Stopped)
        );
        assert!(leaf.started().await.is_err());
    });
}

// ── R20, R21

#[test]
fn r20_a_child_that_dies_while_the_supervisor_shuts_down_is_not_started_again() {
    run(async {
        let (log, _installed) = Log::install();
        let journal = Journal::default();
        let mut tree = Supervisor::one_for_one();
        let first = tree.add(Worker::child("first", &journal).shutdown(Shutdown::Infinity));
        let slow = tree.add(Worker::child("slow", &journal));
        let app = tree.start().await.unwrap();
        drop(slow.busy(secs(1)).enqueue().await.unwrap());
        settle().await;
        let stop = app.stop();
        settle().await;
        drop(first.crash().await);
        assert_eq!(timed(stop).await, (Exit::Stopped, secs(1)), "nobody waits for a child that is dead already");
        assert_eq!(journal.lines(), ["+first", "+slow", "-first", "-slow"]);
        assert_eq!(log.crashes(first.id()).len(), 1, "it crashed, and was not lost");
        assert!(matches!(first.stopped().await, Exit::Panicked(_)));
    });
}

#[test]
fn r20_a_stop_at_the_very_moment_of_a_crash_loses_nobody() {
    for shutdown in [Shutdown::Infinity, Shutdown::Within(secs(5)), Shutdown::Brutal] {
        run(async {
            let (log, _installed) = Log::install();
            let mut tree = Supervisor::one_for_one();
            let h = tree.add(Worker::child("w", &Journal::default()).shutdown(shutdown));
            let app = tree.start().await.unwrap();
            let exit = h.monitor();
            h.crash().tell().await.unwrap();
            // The monitor is told before the supervisor: the news is on its way when the supervisor is asked to stop.
            assert!(matches!(exit.await, Exit::Panicked(_)));
            assert_eq!(timed(app.stop()).await, (Exit::Stopped, Duration::ZERO));
            assert!(log.crashes(h.id()).iter().all(|(_, exit)| *exit != Exit::Lost));
        });
    }
}

#[test]
fn r21_a_restart_by_request_keeps_the_place_and_an_added_child_goes_last() {
    run(async {
        let journal = Journal::default();
        let mut tree = Supervisor::one_for_one();
        for id in ["a", "b", "c"] {
            tree.add(Worker::child(id, &journal));
        }
        let app = tree.start().await.unwrap();
        app.stop_child("a").await.unwrap();
        app.restart_child("a").await.unwrap();
        assert_eq!(ids(&app).await, ["a", "b", "c"]);
        app.stop_child("b").await.unwrap();
        app.remove_child("b").await.unwrap();
        app.start_child(Worker::child("b", &journal)).await.unwrap();
        assert_eq!(ids(&app).await, ["a", "c", "b"]);
        journal.take();
        app.stop().await;
        assert_eq!(journal.lines(), ["-b", "-c", "-a"]);
    });
}

#[test]
fn r21_requests_have_their_errors() {
    run(async {
        let mut tree = Supervisor::one_for_one();
        tree.add(Worker::child("a", &Journal::default()));
        let app = tree.start().await.unwrap();
        let new = |id| Worker::child(id, &Journal::default());
        assert_eq!(app.start_child(new("a")).await.err(), Some(ChildError::AlreadyStarted));
        assert_eq!(app.restart_child("a").await, Err(ChildError::Running));
        assert_eq!(app.remove_child("a").await, Err(ChildError::Running));
        assert_eq!(app.stop_child("z").await, Err(ChildError::NotFound));
        app.stop_child("a").await.unwrap();
        app.stop_child("a").await.expect("stopping a stopped child is no error");
        assert_eq!(app.start_child(new("a")).await.err(), Some(ChildError::AlreadyPresent));
        let bad = Child::new("bad", balky(&Arc::default(), 1, Duration::ZERO));
        let error = app.start_child(bad).await.err().unwrap();
        assert!(matches!(error, ChildError::Start(_)), "{error}");
        assert_eq!(ids(&app).await, ["a"], "what did not start is not kept");
        app.stop().await;
        assert_eq!(app.stop_child("a").await, Err(ChildError::Stopped));
        assert_eq!((ids(&app).await.len(), app.count().await), (0, ChildCount::default()));
    });
}

// ── R23, R24

#[test]
fn r23_a_handle_is_valid_before_the_first_start_and_across_restarts() {
    run(async {
        let journal = Journal::default();
        let mut tree = Supervisor::one_for_one();
        let h = tree.add(Worker::child("w", &journal));
        let id: ActorId = h.id();
        h.note(" early").await.unwrap();
        let early = h.incarnation().enqueue().await.unwrap();
        assert!(h.is_alive());
        let _app = tree.start().await.unwrap();
        assert_eq!(early.await, Ok(1));
        end(&h, "crash").await;
        assert_eq!((h.incarnation().await, h.id()), (Ok(2), id));
        assert_eq!(journal.lines(), ["+w", "1 early", "-w", "+w"]);
    });
}

#[test]
fn r23_queued_messages_are_kept_in_order_and_the_one_in_flight_fails() {
    run(async {
        let journal = Journal::default();
        let mut tree = Supervisor::one_for_one();
        let h = tree.add(Worker::child("w", &journal));
        let _app = tree.start().await.unwrap();
        let crash = h.crash().enqueue().await.unwrap();
        for line in [" one", " two", " three"] {
            h.note(line).await.unwrap();
        }
        let asked = h.incarnation().enqueue().await.unwrap();
        assert!(matches!(crash.await, Err(AskError::Panicked(_))));
        assert_eq!(asked.await, Ok(2));
        assert_eq!(journal.lines(), ["+w", "-w", "+w", "2 one", "2 two", "2 three"]);
    });
}

#[test]
fn r23_what_came_while_the_handler_ran_stays_behind_what_came_before() {
    run(async {
        let journal = Journal::default();
        let mut tree = Supervisor::one_for_one();
        let h = tree.add(Worker::child("w", &journal));
        let _app = tree.start().await.unwrap();
        let crash = h.crash_after(ms(5)).enqueue().await.unwrap();
        for line in [" one", " two"] {
            h.note(line).await.unwrap();
        }
        settle().await;
        for line in [" three", " four"] {
            h.note(line).await.unwrap();
        }
        assert!(crash.await.is_err());
        settle().await;
        assert_eq!(journal.lines()[2..], ["+w", "2 one", "2 two", "2 three", "2 four"]);
    });
}

#[test]
fn r23_a_queue_that_is_returned_goes_back_to_its_callers() {
    run(async {
        let (log, _installed) = Log::install();
        let journal = Journal::default();
        let mut tree = Supervisor::one_for_one();
        let h = tree.add(Worker::child("w", &journal).on_restart(Queue::Return));
        let _app = tree.start().await.unwrap();
        let crash = h.crash().enqueue().await.unwrap();
        h.note(" lost").await.unwrap();
        let asked = h.incarnation().enqueue().await.unwrap();
        assert!(crash.await.is_err());
        assert!(matches!(asked.await, Err(AskError::Stopped(Exit::Panicked(_)))));
        assert_eq!(h.incarnation().await, Ok(2));
        assert_eq!(journal.lines(), ["+w", "-w", "+w"]);
        assert_eq!(log.letters(h.id()), [("note", DeadReason::Stopped), ("incarnation", DeadReason::Stopped)]);
    });
}

#[test]
fn r23_senders_that_wait_at_a_crash_are_served_by_the_next_incarnation() {
    run(async {
        let mut tree = Supervisor::one_for_one();
        let h = tree.add(Worker::child("w", &Journal::default()).mailbox(1));
        let _app = tree.start().await.unwrap();
        let crash = h.crash().enqueue().await.unwrap();
        let answers = join_all((0..5).map(|_| h.incarnation()));
        let (crash, answers) = join(crash, answers).await;
        assert!(crash.is_err());
        assert_eq!(answers, vec![Ok(2); 5]);
        assert_eq!(h.mailbox().high_water, 1);
    });
}

#[test]
fn r24_the_next_incarnation_starts_when_the_old_one_has_wholly_ended() {
    run(async {
        let journal = Journal::default();
        let mut make = Worker::factory("w", &journal);
        let mut tree = Supervisor::one_for_one();
        let h = tree.child("w", move || Worker { stopping: secs(3), ..make() });
        let _app = tree.start().await.unwrap();
        drop(h.crash().await);
        let (incarnation, time) = timed(h.incarnation()).await;
        assert_eq!((incarnation, time), (Ok(2), secs(3)));
        assert_eq!(journal.lines(), ["+w", "-w", "+w"]);
    });
}

#[test]
fn r24_a_stop_reaches_the_present_incarnation_and_no_later_one() {
    run(async {
        let mut tree = Supervisor::one_for_one();
        let h = tree.add(Worker::child("w", &Journal::default()));
        let _app = tree.start().await.unwrap();
        for n in 1..4 {
            assert_eq!(h.incarnation().await, Ok(n));
            let exits = join_all([h.kill(), h.stop(), h.stop_now()]).await;
            assert_eq!(exits, [Exit::Killed, Exit::Killed, Exit::Killed]);
        }
        assert_eq!(h.incarnation().await, Ok(4), "three requests at once ended one incarnation");
    });
}

#[test]
fn r24a_monitor_stopped_and_alive_each_tell_their_own_thing() {
    run(async {
        let mut tree = Supervisor::one_for_one();
        let h = tree.add(Worker::child("w", &Journal::default()));
        let app = tree.start().await.unwrap();
        let (first, mut stopped) = (h.monitor(), h.stopped());
        end(&h, "crash").await;
        assert!(matches!(first.await, Exit::Panicked(_)));
        assert!(h.is_alive() && poll_once(&mut stopped).await.is_none());
        let second = h.monitor();
        end(&h, "kill").await;
        assert_eq!(second.await, Exit::Killed);
        assert!(h.is_alive() && poll_once(&mut stopped).await.is_none());
        app.stop().await;
        assert!(!h.is_alive());
        assert_eq!(stopped.await, Exit::Stopped);
    });
}

#[test]
fn r24b_children_added_at_run_time_are_not_brought_back_and_declared_ones_are() {
    run(async {
        let mut inner = Supervisor::one_for_one().intensity(0, secs(5));
        let declared = inner.add(Worker::child("declared", &Journal::default()));
        let mut tree = Supervisor::one_for_one();
        let sub = tree.supervisor("sub", inner);
        let _app = tree.start().await.unwrap();
        let added = sub.start_child(Worker::child("added", &Journal::default())).await.unwrap();
        end(&declared, "crash").await;
        assert_eq!(declared.incarnation().await, Ok(2));
        assert_eq!(ids(&sub).await, ["declared"]);
        assert_eq!(added.stopped().await, Exit::Stopped);
        assert_eq!(added.incarnation().await, Err(AskError::Stopped(Exit::Stopped)));
    });
}

#[test]
fn a_declared_temporary_child_that_ended_is_started_again_with_its_supervisor_in_its_place() {
    run(async {
        let mut inner = Supervisor::one_for_one().intensity(0, secs(5));
        let first = inner.add(Worker::child("first", &Journal::default()).restart(Restart::Temporary));
        let second = inner.add(Worker::child("second", &Journal::default()));
        let mut tree = Supervisor::one_for_one();
        let sub = tree.supervisor("sub", inner);
        let _app = tree.start().await.unwrap();
        first.finish().await.unwrap();
        assert_eq!(first.stopped().await, Exit::Stopped);
        assert_eq!(ids(&sub).await, ["second"]);
        end(&second, "crash").await;
        assert_eq!(second.incarnation().await, Ok(2));
        assert_eq!(ids(&sub).await, ["first", "second"]);
        assert_eq!(first.incarnation().await, Ok(2));
    });
}

// ── R27

#[test]
fn r27_a_task_is_given_a_token_and_dropped_at_its_limit() {
    run(async {
        let journal = Journal::default();
        let mut tree = Supervisor::one_for_one();
        let notes = journal.clone();
        tree.task("obedient", move |stop: Stop| {
            let notes = notes.clone();
            async move {
                stop.requested().await;
                sleep(secs(1)).await;
                notes.note("obeyed");
            }
        });
        let deaf = tree.add(Child::task("deaf", |_| std::future::pending::<()>()).shutdown(Shutdown::Within(secs(2))));
        let app = tree.start().await.unwrap();
        let exit = deaf.monitor();
        assert_eq!(timed(app.stop()).await, (Exit::Stopped, secs(3)));
        assert_eq!((exit.await, journal.lines()), (Exit::Killed, vec!["obeyed".to_owned()]));
    });
}

#[test]
fn r27_a_task_is_started_again_by_the_same_rules() {
    run(async {
        let (log, _installed) = Log::install();
        let mut tree = Supervisor::one_for_one();
        let runs = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&runs);
        let task = tree.add(
            Child::task("task", move |_| {
                let n = counted.fetch_add(1, Ordering::Relaxed);
                async move {
                    match n {
                        0 => Err("no"),
                        1 => panic!("ouch"),
                        _ => Ok(()),
                    }
                }
            })
            .restart(Restart::Transient),
        );
        let app = tree.start().await.unwrap();
        assert_eq!(task.stopped().await, Exit::Normal);
        assert_eq!(runs.load(Ordering::Relaxed), 3);
        let crashes = log.crashes(task.id());
        assert!(matches!(crashes[..], [(1, Exit::Failed(_)), (2, Exit::Panicked(_))]), "{crashes:?}");
        assert_eq!(info(&app, "task").await.restarts, 2);
    });
}

#[test]
fn r27_a_supervisor_is_a_child_like_any_other() {
    run(async {
        let mut inner = Supervisor::one_for_one();
        let leaf = inner.add(Worker::child("leaf", &Journal::default()));
        let mut tree = Supervisor::one_for_one();
        let sub = tree.supervisor("sub", inner);
        let app = tree.start().await.unwrap();
        assert_eq!(info(&app, "sub").await.kind, ChildKind::Supervisor);
        let count = app.count().await;
        assert_eq!((count.specs, count.active, count.supervisors, count.workers), (1, 1, 1, 0));
        app.stop_child("sub").await.unwrap();
        assert!(!sub.is_alive() && !leaf.is_alive());
        app.restart_child("sub").await.unwrap();
        assert_eq!(leaf.incarnation().await, Ok(2));
        // Killed, it takes its children with it, and both come back.
        assert_eq!(sub.kill().await, Exit::Killed);
        assert_eq!(leaf.incarnation().await, Ok(3));
        assert_eq!(now().as_nanos(), 0);
    });
}

#[test]
fn r27_a_factory_gives_an_actor_a_result_or_a_future_of_either() {
    run(async {
        let make = || Worker::factory("w", &Journal::default());
        let mut tree = Supervisor::one_for_one();
        let mut f = make();
        let plain = tree.child("plain", f);
        f = make();
        let tried = tree.child("tried", move || Ok::<_, String>(f()));
        let mut f = make();
        let awaited = tree.child("awaited", move || {
            let w = f();
            async move {
                sleep(secs(1)).await;
                w
            }
        });
        let mut f = make();
        let both = tree.child("both", move || {
            let w = f();
            async move { Ok::<_, String>(w) }
        });
        let _app = tree.start().await.unwrap();
        for h in [plain, tried, awaited, both] {
            assert_eq!(h.incarnation().await, Ok(1));
        }
        let mut tree = Supervisor::one_for_one();
        tree.child("refused", || async { Err::<Worker, _>("no disk") });
        assert_eq!(tree.start().await.unwrap_err().to_string(), "child `refused` did not start: failed: no disk");
    });
}

// ── the supervisor's own end

#[test]
fn a_tree_ends_with_its_last_handle() {
    run(async {
        let journal = Journal::default();
        let mut tree = Supervisor::one_for_one();
        let h = tree.add(Worker::child("w", &journal));
        let app = tree.start().await.unwrap();
        let end = app.monitor();
        drop(app);
        assert_eq!(end.await, Exit::Normal);
        assert_eq!((journal.lines(), h.is_alive()), (vec!["+w".to_owned(), "-w".to_owned()], false));
    });
}
