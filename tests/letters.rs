//! Dead letters: what an actor leaves unhandled is reported once and counted, each for its reason.

mod support;

use actor_core::{
    DeadLetterCounts, Options, Overflow,
    observe::DeadReason,
    prelude::*,
    rt::test::{run, sleep},
};
use support::{Log, ms, poll_once, secs, settle};

#[derive(Default)]
struct Desk;

#[actor(mailbox = 2)]
impl Desk {
    pub async fn busy(&mut self, seconds: u64) {
        sleep(secs(seconds)).await;
    }

    pub fn sum(&self, a: u32, b: u32) -> u32 {
        a + b
    }

    pub fn later(&self, reply: Reply<u32>) {
        reply.send(1);
    }

    #[tell]
    pub fn note(&mut self) {}

    pub fn crash(&self) {
        panic!("on demand")
    }
}

/// A desk that is in a handler for a second.
async fn occupied(options: Options<Desk>) -> DeskHandle {
    let h = options.spawn().unwrap();
    occupy(&h).await;
    h
}

async fn occupy(h: &DeskHandle) {
    drop(h.busy(1).enqueue().await.unwrap());
    settle().await;
}

/// Stopped, overflow, abandoned, late.
fn counts(h: &DeskHandle) -> [u64; 4] {
    let DeadLetterCounts { stopped, overflow, abandoned, late, .. } = h.dead_letters();
    assert_eq!(h.dead_letters().total(), stopped + overflow + abandoned + late);
    [stopped, overflow, abandoned, late]
}

#[test]
fn m13_what_is_handled_is_no_dead_letter() {
    let (log, _installed) = Log::install();
    run(async {
        let h = Desk.spawn();
        assert_eq!((h.sum(1, 2).await, h.later().timeout(secs(1)).await), (Ok(3), Ok(1)));
        h.note().await.unwrap();
        drop(h.later().enqueue().await.unwrap());
        // Begun, and then left: its handler is finished.
        let mut left = h.busy(1);
        assert!(poll_once(&mut left).await.is_none());
        settle().await;
        drop(left);
        assert_eq!(h.busy(1).timeout(ms(1500)).await, Err(AskError::Timeout), "begun in time");
        h.stop().await;
        assert_eq!((log.letters(h.id()), h.dead_letters()), (vec![], DeadLetterCounts::default()));
    });
}

#[test]
fn m13_an_ask_whose_caller_left_is_abandoned() {
    let (log, _installed) = Log::install();
    run(async {
        let h = occupied(Desk.options()).await;
        let (mut sum, mut later) = (h.sum(1, 2), h.later());
        assert!(poll_once(&mut sum).await.is_none() && poll_once(&mut later).await.is_none());
        drop((sum, later));
        assert_eq!(counts(&h), [0; 4], "not yet: the actor has not come to them");
        sleep(secs(2)).await;
        assert_eq!(log.letters(h.id()), [("sum", DeadReason::Abandoned), ("later", DeadReason::Abandoned)]);
        assert_eq!(counts(&h), [0, 0, 2, 0]);
    });
}

#[test]
fn m13_an_ask_whose_time_is_up_is_late_and_not_abandoned() {
    let (log, _installed) = Log::install();
    run(async {
        let h = occupied(Desk.options()).await;
        // By the caller's clock; then by the actor's, while nobody polls the caller.
        assert_eq!(h.sum(1, 2).timeout(ms(500)).await, Err(AskError::Timeout));
        let mut unpolled = h.later().timeout(ms(400));
        assert!(poll_once(&mut unpolled).await.is_none());
        sleep(secs(2)).await;
        assert_eq!(log.letters(h.id()), [("sum", DeadReason::Late), ("later", DeadReason::Late)]);
        assert_eq!((unpolled.await, counts(&h)), (Err(AskError::Timeout), [0, 0, 0, 2]));

        // A caller that leaves before its time is up has left, whatever the time is when the actor finds out.
        occupy(&h).await;
        let mut left = h.sum(1, 2).timeout(ms(500));
        assert!(poll_once(&mut left).await.is_none());
        drop(left);
        sleep(secs(2)).await;
        assert_eq!(counts(&h), [0, 0, 1, 2]);
    });
}

#[test]
fn m13_an_enqueued_message_is_never_abandoned_and_late_past_its_own_time() {
    let (log, _installed) = Log::install();
    run(async {
        let h = occupied(Desk.options()).await;
        drop(h.sum(1, 2).enqueue().await.unwrap());
        drop(h.later().timeout(ms(100)).enqueue().await.unwrap());
        sleep(secs(2)).await;
        assert_eq!((log.letters(h.id()), counts(&h)), (vec![("later", DeadReason::Late)], [0, 0, 0, 1]));
    });
}

#[test]
fn m13_what_the_overflow_policy_drops_is_overflow() {
    let (log, _installed) = Log::install();
    run(async {
        for overflow in [Overflow::DropNewest, Overflow::DropOldest] {
            let h = occupied(Desk.options().overflow(overflow)).await;
            let asked = h.sum(1, 2).enqueue().await.unwrap();
            h.note().await.unwrap();
            h.note().await.unwrap();
            let dropped = if overflow == Overflow::DropOldest { "sum" } else { "note" };
            assert_eq!(log.letters(h.id()), [(dropped, DeadReason::Overflow)]);
            assert_eq!((asked.await.is_err(), counts(&h)), (dropped == "sum", [0, 1, 0, 0]));
        }
        // What is refused was not accepted: its sender has it back.
        let h = occupied(Desk.options().overflow(Overflow::Reject)).await;
        for _ in 0..3 {
            let _ = h.note().await;
        }
        assert_eq!((log.letters(h.id()), counts(&h)), (vec![], [0; 4]));
    });
}

#[test]
fn m13_what_a_stop_gives_back_is_stopped() {
    let (log, _installed) = Log::install();
    run(async {
        let h = occupied(Desk.options()).await;
        let asked = h.sum(1, 2).enqueue().await.unwrap();
        h.note().await.unwrap();
        h.stop_now().await;
        assert_eq!(asked.await, Err(AskError::Stopped(Exit::Stopped)));
        assert_eq!(log.letters(h.id()), [("sum", DeadReason::Stopped), ("note", DeadReason::Stopped)]);
        assert_eq!(counts(&h), [2, 0, 0, 0]);
        assert!(h.note().await.is_err());
        assert_eq!(counts(&h), [2, 0, 0, 0], "refused, not accepted");
    });
}

#[test]
fn m13_the_counts_go_on_through_restarts() {
    run(async {
        let mut tree = Supervisor::one_for_one();
        let h = tree.add(Child::new("desk", || Desk).on_restart(Queue::Return));
        let app = tree.start().await.unwrap();
        for lives in 1..=3 {
            occupy(&h).await;
            drop(h.crash().enqueue().await.unwrap());
            h.note().await.unwrap();
            sleep(secs(2)).await;
            assert_eq!(counts(&h), [lives, 0, 0, 0]);
        }
        app.stop().await;
        assert_eq!(h.dead_letters().total(), 3);
    });
}
