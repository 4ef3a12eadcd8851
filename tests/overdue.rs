//! An ask that has been pending for five seconds is reported, once.

mod support;

use actor_core::{
    Options, SupervisorHandle,
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

/// What the rule leaves out: the handler is through with it, and nobody looks into the states of actors.
#[test]
fn a_deferred_reply_counts_as_given_when_its_handler_has_returned() {
    let (log, _installed) = Log::install();
    run(async {
        let h = db();
        assert_eq!(h.keep().timeout(secs(30)).await, Err(AskError::Timeout));
        assert_eq!(reports(&log, &h), 0);
    });
}
