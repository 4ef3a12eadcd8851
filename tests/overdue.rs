//! An ask that has been pending for five seconds is reported, once.

mod support;

use std::{
    io,
    sync::{Arc, Mutex},
    time::Duration,
};

use actor_core::{
    Options, SupervisorHandle,
    observe::{Overdue, WaitGraph, WaitKind},
    prelude::*,
    rt::test::{TestRuntime, now, run, sleep},
};
use futures_util::future::{join, join_all};
use support::{Log, ms, poll_once, secs, settle};

#[derive(Default)]
struct Db {
    kept: Vec<Reply<u32>>,
}

#[actor]
impl Db {
    pub async fn get(&mut self, seconds: u64) -> u64 {
        sleep(secs(seconds)).await;
        seconds
    }

    #[tell]
    pub async fn put(&mut self, seconds: u64) {
        sleep(secs(seconds)).await;
    }

    pub fn keep(&mut self, reply: Reply<u32>) {
        self.kept.push(reply);
    }

    pub async fn ask(&mut self, other: DbHandle) -> Result<u64, AskError> {
        other.get(8).await
    }

    pub async fn for_ever(&mut self) {
        std::future::pending::<()>().await;
    }
}

fn db() -> DbHandle {
    Db::default().spawn()
}

fn options() -> Options<Db> {
    Db::default().options().name("db")
}

fn reports(log: &Log, h: &DbHandle) -> usize {
    log.overdue(h.id()).len()
}

#[test]
fn m8_an_ask_pending_for_five_seconds_is_reported_once_with_what_it_waits_for() {
    let (log, _installed) = Log::install();
    run(async {
        let h = options().spawn().unwrap();
        // Not a whole second of the clock.
        sleep(ms(1234)).await;
        let asks = join(h.get(20), join_all((0..4).map(|_| h.get(0))));
        let watch = async {
            sleep(ms(4999)).await;
            assert_eq!(reports(&log, &h), 0);
            sleep(ms(1)).await;
            settle().await;
            let report = log.overdue(h.id()).pop().expect("it is reported at 5 s");
            assert_eq!((report.during, report.waiting, report.since), (Some("get"), 4, secs(5)));
            assert!(report.waits_for.is_empty());
            assert_eq!(
                report.to_string(),
                format!("`db{}` has been in `get` for 5s; 4 messages wait behind it", h.id())
            );
        };
        let ((last, _), ()) = join(asks, watch).await;
        assert_eq!((last, reports(&log, &h)), (Ok(20), 1));
    });
}

#[test]
fn m8_an_ask_that_is_answered_within_five_seconds_is_not_reported() {
    let (log, _installed) = Log::install();
    run(async {
        let h = db();
        for _ in 0..20 {
            assert_eq!(h.get(4).await, Ok(4));
        }
        sleep(secs(60)).await;
        assert_eq!(h.get(0).await, Ok(0));
        assert_eq!(reports(&log, &h), 0);
    });
}

#[test]
fn m8_every_stall_is_reported_anew() {
    let (log, _installed) = Log::install();
    run(async {
        let h = db();
        for stall in 1..=3 {
            assert_eq!(h.get(9).await, Ok(9));
            assert_eq!(reports(&log, &h), stall);
            // At once, and after a pause.
            assert_eq!(h.get(1).await, Ok(1));
            sleep(secs(stall as u64 * 4)).await;
        }
        assert_eq!(reports(&log, &h), 3);
    });
}

#[test]
fn m8_who_asks_a_stuck_actor_later_does_not_have_it_reported_again() {
    let (log, _installed) = Log::install();
    run(async {
        let h = db();
        let first = h.get(60).enqueue().await.unwrap();
        for _ in 0..5 {
            assert_eq!(h.get(0).timeout(secs(10)).await, Err(AskError::Timeout));
        }
        assert_eq!((first.await, reports(&log, &h)), (Ok(60), 1));
    });
}

#[test]
fn m8_a_queue_that_moves_too_slowly_is_reported_once_within_six_seconds() {
    let (log, _installed) = Log::install();
    run(async {
        let h = options().spawn().unwrap();
        for _ in 0..20 {
            h.put(1).await.unwrap();
        }
        let mut ask = Box::pin(async { h.get(0).await });
        assert!(poll_once(&mut ask).await.is_none());
        sleep(secs(6)).await;
        settle().await;
        let report = log.overdue(h.id()).pop().expect("within 6 s");
        assert!(report.to_string().starts_with(&format!("`db{}` is 5s behind, now in `put`; ", h.id())), "{report}");
        assert_eq!((ask.await, reports(&log, &h)), (Ok(0), 1));
    });
}

#[test]
fn m8_an_ask_that_waits_for_room_behind_a_stuck_handler_counts() {
    let (log, _installed) = Log::install();
    run(async {
        let h = Db::default().options().mailbox(1).spawn().unwrap();
        h.put(30).await.unwrap();
        settle().await;
        h.put(0).await.unwrap();
        let mut ask = Box::pin(async { h.get(0).await });
        assert!(poll_once(&mut ask).await.is_none());
        sleep(ms(5001)).await;
        assert_eq!(reports(&log, &h), 1);
        assert_eq!(ask.await, Ok(0));
    });
}

#[test]
fn m8_an_actor_that_is_only_told_is_not_looked_at() {
    let (log, _installed) = Log::install();
    let rt = TestRuntime::new();
    rt.block_on(async {
        let h = db();
        for _ in 0..3 {
            h.put(30).await.unwrap();
        }
        sleep(secs(60)).await;
        assert_eq!((reports(&log, &h), rt.tasks()), (0, 1));
    });
}

#[test]
fn m8_a_tell_that_takes_long_after_an_ask_was_answered_is_not_reported() {
    let (log, _installed) = Log::install();
    run(async {
        let h = db();
        assert_eq!(h.get(0).await, Ok(0));
        sleep(secs(2)).await;
        h.put(60).await.unwrap();
        sleep(secs(60)).await;
        assert_eq!(reports(&log, &h), 0);
    });
}

#[test]
fn m8_an_actor_that_asks_is_reported_as_well_as_the_one_it_asks() {
    let (log, _installed) = Log::install();
    run(async {
        let (front, back) = (db(), db());
        assert_eq!(front.ask(back.clone()).await, Ok(8));
        for (h, during) in [(&front, "ask"), (&back, "get")] {
            let reports = log.overdue(h.id());
            assert_eq!(reports.iter().map(|report| report.during).collect::<Vec<_>>(), [Some(during)]);
        }
    });
}

#[test]
fn m8_a_start_that_keeps_asks_waiting_is_reported_by_name() {
    struct Late;

    #[actor]
    impl Late {
        #[on_start]
        async fn start(&mut self) {
            sleep(secs(10)).await;
        }

        pub fn get(&self) {}
    }

    let (log, _installed) = Log::install();
    run(async {
        let h = Late.spawn();
        assert_eq!(h.get().await, Ok(()));
        let reports = log.overdue(h.id());
        assert_eq!(
            reports.iter().map(|report| (report.during, report.waiting)).collect::<Vec<_>>(),
            [(Some("on_start"), 1)]
        );
    });
}

#[test]
fn m8_nothing_goes_on_once_everything_is_answered_or_reported() {
    let (log, _installed) = Log::install();
    let rt = TestRuntime::new();
    rt.block_on(async {
        let h = db();
        assert_eq!(h.get(0).await, Ok(0));
        assert_eq!(rt.tasks(), 2, "the actor and the watch");
        sleep(secs(1)).await;
        settle().await;
        assert_eq!(rt.tasks(), 1, "nothing is pending");
        let mut stuck = Box::pin(async { h.for_ever().await });
        assert!(poll_once(&mut stuck).await.is_none());
        sleep(secs(5)).await;
        settle().await;
        assert_eq!((rt.tasks(), reports(&log, &h)), (1, 1), "all is said");
        assert_eq!(h.get(0).timeout(secs(60)).await, Err(AskError::Timeout));
        assert_eq!((rt.tasks(), reports(&log, &h)), (1, 1), "and said once");

        // Killed: nobody waits any more.
        let h = db();
        let mut stuck = Box::pin(async { h.for_ever().await });
        assert!(poll_once(&mut stuck).await.is_none());
        sleep(secs(3)).await;
        h.kill().await;
        sleep(secs(10)).await;
        assert_eq!((stuck.await, reports(&log, &h), rt.tasks()), (Err(AskError::Killed), 0, 1));
        let weak = h.downgrade();
        drop(h);
        assert!(weak.upgrade().is_none());
    });
}

#[test]
fn m8_each_runtime_has_a_watch_of_its_own() {
    let (log, _installed) = Log::install();
    for _ in 0..3 {
        let first = TestRuntime::new();
        let h = first.block_on(async {
            let h = db();
            let mut stuck = Box::pin(async { h.for_ever().await });
            assert!(poll_once(&mut stuck).await.is_none());
            sleep(secs(2)).await;
            drop(stuck);
            h
        });
        // The second one's clock goes on while the first one's stands still.
        run(async {
            let h = db();
            assert_eq!(h.get(30).await, Ok(30));
            assert_eq!((reports(&log, &h), now().as_nanos()), (1, 30_000_000_000));
        });
        assert_eq!(reports(&log, &h), 0);
        first.block_on(sleep(ms(3001)));
        assert_eq!(reports(&log, &h), 1, "the handler goes on, whether or not its caller waits");
        let left = first.block_on(async {
            let left = db();
            let mut stuck = Box::pin(async { left.for_ever().await });
            assert!(poll_once(&mut stuck).await.is_none());
            drop(stuck);
            left
        });
        drop(first);
        run(sleep(secs(60)));
        assert_eq!(reports(&log, &left), 0, "gone with its runtime");
    }
}

#[test]
fn m8_an_ask_that_waits_through_restarts_is_reported() {
    let (log, _installed) = Log::install();
    run(async {
        let mut tree = Supervisor::one_for_one();
        let h = tree.add(Child::new("db", Db::default));
        let app: SupervisorHandle = tree.start().await.unwrap();
        let stuck = h.for_ever().enqueue().await.unwrap();
        let mut ask = Box::pin(async { h.get(10).await });
        assert!(poll_once(&mut ask).await.is_none());
        sleep(secs(2)).await;
        h.kill().await;
        assert_eq!(stuck.await, Err(AskError::Killed));
        sleep(secs(2)).await;
        assert_eq!(reports(&log, &h), 0);
        assert_eq!((ask.await, reports(&log, &h)), (Ok(10), 1));
        app.stop().await;
    });
}

// ── who waits for whom

/// Waits for others in every way, or keeps them waiting.
#[derive(Default)]
struct Peer {
    desk: Vec<Reply<u32>>,
}

type Answer = Result<u32, AskError>;

#[actor]
impl Peer {
    #[on_start]
    async fn start(&mut self, cx: &mut Context<Self>) {
        if cx.name() == "late" {
            sleep(secs(60)).await;
        }
    }

    pub async fn nap(&mut self, seconds: u64) -> u32 {
        sleep(secs(seconds)).await;
        1
    }

    /// Asks the first of the route to follow the rest of it; at its end there is a nap.
    #[ask(value)]
    pub async fn follow(&mut self, mut route: Vec<PeerHandle>) -> Answer {
        if route.is_empty() {
            sleep(secs(60)).await;
            return Ok(0);
        }
        let next = route.remove(0);
        next.follow(route).await.unwrap_or_else(Err)
    }

    #[ask(value)]
    pub async fn pause_and_follow(&mut self, time: Duration, to: PeerHandle) -> Answer {
        sleep(time).await;
        to.follow(vec![]).await.unwrap_or_else(Err)
    }

    /// Follows several routes at once.
    pub async fn fan(&mut self, routes: Vec<Vec<PeerHandle>>) {
        join_all(routes.into_iter().map(|mut route| {
            let next = route.remove(0);
            async move { next.follow(route).await.unwrap_or_else(Err) }
        }))
        .await;
    }

    pub async fn push(&mut self, to: PeerHandle) {
        to.nap(0).tell().await.unwrap();
    }

    pub async fn see_off(&mut self, to: PeerHandle) {
        to.stopped().await;
    }

    pub async fn greet(&mut self, to: PeerHandle) {
        to.started().await.unwrap();
    }

    pub fn keep(&mut self, reply: Reply<u32>) {
        self.desk.push(reply);
    }

    pub fn keep_too(&mut self, reply: Reply<u32>) {
        self.desk.push(reply);
    }

    pub async fn keep_slowly(&mut self, seconds: u64, reply: Reply<u32>) {
        self.desk.push(reply);
        sleep(secs(seconds)).await;
    }

    #[ask(value)]
    pub async fn await_kept(&mut self, to: PeerHandle) -> Answer {
        to.keep().await
    }

    /// Answers so many, the oldest first.
    pub fn answer(&mut self, count: usize) {
        self.desk.drain(..count).for_each(|reply| reply.send(7));
    }

    pub fn take_desk(&mut self) -> Vec<Reply<u32>> {
        std::mem::take(&mut self.desk)
    }

    pub fn relay_to_keep(&mut self, to: PeerHandle, reply: Reply<u32>) {
        to.keep().forward(reply);
    }

    pub fn relay_to_nap(&mut self, to: PeerHandle, reply: Reply<u32>) {
        to.nap(9).forward(reply);
    }
}

fn peer(name: &str) -> PeerHandle {
    Peer::default().options().name(name).mailbox(1).spawn().unwrap()
}

fn roomy(name: &str) -> PeerHandle {
    Peer::default().options().name(name).spawn().unwrap()
}

fn name(h: &PeerHandle) -> String {
    format!("`{}{}`", h.name(), h.id())
}

/// The only report there was of it.
#[track_caller]
fn one(log: &Log, h: &PeerHandle) -> Overdue {
    let mut all = log.overdue(h.id());
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

/// Who waits for whom, by name.
fn pairs(graph: &WaitGraph) -> Vec<(&str, &str)> {
    graph.waits().iter().map(|waits| (waits.actor.name(), waits.target.name())).collect()
}

#[test]
fn m8_the_report_says_who_waits_for_whom() {
    let (log, _installed) = Log::install();
    run(async {
        let (db, net, disk) = (peer("db"), peer("net"), peer("disk"));
        let asked = db.follow(vec![net.clone(), disk.clone()]).await;
        assert_eq!(asked, Ok(Ok(0)));
        let [a, b, c] = [&db, &net, &disk].map(name);
        let text = |h: &PeerHandle| one(&log, h).to_string();
        assert_eq!(
            text(&db),
            format!(
                "{a} has been in `follow` for 5s; it waits for a reply of {b}, which in `follow` waits for a reply of \
                 {c}, which is in `follow`"
            )
        );
        assert_eq!(
            text(&net),
            format!("{b} has been in `follow` for 5s; it waits for a reply of {c}, which is in `follow`")
        );
        assert_eq!(text(&disk), format!("{c} has been in `follow` for 5s"));
        let graph = one(&log, &db).waits_for;
        let first = &graph.waits()[0];
        assert_eq!((first.during, first.kind, first.target_during), (Some("follow"), WaitKind::Reply, Some("follow")));
        assert_eq!(
            graph.to_string(),
            format!(
                "{a} in `follow` waits for a reply of {b}, which in `follow` waits for a reply of {c}, which is in \
                 `follow`"
            )
        );
    });
}

#[test]
fn m8_the_report_says_in_which_way_they_wait() {
    let (log, _installed) = Log::install();
    run(async {
        type Way = fn(&PeerHandle, PeerHandle) -> actor_core::Ask<'_, PeerMessage, ()>;
        let ways: [(Way, WaitKind, &str); 3] = [
            (|h, to| h.push(to), WaitKind::Room, "waits for room in the mailbox of"),
            (|h, to| h.see_off(to), WaitKind::Exit, "waits for the exit of"),
            (|h, to| h.greet(to), WaitKind::Start, "waits for the start of"),
        ];
        for (way, kind, words) in ways {
            // Nobody asks it: it is told, and is looked for by those only that wait for it.
            let to = peer(if kind == WaitKind::Start { "late" } else { "busy" });
            to.nap(60).tell().await.unwrap();
            settle().await;
            if kind == WaitKind::Room {
                to.nap(0).tell().await.unwrap();
            }
            let db = peer("db");
            assert_eq!(way(&db, to.clone()).timeout(secs(9)).await, Err(AskError::Timeout));
            let report = one(&log, &db);
            let during = if kind == WaitKind::Start { "on_start" } else { "nap" };
            let waits = report.waits_for.waits()[0].clone();
            assert_eq!((waits.kind, waits.target_during), (kind, Some(during)));
            let end = format!("; it {words} {}, which is in `{during}`", name(&to));
            assert!(report.to_string().ends_with(&end), "{report}");
        }
        // An ask that stands in line waits for room, and for a reply once it is let in.
        for (busy, kind) in [(60, WaitKind::Room), (4, WaitKind::Reply)] {
            let (db, to) = (peer("db"), peer("busy"));
            to.nap(busy).tell().await.unwrap();
            settle().await;
            to.nap(60).tell().await.unwrap();
            assert_eq!(db.follow(vec![to]).timeout(secs(9)).await, Err(AskError::Timeout));
            assert_eq!(one(&log, &db).waits_for.waits()[0].kind, kind);
        }
    });
}

#[test]
fn m8_all_that_an_actor_waits_for_is_told_once_and_within_bounds() {
    let (log, _installed) = Log::install();
    run(async {
        let [a, b, c, d] = ["a", "b", "c", "d"].map(roomy);
        let all = peer("all");
        let routes = [&a, &b].map(|first| vec![first.clone(), c.clone(), d.clone()]).to_vec();
        assert_eq!(all.fan(routes).timeout(secs(9)).await, Err(AskError::Timeout));
        let graph = one(&log, &all).waits_for;
        assert_eq!(pairs(&graph), [("all", "a"), ("a", "c"), ("c", "d"), ("all", "b"), ("b", "c")], "depth first");
        assert!(!graph.is_cut());
        assert_eq!(
            graph.to_string(),
            format!(
                "{0} in `fan` waits for a reply of {1}, which in `follow` waits for a reply of {3}, which in \
                 `follow` waits for a reply of {4}, which is in `follow`; {0} in `fan` waits for a reply of {2}, which \
                 in `follow` waits for a reply of {3}",
                name(&all),
                name(&a),
                name(&b),
                name(&c),
                name(&d)
            )
        );
        // As many as there is room for, and more.
        for (count, cut) in [(WaitGraph::LIMIT, false), (WaitGraph::LIMIT + 1, true)] {
            let all = peer("all");
            let routes = (0..count).map(|_| vec![roomy("leaf")]).collect();
            assert_eq!(all.fan(routes).timeout(secs(9)).await, Err(AskError::Timeout));
            let graph = one(&log, &all).waits_for;
            assert_eq!((graph.waits().len(), graph.is_cut()), (WaitGraph::LIMIT, cut));
            assert_eq!(graph.to_string().ends_with("; and so on"), cut);
        }
    });
}

#[test]
fn m8_whom_an_actor_waits_for_is_named_though_it_was_reported_long_ago_or_asked_just_now() {
    let (log, _installed) = Log::install();
    run(async {
        let (db, net) = (peer("db"), peer("net"));
        let stuck = net.nap(600).enqueue().await.unwrap();
        sleep(secs(300)).await;
        assert!(log.overdue(net.id()).len() == 1, "and nobody looks at it any more");
        assert_eq!(db.follow(vec![net.clone()]).timeout(secs(9)).await, Err(AskError::Timeout));
        assert_eq!(pairs(&one(&log, &db).waits_for), [("db", "net")]);
        drop(stuck);

        // One that was asked just now for the first time, and one that is reported in the same moment.
        for (pause, busy) in [(ms(4990), false), (ms(0), true)] {
            let (db, net) = (peer("db"), peer("net"));
            let asked = join(db.pause_and_follow(pause, net.clone()), async {
                if busy {
                    assert_eq!(net.nap(60).timeout(secs(9)).await, Err(AskError::Timeout));
                }
            });
            assert_eq!(asked.await.0, Ok(Ok(0)));
            assert_eq!(pairs(&one(&log, &db).waits_for), [("db", "net")], "{pause:?}");
        }
    });
}

#[test]
fn m8_the_report_is_an_event_of_tracing_too() {
    let text = Text::default();
    let writer = text.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
    tracing::subscriber::with_default(subscriber, || {
        run(async {
            let (db, net) = (peer("db"), peer("net"));
            assert_eq!(db.follow(vec![net.clone()]).timeout(secs(9)).await, Err(AskError::Timeout));
            let text = String::from_utf8(text.0.lock().unwrap().clone()).unwrap();
            let waits = format!("waits for a reply of {}, which is in `follow`", name(&net));
            let line = text.lines().find(|line| line.contains("actor.name=\"db\"")).expect("an event");
            assert!(line.contains(&format!("waits_for={} in `follow` {waits}", name(&db))), "{line}");
            assert!(line.contains(&format!("{} has been in `follow` for 5s; it {waits}", name(&db))), "{line}");
        });
    });
}

/// What was written.
#[derive(Clone, Default)]
struct Text(Arc<Mutex<Vec<u8>>>);

impl io::Write for Text {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

// ── replies that are deferred

#[test]
fn m8_a_deferred_reply_that_is_not_given_for_five_seconds_is_reported_once() {
    let (log, _installed) = Log::install();
    let rt = TestRuntime::new();
    rt.block_on(async {
        let gate = peer("gate");
        sleep(ms(1234)).await;
        let mut ask = Box::pin(async { gate.keep().await });
        assert!(poll_once(&mut ask).await.is_none());
        sleep(ms(4999)).await;
        assert_eq!(log.overdue(gate.id()).len(), 0);
        sleep(ms(1)).await;
        settle().await;
        let report = one(&log, &gate);
        let deferred = report.deferred.expect("its handler has returned");
        assert_eq!((deferred.handler, deferred.replies), ("keep", 1));
        assert_eq!((report.during, report.waiting, report.since), (None, 0, secs(5)));
        assert!(report.waits_for.is_empty(), "who waits is no actor");
        assert_eq!(report.to_string(), format!("{} has deferred the reply of `keep` for 5s", name(&gate)));
        assert_eq!(rt.tasks(), 1, "all is said: nobody looks any more");
        sleep(secs(60)).await;
        gate.answer(1).await.unwrap();
        assert_eq!(ask.await, Ok(7));
        assert_eq!(log.overdue(gate.id()).len(), 1);
        sleep(secs(2)).await;
        assert_eq!(rt.tasks(), 1);
    });
}

#[test]
fn m8_a_deferred_reply_that_is_given_in_time_or_that_nobody_awaits_is_not_reported() {
    let (log, _installed) = Log::install();
    let rt = TestRuntime::new();
    rt.block_on(async {
        let gate = peer("gate");
        for _ in 0..20 {
            let kept = gate.keep().enqueue().await.unwrap();
            sleep(ms(4900)).await;
            gate.answer(1).await.unwrap();
            assert_eq!(kept.await, Ok(7));
        }
        // Its caller leaves: by a time limit, by being dropped, in its line or after it; or there is none.
        let mut over = gate.keep().timeout(secs(3));
        assert_eq!((&mut over).await, Err(AskError::Timeout));
        let busy = gate.nap(2).enqueue().await.unwrap();
        let mut ask = Box::pin(async { gate.keep().await });
        assert!(poll_once(&mut ask).await.is_none());
        drop(ask);
        assert_eq!(busy.await, Ok(1));
        let pending = gate.keep().enqueue().await.unwrap();
        drop(pending);
        let pending = gate.keep().enqueue().await.unwrap();
        settle().await;
        drop(pending);
        gate.keep().tell().await.unwrap();
        let asker = peer("asker");
        assert_eq!(asker.await_kept(gate.clone()).timeout(secs(3)).await, Err(AskError::Timeout));
        sleep(secs(60)).await;
        assert_eq!(log.overdue(gate.id()).len(), 0);
        assert_eq!(rt.tasks(), 2, "the actors, and no watch");
        drop(over);
        // The actor ends, and with it what it kept.
        let pending = gate.keep().enqueue().await.unwrap();
        settle().await;
        assert_eq!(gate.stop().await, Exit::Stopped);
        assert_eq!(pending.await, Err(AskError::Stopped(Exit::Stopped)));
        sleep(secs(60)).await;
        assert_eq!(log.overdue(gate.id()).len(), 0);
    });
}

#[test]
fn m8_each_deferred_reply_is_part_of_one_report() {
    let (log, _installed) = Log::install();
    run(async {
        let gate = roomy("gate");
        let counts = || {
            let all = log.overdue(gate.id());
            all.iter().map(|report| report.deferred.map_or(0, |deferred| deferred.replies)).collect::<Vec<_>>()
        };
        let mut kept = Vec::new();
        // Three at once, one that is answered, and later one more.
        for _ in 0..3 {
            kept.push(gate.keep_too().enqueue().await.unwrap());
        }
        kept.push(gate.keep().enqueue().await.unwrap());
        settle().await;
        gate.answer(1).await.unwrap();
        sleep(ms(3100)).await;
        kept.push(gate.keep().enqueue().await.unwrap());
        // Whatever came after the first look at it is seen a second later.
        sleep(ms(3000)).await;
        assert_eq!(counts(), [3]);
        let text = one(&log, &gate).to_string();
        let end = "has deferred 3 replies for 5s, the first of them in `keep_too`";
        assert_eq!(text, format!("{} {end}", name(&gate)));
        sleep(secs(4)).await;
        assert_eq!(counts(), [3, 1]);
        sleep(secs(60)).await;
        assert_eq!(counts(), [3, 1]);
        gate.answer(4).await.unwrap();
        assert!(join_all(kept).await.iter().all(|answer| *answer == Ok(7)));
        // Whose handler had to wait is late when both together were.
        let busy = gate.nap(3).enqueue().await.unwrap();
        let kept = gate.keep().enqueue().await.unwrap();
        sleep(ms(6100)).await;
        assert_eq!((busy.await, counts()), (Ok(1), vec![3, 1, 1]));
        drop(kept);
    });
}

#[test]
fn m8_a_handler_that_has_taken_its_reply_and_goes_on_is_reported_as_what_it_is() {
    let (log, _installed) = Log::install();
    run(async {
        let gate = peer("gate");
        let kept = gate.keep_slowly(8).enqueue().await.unwrap();
        sleep(secs(7)).await;
        let report = one(&log, &gate);
        assert_eq!((report.during, report.deferred), (Some("keep_slowly"), None));
        // It returns, and has not answered yet.
        sleep(secs(7)).await;
        let all = log.overdue(gate.id());
        let deferred: Vec<_> = all.iter().filter_map(|report| report.deferred).collect();
        assert_eq!((all.len(), deferred.len()), (2, 1));
        gate.answer(1).await.unwrap();
        assert_eq!(kept.await, Ok(7));
    });
}

#[test]
fn m8_a_reply_that_is_deferred_by_an_actor_that_was_reported_before_is_reported() {
    let (log, _installed) = Log::install();
    run(async {
        let gate = roomy("gate");
        let busy = gate.nap(20).enqueue().await.unwrap();
        let kept = gate.keep().enqueue().await.unwrap();
        let more = gate.nap(20).enqueue().await.unwrap();
        assert_eq!(busy.await, Ok(1));
        assert_eq!(log.overdue(gate.id()).len(), 1, "stuck, and not looked at");
        // Nobody asks again.
        sleep(secs(6)).await;
        let all = log.overdue(gate.id());
        assert_eq!((all.len(), all[1].deferred.map(|deferred| deferred.handler)), (2, Some("keep")), "{all:?}");
        assert_eq!(more.await, Ok(1));
        assert_eq!(log.overdue(gate.id()).len(), 2, "and as before it is not through with what it was stuck with");
        drop(kept);
    });
}

#[test]
fn m8_actors_that_wait_for_a_deferred_reply_are_named() {
    let (log, _installed) = Log::install();
    run(async {
        let (gate, front, back) = (peer("gate"), peer("front"), peer("back"));
        let busy = gate.nap(1).enqueue().await.unwrap();
        let front_asks = front.await_kept(gate.clone()).timeout(secs(9));
        let asked = join(front_asks, async {
            settle().await;
            back.await_kept(gate.clone()).timeout(secs(9)).await
        });
        assert_eq!(asked.await, (Err(AskError::Timeout), Err(AskError::Timeout)));
        assert_eq!(busy.await, Ok(1));
        let [gate_name, front_name, back_name] = [&gate, &front, &back].map(name);
        let waits = format!("waits for a reply that {gate_name} has deferred");
        assert_eq!(
            one(&log, &gate).to_string(),
            format!(
                "{gate_name} has deferred 2 replies for 5s, the first of them in `keep`; {front_name} in `await_kept` \
                 {waits}; {back_name} in `await_kept` {waits}"
            )
        );
        let report = one(&log, &front);
        assert_eq!(report.waits_for.waits()[0].kind, WaitKind::DeferredReply);
        assert_eq!(report.to_string(), format!("{front_name} has been in `await_kept` for 5s; it {waits}"));
    });
}

#[test]
fn m8_a_forwarded_ask_is_pending_with_whom_it_was_forwarded_to() {
    let (log, _installed) = Log::install();
    run(async {
        for deferred in [false, true] {
            let (router, shard) = (peer("router"), peer("shard"));
            let ask = async {
                if deferred {
                    router.relay_to_keep(shard.clone()).timeout(secs(9)).await
                } else {
                    router.relay_to_nap(shard.clone()).timeout(secs(9)).await
                }
            };
            let _ = ask.await;
            assert_eq!(log.overdue(router.id()).len(), 0, "deferred: {deferred}");
            let report = one(&log, &shard);
            let handler = report.deferred.map(|deferred| deferred.handler);
            let expected = if deferred { (None, Some("keep")) } else { (Some("nap"), None) };
            assert_eq!((report.during, handler), expected);
        }
    });
}

#[test]
fn m8_a_reply_that_outlives_the_actor_that_deferred_it_is_reported_while_that_has_a_handle() {
    let (log, _installed) = Log::install();
    run(async {
        let gate = peer("gate");
        let kept = gate.keep().enqueue().await.unwrap();
        let desk = gate.take_desk().await.unwrap();
        gate.kill().await;
        sleep(secs(10)).await;
        assert_eq!(one(&log, &gate).deferred.map(|deferred| deferred.replies), Some(1));
        for reply in desk {
            reply.send(3);
        }
        assert_eq!(kept.await, Ok(3));
    });
}

#[test]
fn m8_replies_that_are_given_out_of_order_are_told_apart() {
    let (log, _installed) = Log::install();
    run(async {
        let gate = roomy("gate");
        let kept = gate.keep_too().enqueue().await.unwrap();
        settle().await;
        let desk = gate.take_desk().await.unwrap();
        for round in 0..200 {
            let quick = gate.keep().enqueue().await.unwrap();
            if round % 50 == 0 {
                sleep(secs(1)).await;
            }
            settle().await;
            gate.answer(1).await.unwrap();
            assert_eq!(quick.await, Ok(7));
        }
        sleep(secs(5)).await;
        assert_eq!(
            one(&log, &gate).deferred.map(|deferred| (deferred.handler, deferred.replies)),
            Some(("keep_too", 1))
        );
        for reply in desk {
            reply.send(1);
        }
        assert_eq!(kept.await, Ok(1));
    });
}
