//! The loop: one message at a time, whose turn it is, timers, and errors that nobody waits for.

mod support;

use std::{
    sync::{
        Arc,
        atomic::{AtomicIsize, Ordering},
    },
    time::Duration,
};

use actor_core::{
    prelude::*,
    rt::test::{now, run, sleep},
};
use futures_util::future::join_all;
use support::{Counted, Journal, Log, ms, poll_once, secs, settle};

/// Notes what it does and when.
#[derive(Default)]
struct Diary {
    journal: Journal,
    value: u32,
}

#[actor(mailbox = 2000)]
impl Diary {
    pub async fn add(&mut self, n: u32, time: Duration) -> u32 {
        let before = self.value;
        sleep(time).await;
        self.value = before + n;
        self.value
    }

    #[tell]
    pub fn note(&mut self, line: String) {
        self.journal.note(line);
    }

    #[tell]
    pub async fn hold(&mut self, guard: Counted, time: Duration) {
        sleep(time).await;
        self.journal.note("held");
        drop(guard);
    }
}

/// When its timers ticked, in milliseconds.
struct Clock {
    journal: Journal,
    busy: Duration,
}

impl Clock {
    fn tick(&self, name: &str) {
        self.journal.note(format!("{name} {}", now().as_nanos() / 1_000_000));
    }
}

#[actor(mailbox = 2000)]
impl Clock {
    #[every("10ms")]
    async fn delayed(&mut self) {
        self.tick("delay");
        sleep(std::mem::take(&mut self.busy)).await;
    }

    pub async fn work(&mut self, time: Duration) -> u32 {
        sleep(time).await;
        self.tick("work");
        0
    }

    #[tell]
    pub fn message(&mut self) {
        self.tick("message");
    }
}

struct Grid {
    journal: Journal,
    busy: Duration,
}

#[actor]
impl Grid {
    #[every("10ms", missed = skip)]
    async fn skipping(&mut self) {
        self.journal.note(format!("skip {}", now().as_nanos() / 1_000_000));
        sleep(std::mem::take(&mut self.busy)).await;
    }
}

struct Burst {
    journal: Journal,
    busy: Duration,
}

#[actor]
impl Burst {
    #[every("10ms", missed = burst, immediate)]
    async fn bursting(&mut self) {
        self.journal.note(format!("burst {}", now().as_nanos() / 1_000_000));
        sleep(std::mem::take(&mut self.busy)).await;
    }
}

// ── L1

#[test]
fn l1_one_message_at_a_time() {
    run(async {
        let h = Diary::default().spawn();
        let sums = join_all((0..20).map(|_| h.add(1, ms(1)))).await;
        assert_eq!(sums, (1..=20).map(Ok).collect::<Vec<_>>(), "no handler has seen the middle of another");
    });
}

#[test]
fn l1_only_a_kill_drops_a_running_handler() {
    run(async {
        let alive = Arc::new(AtomicIsize::new(0));
        let journal = Journal::default();
        let h = Diary { journal: journal.clone(), value: 0 }.spawn();
        h.hold(Counted::new(&alive), ms(10)).await.unwrap();
        settle().await;
        let stop = h.stop_now();
        settle().await;
        assert_eq!(alive.load(Ordering::Relaxed), 1);
        stop.await;
        assert_eq!(journal.lines(), ["held"]);

        let h = Diary { journal: journal.clone(), value: 0 }.spawn();
        h.hold(Counted::new(&alive), ms(10)).await.unwrap();
        settle().await;
        h.kill().await;
        assert_eq!((alive.load(Ordering::Relaxed), journal.lines().len()), (0, 1));
    });
}

// ── L2

#[test]
fn l2_control_goes_before_messages() {
    run(async {
        let journal = Journal::default();
        let h = Diary { journal: journal.clone(), value: 0 }.spawn();
        drop(h.add(1, ms(10)).enqueue().await.unwrap());
        settle().await;
        for n in 0..100 {
            h.note(n.to_string()).await.unwrap();
        }
        h.stop_now().await;
        assert!(journal.lines().is_empty());
    });
}

#[test]
fn l2_a_flood_of_messages_delays_a_due_timer_by_a_budget_at_most() {
    run(async {
        let journal = Journal::default();
        let h = Clock { journal: journal.clone(), busy: Duration::ZERO }.spawn();
        drop(h.work(ms(15)).enqueue().await.unwrap());
        for _ in 0..1000 {
            h.message().await.unwrap();
        }
        sleep(ms(16)).await;
        let lines = journal.lines();
        assert_eq!(lines.len(), 1002);
        let place = lines.iter().position(|line| line == "delay 15").unwrap();
        assert!(place <= 64, "the timer had to wait for {place} messages");
    });
}

#[test]
fn l2_a_busy_timer_does_not_shut_the_mailbox_out() {
    run(async {
        let journal = Journal::default();
        // Each tick takes ten periods, and none is left out: a timer is always due.
        let h = Always { journal: journal.clone() }.spawn();
        sleep(ms(5)).await;
        for n in 0..10 {
            h.note(n).await.unwrap();
        }
        sleep(secs(1)).await;
        let lines = journal.lines();
        assert!((0..10).all(|n| lines.contains(&format!("message {n}"))), "{lines:?}");
        assert!(lines.iter().filter(|line| *line == "tick").count() > 20);
        h.kill().await;
    });
}

struct Always {
    journal: Journal,
}

#[actor]
impl Always {
    #[every("1ms", missed = burst)]
    async fn tick(&mut self) {
        self.journal.note("tick");
        sleep(ms(10)).await;
    }

    #[tell]
    pub fn note(&mut self, n: u32) {
        self.journal.note(format!("message {n}"));
    }
}

#[test]
fn l2_a_timer_is_not_forgotten_after_a_message() {
    run(async {
        let journal = Journal::default();
        let h = Clock { journal: journal.clone(), busy: Duration::ZERO }.spawn();
        // Whatever number of turns lies before the loop parks, it parks with its timer set.
        let mut sent = 0;
        for burst in 0..40 {
            for _ in 0..burst {
                h.message().await.unwrap();
                sent += 1;
            }
            sleep(ms(10)).await;
        }
        settle().await;
        let lines = journal.lines();
        assert_eq!(lines.iter().filter(|line| line.starts_with("message")).count(), sent);
        assert_eq!(lines.len() - sent, 40, "one tick in each of 40 periods");
        h.stop().await;
    });
}

// ── L3

#[test]
fn l3_a_busy_actor_yields_to_others_after_a_budget() {
    run(async {
        let journal = Journal::default();
        let (flooded, other) = (
            Diary { journal: journal.clone(), value: 0 }.spawn(),
            Diary { journal: journal.clone(), value: 0 }.spawn(),
        );
        settle().await;
        for _ in 0..1000 {
            flooded.note("flood".to_owned()).await.unwrap();
        }
        other.note("other".to_owned()).await.unwrap();
        settle().await;
        let lines = journal.lines();
        assert_eq!(lines.len(), 1001);
        let place = lines.iter().position(|line| line == "other").unwrap();
        assert!(place <= 64, "the other actor had to wait for {place} messages");
    });
}

// ── L4

#[test]
fn l4_the_first_tick_comes_after_one_period_unless_it_is_immediate() {
    run(async {
        let journal = Journal::default();
        let clock = Clock { journal: journal.clone(), busy: Duration::ZERO }.spawn();
        sleep(ms(35)).await;
        assert_eq!(journal.take(), ["delay 10", "delay 20", "delay 30"]);
        clock.kill().await;
        sleep(ms(5)).await;
        let _burst = Burst { journal: journal.clone(), busy: Duration::ZERO }.spawn();
        sleep(ms(15)).await;
        assert_eq!(journal.lines(), ["burst 40", "burst 50"]);
    });
}

#[test]
fn l4_missed_ticks_are_delayed_skipped_or_made_up_for() {
    let ticks = |spawn: fn(Journal)| {
        run(async move {
            let journal = Journal::default();
            spawn(journal.clone());
            sleep(ms(75)).await;
            journal.lines().iter().map(|line| line.rsplit(' ').next().unwrap().parse().unwrap()).collect::<Vec<u32>>()
        })
    };
    // The first tick keeps the actor busy for 35 ms.
    let busy = ms(35);
    let delay = ticks(|journal| std::mem::forget(Clock { journal, busy: ms(35) }.spawn()));
    assert_eq!(delay, [10, 45, 55, 65, 75][..delay.len()], "{busy:?}");
    assert!(delay.len() >= 4);
    let skip = ticks(|journal| std::mem::forget(Grid { journal, busy: ms(35) }.spawn()));
    assert_eq!(skip, [10, 45, 50, 60, 70]);
    let burst = ticks(|journal| std::mem::forget(Burst { journal, busy: ms(35) }.spawn()));
    assert_eq!(burst, [0, 35, 35, 35, 40, 50, 60, 70]);
}

#[test]
fn l4_a_tick_of_an_earlier_incarnation_is_never_delivered() {
    run(async {
        let journal = Journal::default();
        let mut tree = Supervisor::one_for_one();
        let made = journal.clone();
        let h = tree.child("clock", move || Clock { journal: made.clone(), busy: Duration::ZERO });
        let _app = tree.start().await.unwrap();
        // It is busy when its tick falls due, and is killed then.
        drop(h.work(secs(1)).enqueue().await.unwrap());
        sleep(ms(15)).await;
        h.kill().await;
        sleep(ms(20)).await;
        assert_eq!(journal.lines(), ["delay 25", "delay 35"][..journal.lines().len()]);
        assert!(!journal.lines().is_empty());
    });
}

#[test]
fn l4_a_timer_never_overlaps_itself() {
    run(async {
        let journal = Journal::default();
        let h = Always { journal: journal.clone() }.spawn();
        sleep(ms(100)).await;
        let ticks = journal.lines().len();
        assert!((9..=10).contains(&ticks), "{ticks} ticks of 10 ms each in 100 ms");
        h.kill().await;
    });
}

// ── L7

#[derive(Default)]
struct Grumbler;

#[actor]
impl Grumbler {
    #[tell]
    pub fn told(&mut self) -> Result<(), String> {
        Err("told".to_owned())
    }

    pub async fn asked(&mut self, time: Duration) -> Result<u32, String> {
        sleep(time).await;
        Err("asked".to_owned())
    }
}

#[derive(Default)]
struct Strict;

#[actor(on_error = fail)]
impl Strict {
    #[tell]
    pub fn told(&mut self) -> Result<(), String> {
        Err("told".to_owned())
    }

    pub fn asked(&mut self) -> Result<u32, String> {
        Err("asked".to_owned())
    }
}

struct Ticker;

#[actor]
impl Ticker {
    #[every("1s")]
    fn tick(&mut self) -> Result<(), String> {
        Err("ticked".to_owned())
    }
}

struct Tolerant;

#[actor(on_error = report)]
impl Tolerant {
    #[every("1s")]
    fn tick(&mut self) -> Result<(), String> {
        Err("ticked".to_owned())
    }
}

#[test]
fn l7_an_error_goes_to_the_caller_alone_if_somebody_waits() {
    let (log, _installed) = Log::install();
    run(async {
        let (h, strict) = (Grumbler.spawn(), Strict.spawn());
        assert_eq!(h.asked(ms(1)).await, Err(AskError::Handler("asked".to_owned())));
        assert_eq!(strict.asked().await, Err(AskError::Handler("asked".to_owned())));
        assert!(log.errors(h.id()).is_empty() && log.errors(strict.id()).is_empty());
        assert!(h.is_alive() && strict.is_alive());
    });
}

#[test]
fn l7_an_error_that_nobody_waits_for_is_reported() {
    let (log, _installed) = Log::install();
    run(async {
        let h = Grumbler.spawn();
        h.told().await.unwrap();
        h.asked(ms(1)).tell().await.unwrap();
        let mut left = h.asked(ms(1));
        assert!(poll_once(&mut left).await.is_none());
        sleep(ms(1)).await;
        settle().await;
        drop(left);
        sleep(ms(2)).await;
        let reported = log.errors(h.id());
        let expected = [("told", "told"), ("asked", "asked"), ("asked", "asked")];
        assert_eq!(reported, expected.map(|(during, error)| (during, error.to_owned())));
        assert!(h.is_alive());
    });
}

#[test]
fn l7_on_error_decides_whether_it_ends_the_actor() {
    let (log, _installed) = Log::install();
    run(async {
        let strict = Strict.spawn();
        strict.told().await.unwrap();
        assert_eq!(strict.stopped().await.to_string(), "failed: told");
        assert_eq!(log.errors(strict.id()), [("told", "told".to_owned())]);
        // A timer's error ends the actor, unless it is said otherwise.
        let ticker = Ticker.spawn();
        assert_eq!(ticker.stopped().await.to_string(), "failed: ticked");
        assert_eq!(now().as_nanos(), 1_000_000_000);
        let tolerant = Tolerant.spawn();
        sleep(ms(2500)).await;
        assert_eq!(log.errors(tolerant.id()).len(), 2);
        assert!(tolerant.is_alive());
    });
}
