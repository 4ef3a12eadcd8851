//! Every public future is dropped at each of its polls in turn, and the world is still in order.

mod support;

use std::{
    cell::Cell,
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicIsize, Ordering},
    },
    time::Duration,
};

use actor_core::{
    SupervisorHandle,
    prelude::*,
    rt::test::{cancel_everywhere, now, sleep},
};
use support::{Counted, Journal, ms, secs, settle};

/// A door that lets its mailbox fill up: it is busy for 3 ms at first.
struct Door {
    seen: Vec<u32>,
}

#[actor(mailbox = 1)]
impl Door {
    #[on_start]
    async fn open(&mut self) {
        sleep(ms(3)).await;
    }

    pub async fn pass(&mut self, n: u32, token: Counted) -> u32 {
        sleep(ms(2)).await;
        self.seen.push(n);
        drop(token);
        n
    }

    pub fn seen(&self) -> Vec<u32> {
        self.seen.clone()
    }
}

/// A door with a full mailbox: 1 is queued, the victim has to wait for room.
struct Crowded {
    door: DoorHandle,
    tokens: Arc<AtomicIsize>,
}

impl Crowded {
    async fn new() -> Self {
        let tokens = Arc::new(AtomicIsize::new(0));
        let door = Door { seen: Vec::new() }.spawn();
        door.pass(1, Counted::new(&tokens)).tell().await.unwrap();
        settle().await;
        Crowded { door, tokens }
    }

    fn token(&self) -> Counted {
        Counted::new(&self.tokens)
    }

    /// After a while the door has seen 1, the victim's 2 if `ran` allows it, and then 3: nobody was lost behind it.
    async fn check(self, ran: impl Fn(usize) -> bool) {
        sleep(ms(20)).await;
        assert_eq!(self.door.pass(3, self.token()).await, Ok(3));
        let seen = self.door.seen().await.unwrap();
        let twos = seen.iter().filter(|n| **n == 2).count();
        assert!(ran(twos), "the victim's message ran {twos} times");
        assert_eq!(seen.iter().filter(|n| **n != 2).copied().collect::<Vec<_>>(), [1, 3]);
        let stats = self.door.mailbox();
        assert_eq!((stats.len, stats.waiting, stats.high_water), (0, 0, 1));
        assert_eq!(self.tokens.load(Ordering::Relaxed), 0, "every message was dropped once");
    }
}

#[test]
fn m6_an_ask_dropped_anywhere_has_run_once_or_not_at_all() {
    let polls = cancel_everywhere(
        Crowded::new,
        async |world: &Crowded| assert_eq!(world.door.pass(2, world.token()).await, Ok(2)),
        async |world, completed| world.check(|twos| if completed { twos == 1 } else { twos <= 1 }).await,
    );
    assert!(polls > 4, "{polls}");
}

#[test]
fn m6_a_tell_dropped_anywhere_has_been_sent_once_or_not_at_all() {
    let polls = cancel_everywhere(
        Crowded::new,
        async |world: &Crowded| world.door.pass(2, world.token()).tell().await.unwrap(),
        async |world, completed| world.check(|twos| if completed { twos == 1 } else { twos <= 1 }).await,
    );
    assert!(polls > 2, "{polls}");
}

#[test]
fn m6_an_enqueue_dropped_anywhere_has_been_sent_once_or_not_at_all() {
    let polls = cancel_everywhere(
        Crowded::new,
        async |world: &Crowded| drop(world.door.pass(2, world.token()).enqueue().await.unwrap()),
        async |world, completed| world.check(|twos| if completed { twos == 1 } else { twos <= 1 }).await,
    );
    assert!(polls > 2, "{polls}");
}

#[test]
fn m6_a_pending_reply_dropped_anywhere_gives_up_the_reply_and_not_the_message() {
    let polls = cancel_everywhere(
        async || {
            let world = Crowded::new().await;
            let pending = world.door.pass(2, world.token()).enqueue().await.unwrap();
            (world, Cell::new(Some(pending)))
        },
        async |(_, pending)| assert_eq!(pending.take().unwrap().await, Ok(2)),
        async |(world, pending), _| {
            drop(pending);
            world.check(|twos| twos == 1).await;
        },
    );
    assert!(polls > 1, "{polls}");
}

#[test]
fn m5_a_send_with_a_time_limit_dropped_anywhere_keeps_the_line_in_order() {
    for limit in [ms(1), ms(2), ms(9)] {
        cancel_everywhere(
            Crowded::new,
            async |world: &Crowded| drop(world.door.pass(2, world.token()).timeout(limit).await),
            async |world, _| world.check(|twos| twos <= 1).await,
        );
        cancel_everywhere(
            Crowded::new,
            async |world: &Crowded| drop(world.door.pass(2, world.token()).tell().timeout(limit).await),
            async |world, _| world.check(|twos| twos <= 1).await,
        );
    }
}

// ── the futures of an end

/// An actor whose last message and `on_stop` take their time.
struct Leaver {
    journal: Journal,
}

#[actor]
impl Leaver {
    #[on_start]
    async fn arrive(&mut self) {
        sleep(ms(2)).await;
    }

    #[tell]
    pub async fn pack(&mut self) {
        sleep(ms(4)).await;
        self.journal.note("packed");
    }

    #[on_stop]
    async fn leave(&mut self) {
        sleep(ms(2)).await;
        self.journal.note("left");
    }
}

async fn leaver() -> (LeaverHandle, Journal) {
    let journal = Journal::default();
    let h = Leaver { journal: journal.clone() }.spawn();
    h.pack().await.unwrap();
    settle().await;
    (h, journal)
}

/// Drops the future of an end everywhere; the actor must go its way, and tell whoever asks afterwards.
fn an_end<F: Future<Output: Send>>(end: impl Fn(&LeaverHandle) -> F, asked: bool) {
    let polls = cancel_everywhere(
        async || {
            let (h, journal) = leaver().await;
            if !asked {
                drop(h.stop());
            }
            (h, journal)
        },
        async |(h, _)| drop(end(h).await),
        async |(h, journal), completed| {
            if !completed && h.is_alive() {
                // The future was never made, so nothing was asked for yet.
                drop(h.stop());
            }
            assert_eq!((h.stopped().await, h.monitor().await), (Exit::Stopped, Exit::Stopped));
            assert_eq!(journal.lines(), ["packed", "left"]);
        },
    );
    assert!(polls > 2, "{polls}");
}

#[test]
fn s2_stop_dropped_anywhere_has_taken_effect() {
    an_end(|h| h.stop(), true);
}

#[test]
fn s3_stopped_and_monitor_dropped_anywhere_leave_the_others_theirs() {
    an_end(|h| h.stopped(), false);
    an_end(|h| h.monitor(), false);
}

#[test]
fn s5_shutdown_dropped_anywhere_leaves_out_no_more_than_its_later_steps() {
    an_end(|h| h.shutdown(secs(60)), true);
}

#[test]
fn s1_started_dropped_anywhere_changes_nothing() {
    cancel_everywhere(
        leaver,
        async |(h, _)| h.started().await.unwrap(),
        async |(h, journal), _| {
            assert_eq!(h.stop().await, Exit::Stopped);
            assert_eq!(journal.lines(), ["packed", "left"]);
        },
    );
}

// ── requests to a supervisor

/// Counts those that are up; takes its time to start and to stop.
struct Slow {
    _up: Counted,
}

#[actor]
impl Slow {
    #[on_start]
    async fn start(&mut self) {
        sleep(ms(2)).await;
    }

    #[on_stop]
    async fn stop(&mut self) {
        sleep(ms(2)).await;
    }

    pub fn ping(&self) -> u32 {
        1
    }
}

fn slow(id: &'static str, up: &Arc<AtomicIsize>) -> Child<SlowHandle> {
    let up = Arc::clone(up);
    Child::new(id, move || Slow { _up: Counted::new(&up) })
}

struct Site {
    app: SupervisorHandle,
    up: Arc<AtomicIsize>,
}

async fn site() -> Site {
    let up = Arc::new(AtomicIsize::new(0));
    let mut tree = Supervisor::one_for_one();
    tree.add(slow("a", &up));
    tree.add(slow("b", &up));
    Site { app: tree.start().await.unwrap(), up }
}

/// Drops a request everywhere; the supervisor must still serve, know who is up, and end with nobody left.
fn a_request(request: impl AsyncFn(&Site)) {
    let polls = cancel_everywhere(site, request, async |site: Site, _| {
        sleep(ms(20)).await;
        let count = site.app.count().await;
        assert_eq!(isize::try_from(count.active).unwrap(), site.up.load(Ordering::Relaxed));
        let fresh = site.app.start_child(slow("fresh", &site.up)).await.unwrap();
        assert_eq!(fresh.ping().await, Ok(1));
        assert_eq!(site.app.stop().await, Exit::Stopped);
        assert_eq!(site.up.load(Ordering::Relaxed), 0);
    });
    assert!(polls > 1, "{polls}");
}

#[test]
fn r15_requests_dropped_anywhere_are_done_whole_or_not_at_all() {
    a_request(async |site| assert_eq!(site.app.children().await.len(), 2));
    a_request(async |site| assert_eq!(site.app.count().await.specs, 2));
    a_request(async |site| drop(site.app.start_child(slow("c", &site.up)).await.unwrap()));
    a_request(async |site| site.app.stop_child("a").await.unwrap());
    a_request(async |site| {
        site.app.stop_child("a").await.unwrap();
        site.app.restart_child("a").await.unwrap();
    });
    a_request(async |site| {
        site.app.stop_child("b").await.unwrap();
        site.app.remove_child("b").await.unwrap();
    });
}

#[test]
fn r17_a_start_dropped_anywhere_stops_what_it_had_started() {
    let polls = cancel_everywhere(
        async || Arc::new(AtomicIsize::new(0)),
        async |up| {
            let mut tree = Supervisor::one_for_one();
            let first = tree.add(slow("a", up));
            tree.add(slow("b", up));
            let app = tree.start().await.unwrap();
            assert_eq!(first.ping().await, Ok(1));
            app.stop().await;
        },
        async |up, _| {
            sleep(ms(50)).await;
            assert_eq!(up.load(Ordering::Relaxed), 0);
        },
    );
    assert!(polls > 8, "{polls}");
}

/// Never comes up.
struct Stuck {
    _up: Counted,
}

#[actor]
impl Stuck {
    #[on_start]
    async fn start(&mut self) {
        std::future::pending::<()>().await;
    }
}

#[test]
fn r17_a_start_dropped_while_a_child_never_comes_up_ends_all_the_same() {
    actor_core::rt::test::run(async {
        let up = Arc::new(AtomicIsize::new(0));
        let mut tree = Supervisor::one_for_one();
        let first = tree.add(slow("a", &up));
        let counted = Arc::clone(&up);
        let stuck = tree.child("stuck", move || Stuck { _up: Counted::new(&counted) });
        {
            let mut start = Box::pin(tree.start());
            for _ in 0..5 {
                assert!(support::poll_once(&mut start).await.is_none());
                sleep(ms(1)).await;
            }
            assert_eq!(up.load(Ordering::Relaxed), 2);
        }
        sleep(secs(10)).await;
        assert_eq!(up.load(Ordering::Relaxed), 0);
        assert!(!first.is_alive() && !stuck.is_alive());
    });
}

#[test]
fn r15_a_time_limit_around_a_request_is_no_end_of_the_supervisor() {
    actor_core::rt::test::run(async {
        let site = site().await;
        for _ in 0..20 {
            let mut request = Box::pin(site.app.restart_child("nobody"));
            let _ = support::poll_once(&mut request).await;
        }
        sleep(Duration::ZERO).await;
        assert_eq!(site.app.count().await.active, 2);
    });
}

// ── the tool itself

/// What the panic of `f` says.
fn panic_of(f: impl FnOnce()) -> String {
    let payload = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f)).expect_err("it panics");
    payload.downcast_ref::<String>().expect("a text").clone()
}

#[test]
fn a_check_that_fails_names_the_poll_after_which_the_victim_was_dropped() {
    let said = panic_of(|| {
        cancel_everywhere(
            async || Cell::new(0),
            async |step| {
                step.set(1);
                sleep(ms(2)).await;
                step.set(2);
                sleep(ms(2)).await;
                step.set(3);
            },
            async |step, _| assert_ne!(step.get(), 2, "half done"),
        );
    });
    assert!(said.starts_with("with the victim dropped after 3 polls: ") && said.contains("half done"), "{said}");
}

#[test]
fn a_victim_is_dropped_also_when_it_was_woken_and_not_polled() {
    let said = panic_of(|| {
        cancel_everywhere(
            async || (),
            async |()| sleep(ms(1)).await,
            async |(), completed| assert!(completed || now().as_nanos() != 1_000_000, "late"),
        );
    });
    assert!(said.starts_with("with the victim dropped after 0 polls, a millisecond later: "), "{said}");
}

#[test]
fn it_counts_the_polls_of_a_victim_and_gives_up_on_one_that_never_completes() {
    let polls = |victim: fn(u64) -> Duration| {
        cancel_everywhere(async || (), async |()| sleep(victim(1)).await, async |(), _| ())
    };
    assert_eq!((polls(|_| Duration::ZERO), polls(ms), polls(|n| ms(10 * n))), (2, 2, 11));
    assert_eq!(cancel_everywhere(async || (), async |()| (), async |(), _| ()), 1);
    let said = panic_of(|| {
        cancel_everywhere(async || (), async |()| std::future::pending().await, async |(), _| ());
    });
    assert_eq!(said, "the victim has not completed after 500 polls");
}
