//! Messages on their way into the mailbox: bounds, order, the ways to send, overflow, priority, dead letters.

mod support;

use std::{
    sync::{Arc, atomic::AtomicIsize, atomic::Ordering},
    time::Duration,
};

use actor_core::{
    observe::DeadReason,
    prelude::*,
    rt::test::{now, run, sleep},
};
use futures_util::future::{join, join_all};
use support::{Counted, Log, ms, poll_once, secs, settle, timed};

/// Keeps the numbers that it is told.
#[derive(Default)]
struct Keeper {
    kept: Vec<u32>,
}

#[actor]
impl Keeper {
    #[tell]
    pub fn keep(&mut self, n: u32) {
        self.kept.push(n);
    }

    pub fn kept(&self) -> Vec<u32> {
        self.kept.clone()
    }

    /// Keeps its mailbox waiting.
    pub async fn busy(&mut self, time: Duration) {
        sleep(time).await;
    }

    pub async fn add(&mut self, n: u32, time: Duration) -> usize {
        sleep(time).await;
        self.kept.push(n);
        self.kept.len()
    }

    pub fn swallow(&mut self, item: Counted) {
        drop(item);
    }
}

#[actor(mailbox = 2)]
struct Small;

#[actor]
impl Small {
    pub fn poke(&self) {}
}

/// A keeper whose handler is running for a second, so that what is sent now stays queued.
async fn occupied(options: actor_core::Options<Keeper>) -> KeeperHandle {
    let h = options.spawn().unwrap();
    drop(h.busy(secs(1)).enqueue().await.unwrap());
    settle().await;
    h
}

// ── M1

#[test]
fn m1_a_mailbox_holds_64_messages_unless_told_otherwise() {
    run(async {
        let h = occupied(Keeper::default().options()).await;
        for n in 0..64 {
            h.keep(n).try_tell().unwrap();
        }
        assert!(matches!(h.keep(64).try_tell(), Err(TellError::Full(_))));
        assert_eq!((h.mailbox().len, h.mailbox().capacity), (64, 64));
    });
}

#[test]
fn m1_attribute_and_option_set_the_capacity() {
    run(async {
        assert_eq!(Small.spawn().mailbox().capacity, 2);
        assert_eq!(Small.options().mailbox(5).spawn().unwrap().mailbox().capacity, 5);
    });
}

#[test]
fn m1_the_capacity_holds_whoever_waits_and_however_they_send() {
    run(async {
        let h = occupied(Keeper::default().options().mailbox(3)).await;
        let tells = join_all((0..50).map(|n| h.keep(n).tell()));
        let asks = join_all((50..100).map(|n| h.add(n, ms(1))));
        let enqueues = join_all((100..150).map(|n| h.add(n, ms(1)).enqueue()));
        join(tells, join(asks, enqueues)).await;
        let stats = h.mailbox();
        assert_eq!((stats.high_water, stats.capacity), (3, 3));
        assert_eq!(h.kept().await.unwrap().len(), 150);
    });
}

// ── M2

#[test]
fn m2_one_senders_messages_arrive_in_order_in_every_way_of_sending() {
    run(async {
        let h = Keeper::default().options().mailbox(2).spawn().unwrap();
        for n in (0..300).step_by(3) {
            h.keep(n).await.unwrap();
            drop(h.add(n + 1, Duration::ZERO).enqueue().await.unwrap());
            h.add(n + 2, Duration::ZERO).await.unwrap();
        }
        assert_eq!(h.kept().await.unwrap(), (0..300).collect::<Vec<_>>());
    });
}

#[test]
fn m2_a_tell_that_has_resolved_is_in_the_mailbox() {
    run(async {
        let h = occupied(Keeper::default().options().mailbox(2)).await;
        h.keep(1).await.unwrap();
        assert_eq!(h.mailbox().len, 1);
        h.keep(2).try_tell().unwrap();
        assert_eq!(h.kept().await.unwrap(), [1, 2]);
    });
}

// ── M3

#[test]
fn m3_a_tell_waits_for_room() {
    run(async {
        let h = occupied(Keeper::default().options().mailbox(1)).await;
        h.keep(1).await.unwrap();
        let (told, time) = timed(h.keep(2).tell()).await;
        assert_eq!((told.is_ok(), time), (true, secs(1)), "there is room when the busy handler is through");
        assert_eq!(h.kept().await.unwrap(), [1, 2]);
    });
}

#[test]
fn m3_a_tell_that_was_not_taken_gives_its_message_back() {
    run(async {
        let h = occupied(Keeper::default().options().mailbox(1)).await;
        h.keep(1).await.unwrap();

        let Err(full @ TellError::Full(_)) = h.keep(2).try_tell() else { panic!("there was no room") };
        let (late, time) = timed(h.send(full.into_message()).timeout(ms(10))).await;
        let Err(late @ TellError::Timeout(_)) = late else { panic!("there still was no room") };
        assert_eq!(time, ms(10));

        h.send(late.into_message()).await.unwrap();
        assert_eq!(h.kept().await.unwrap(), [1, 2]);

        h.stop().await;
        let Err(stopped @ TellError::Stopped(_)) = h.keep(3).await else { panic!("it has stopped") };
        assert!(matches!(stopped.into_message(), KeeperMessage::Keep { n: 3, .. }));
    });
}

#[test]
fn m3_an_ask_that_was_not_taken_drops_its_message() {
    let alive = Arc::new(AtomicIsize::new(0));
    run(async {
        let h = occupied(Keeper::default().options().mailbox(1)).await;
        h.keep(1).await.unwrap();
        assert!(matches!(h.swallow(Counted::new(&alive)).try_enqueue(), Err(AskError::Full)));
        assert_eq!(h.swallow(Counted::new(&alive)).timeout(ms(10)).await, Err(AskError::Timeout));
        assert_eq!(alive.load(Ordering::Relaxed), 0);
    });
}

#[test]
fn m3_errors_name_the_actor_and_the_message() {
    run(async {
        let h = occupied(Keeper::default().options().name("keeper").mailbox(1)).await;
        h.keep(1).await.unwrap();
        let error = h.keep(2).try_tell().unwrap_err();
        assert_eq!(error.to_string(), format!("tell `keep` to `keeper{}`: the mailbox is full", h.id()));
    });
}

// ── M4

#[test]
fn m4_wait_is_the_default() {
    run(async {
        let h = occupied(Keeper::default().options().mailbox(1)).await;
        h.keep(1).await.unwrap();
        let mut second = h.keep(2).tell();
        assert!(poll_once(&mut second).await.is_none(), "it waits");
        second.await.unwrap();
        assert_eq!(now().as_nanos(), 1_000_000_000);
    });
}

#[test]
fn m4_reject_refuses_at_once_with_the_message() {
    run(async {
        let h = occupied(Keeper::default().options().mailbox(1).overflow(Overflow::Reject)).await;
        h.keep(1).await.unwrap();
        let (refused, time) = timed(h.keep(2).tell()).await;
        let Err(TellError::Full(unsent)) = refused else { panic!("the mailbox was full") };
        assert!(matches!(unsent.into_message(), KeeperMessage::Keep { n: 2, .. }));
        assert_eq!(h.add(3, ms(1)).await, Err(AskError::Full));
        assert_eq!((time, h.mailbox().waiting), (Duration::ZERO, 0));
        sleep(secs(1)).await;
        assert_eq!(h.kept().await.unwrap(), [1]);
    });
}

#[test]
fn m4_drop_newest_drops_what_arrives() {
    let (log, _installed) = Log::install();
    run(async {
        let h = occupied(Keeper::default().options().mailbox(1).overflow(Overflow::DropNewest)).await;
        h.keep(1).await.unwrap();
        h.keep(2).await.expect("a dropped tell had been accepted");
        assert_eq!(h.add(3, ms(1)).await, Err(AskError::Full), "a dropped ask says so");
        assert_eq!(log.letters(h.id()), [("keep", DeadReason::Overflow), ("add", DeadReason::Overflow)]);
        sleep(secs(1)).await;
        assert_eq!(h.kept().await.unwrap(), [1]);
    });
}

#[test]
fn m4_drop_oldest_drops_what_has_waited_longest() {
    let (log, _installed) = Log::install();
    run(async {
        let h = occupied(Keeper::default().options().mailbox(2).overflow(Overflow::DropOldest)).await;
        let first = h.add(1, ms(1)).enqueue().await.unwrap();
        h.keep(2).await.unwrap();
        h.keep(3).await.unwrap();
        assert_eq!(first.await, Err(AskError::Full), "its caller is told at once");
        h.keep(4).try_tell().unwrap();
        assert_eq!(log.letters(h.id()), [("add", DeadReason::Overflow), ("keep", DeadReason::Overflow)]);
        sleep(secs(1)).await;
        assert_eq!(h.kept().await.unwrap(), [3, 4]);
    });
}

#[test]
fn m4_drop_oldest_spares_what_a_handler_has_begun() {
    run(async {
        let h = Keeper::default().options().mailbox(1).overflow(Overflow::DropOldest).spawn().unwrap();
        let begun = h.add(1, ms(10)).enqueue().await.unwrap();
        settle().await;
        for n in 2..5 {
            h.keep(n).await.unwrap();
        }
        assert_eq!(begun.await, Ok(1));
        assert_eq!(h.kept().await.unwrap(), [1, 4]);
    });
}

// ── M5

#[test]
fn m5_waiting_senders_are_served_in_the_order_they_came() {
    run(async {
        let h = occupied(Keeper::default().options().mailbox(1)).await;
        // Polled in this order, so they come in this order; a newcomer does not pass them.
        join_all((0..20).map(|n| h.keep(n).tell())).await;
        h.keep(20).await.unwrap();
        assert_eq!(h.kept().await.unwrap(), (0..=20).collect::<Vec<_>>());
    });
}

#[test]
fn m5_a_newcomer_does_not_pass_who_waits() {
    run(async {
        let h = occupied(Keeper::default().options().mailbox(1)).await;
        h.keep(1).await.unwrap();
        let mut second = h.keep(2).tell();
        assert!(poll_once(&mut second).await.is_none());
        sleep(secs(1)).await;
        h.keep(3).await.unwrap();
        assert_eq!(h.kept().await.unwrap(), [1, 2, 3], "the second was let in without being polled again");
    });
}

#[test]
fn m5_a_dropped_wait_gives_its_place_to_the_next() {
    run(async {
        let h = occupied(Keeper::default().options().mailbox(1)).await;
        h.keep(1).await.unwrap();
        let (mut second, mut third) = (h.keep(2).tell(), h.keep(3).tell());
        assert!(poll_once(&mut second).await.is_none());
        assert!(poll_once(&mut third).await.is_none());
        assert_eq!(h.mailbox().waiting, 2);
        drop(second);
        assert_eq!(h.mailbox().waiting, 1);
        let (told, time) = timed(third).await;
        assert_eq!((told.is_ok(), time), (true, secs(1)));
        assert_eq!(h.kept().await.unwrap(), [1, 3]);
    });
}

#[test]
fn m5_who_waits_while_a_mailbox_closes_and_opens_is_not_forgotten() {
    run(async {
        let mut tree = Supervisor::one_for_one();
        let child = Child::new("keeper", Keeper::default).mailbox(1).restart(Restart::Transient);
        let h = tree.add(child);
        let app = tree.start().await.unwrap();
        drop(h.busy(ms(10)).enqueue().await.unwrap());
        settle().await;
        h.keep(1).await.unwrap();
        let mut waiting = h.keep(2).tell();
        assert!(poll_once(&mut waiting).await.is_none());
        // Not polled while the mailbox was closed, so it cannot have seen that.
        app.stop_child("keeper").await.unwrap();
        app.restart_child("keeper").await.unwrap();
        let (told, time) = timed(waiting.timeout(secs(60))).await;
        assert_eq!((told.is_ok(), time), (true, Duration::ZERO));
        h.keep(3).timeout(secs(60)).await.unwrap();
        assert_eq!(h.kept().await.unwrap(), [2, 3]);
    });
}

// ── M6

#[test]
fn m6_an_ask_dropped_before_its_handler_begins_is_skipped_and_reported() {
    let (log, _installed) = Log::install();
    run(async {
        let h = occupied(Keeper::default().options()).await;
        let mut ask = h.add(1, ms(1));
        assert!(poll_once(&mut ask).await.is_none());
        drop(ask);
        assert_eq!(h.kept().await, Ok(vec![]));
        assert_eq!(log.letters(h.id()), [("add", DeadReason::Abandoned)]);
    });
}

#[test]
fn m6_an_ask_past_its_deadline_is_skipped() {
    let (log, _installed) = Log::install();
    run(async {
        let h = occupied(Keeper::default().options()).await;
        let (late, time) = timed(h.add(1, ms(1)).timeout(ms(500))).await;
        assert_eq!((late, time), (Err(AskError::Timeout), ms(500)));
        assert_eq!(h.kept().await, Ok(vec![]));
        assert_eq!(log.letters(h.id()), [("add", DeadReason::Late)]);
    });
}

#[test]
fn m6_a_handler_that_has_begun_is_finished() {
    run(async {
        let h = Keeper::default().spawn();
        let mut ask = h.add(1, ms(10));
        assert!(poll_once(&mut ask).await.is_none());
        settle().await;
        drop(ask);
        assert_eq!(h.kept().await, Ok(vec![1]));
    });
}

#[test]
fn m6_what_was_enqueued_runs_though_its_reply_is_dropped() {
    run(async {
        let h = occupied(Keeper::default().options()).await;
        drop(h.add(1, ms(1)).enqueue().await.unwrap());
        drop(h.add(2, ms(1)).try_enqueue().unwrap());
        assert_eq!(h.kept().await, Ok(vec![1, 2]));
    });
}

#[test]
fn m6_what_was_enqueued_does_not_run_past_its_own_deadline() {
    run(async {
        let h = occupied(Keeper::default().options()).await;
        let (one, two) = (h.add(1, ms(1)).timeout(ms(500)), h.add(2, ms(1)).timeout(ms(1500)));
        let (one, two) = (one.enqueue().await.unwrap(), two.enqueue().await.unwrap());
        assert_eq!(timed(one).await, (Err(AskError::Timeout), ms(500)));
        assert_eq!(two.await, Ok(1));
        assert_eq!(h.kept().await, Ok(vec![2]));
    });
}

#[test]
fn m6_what_was_told_is_never_skipped() {
    run(async {
        let h = occupied(Keeper::default().options()).await;
        h.add(1, ms(1)).tell().await.unwrap();
        assert_eq!(h.kept().await, Ok(vec![1]));
    });
}

#[test]
fn m6_a_dropped_send_that_waited_has_sent_nothing() {
    let alive = Arc::new(AtomicIsize::new(0));
    run(async {
        let h = occupied(Keeper::default().options().mailbox(1)).await;
        h.keep(1).await.unwrap();
        let mut ask = h.swallow(Counted::new(&alive));
        let mut enqueue = h.add(2, ms(1)).enqueue();
        assert!(poll_once(&mut ask).await.is_none());
        assert!(poll_once(&mut enqueue).await.is_none());
        drop((ask, enqueue));
        assert_eq!((alive.load(Ordering::Relaxed), h.mailbox().waiting), (0, 0));
        assert_eq!(h.kept().await, Ok(vec![1]));
    });
}

// ── M12

#[test]
fn m12_urgent_messages_go_first_in_their_own_order() {
    run(async {
        let h = occupied(Keeper::default().options()).await;
        for n in 0..3 {
            h.keep(n).await.unwrap();
        }
        for n in 10..13 {
            h.keep(n).priority().await.unwrap();
        }
        assert_eq!(h.kept().await.unwrap(), [10, 11, 12, 0, 1, 2]);
    });
}

#[test]
fn m12_the_urgent_lane_has_a_capacity_of_its_own() {
    run(async {
        let h = occupied(Keeper::default().options().mailbox(2)).await;
        for n in 0..2 {
            h.keep(n).await.unwrap();
            h.keep(10 + n).priority().try_tell().unwrap();
        }
        assert!(matches!(h.keep(9).try_tell(), Err(TellError::Full(_))));
        assert!(matches!(h.keep(9).priority().try_tell(), Err(TellError::Full(_))));
        assert_eq!(h.kept().await.unwrap(), [10, 11, 0, 1]);
    });
}

#[test]
fn m12_a_flood_of_urgent_messages_lets_a_normal_one_through_within_its_bound() {
    run(async {
        let h = occupied(Keeper::default().options()).await;
        h.keep(1000).await.unwrap();
        for n in 0..40 {
            h.keep(n).priority().await.unwrap();
        }
        let kept = h.kept().priority().await.unwrap();
        let place = kept.iter().position(|n| *n == 1000);
        assert!(place.is_some_and(|place| (1..=16).contains(&place)), "the normal message came at {place:?}");
        let urgent: Vec<_> = kept.into_iter().filter(|n| *n != 1000).collect();
        assert_eq!(urgent, (0..40).collect::<Vec<_>>());
    });
}

// ── M13

#[test]
fn m13_what_a_stopped_actor_leaves_unhandled_is_reported_by_name() {
    let (log, _installed) = Log::install();
    run(async {
        let h = occupied(Keeper::default().options()).await;
        h.keep(1).await.unwrap();
        let ask = h.add(2, ms(1)).enqueue().await.unwrap();
        let report = h.shutdown(ms(100)).await;
        assert_eq!(ask.await, Err(AskError::Stopped(Exit::Killed)));
        assert_eq!((report.discarded, report.returned), (1, 1));
        assert_eq!(log.letters(h.id()), [("keep", DeadReason::Stopped), ("add", DeadReason::Stopped)]);
    });
}
