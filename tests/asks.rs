//! Asks: each ends, with its own reply or a typed error; deferred replies; an actor that would wait for itself.

mod support;

use std::time::Duration;

use actor_core::{
    ActorRef,
    prelude::*,
    rt::test::{blocking, now, run, sleep},
};
use futures_util::future::{join, join_all, select};
use support::{ms, poll_once, secs, settle, timed};

#[derive(Debug, PartialEq)]
struct Refused;

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("refused")
    }
}

/// Answers in every way there is, or does not.
#[derive(Default)]
struct Clerk {
    desk: Vec<Reply<u32>>,
    file: Option<ClerkHandle>,
}

#[actor]
impl Clerk {
    pub async fn answer(&mut self, n: u32, time: Duration) -> u32 {
        sleep(time).await;
        n
    }

    pub fn decide(&mut self, yes: bool) -> Result<u32, Refused> {
        if yes { Ok(1) } else { Err(Refused) }
    }

    pub fn crash(&mut self) -> u32 {
        panic!("out of ink")
    }

    /// Answered by `settle` or when the desk is cleared.
    pub fn later(&mut self, reply: Reply<u32>) {
        self.desk.push(reply);
    }

    pub fn settle(&mut self, n: u32) {
        self.desk.drain(..).for_each(|reply| reply.send(n));
    }

    pub fn clear(&mut self) {
        self.desk.clear();
    }

    pub fn take_desk(&mut self) -> Vec<Reply<u32>> {
        std::mem::take(&mut self.desk)
    }

    pub fn forget(&mut self, reply: Reply<u32>) {
        drop(reply);
    }

    /// Holds the reply while its handler runs.
    pub async fn hold(&mut self, reply: Reply<u32>, time: Duration) {
        sleep(time).await;
        reply.send(1);
    }

    // ── waiting for itself

    pub async fn ask_self(&mut self, cx: &mut Context<Self>) -> Result<u32, AskError> {
        cx.handle().answer(1, Duration::ZERO).await
    }

    pub async fn tell_self(&mut self, cx: &mut Context<Self>, times: u32) -> Vec<String> {
        let me = cx.handle();
        let mut errors = Vec::new();
        for n in 0..times {
            errors.extend(me.answer(n, Duration::ZERO).tell().await.err().map(|error| error.to_string()));
        }
        errors
    }

    pub async fn enqueue_self(&mut self, cx: &mut Context<Self>) -> bool {
        let pending = cx.handle().answer(7, Duration::ZERO).enqueue().await;
        pending.is_ok()
    }

    pub async fn ask_file(&mut self) -> Result<u32, AskError> {
        match &self.file {
            Some(file) => file.answer(3, ms(5)).await,
            None => Ok(0),
        }
    }
}

#[actor(ask_timeout = "50ms")]
struct Slow;

#[actor]
impl Slow {
    pub async fn work(&self, time: Duration) -> bool {
        sleep(time).await;
        true
    }
}

// ── M8

#[test]
fn m8_a_reply_and_the_handlers_own_error_come_back() {
    run(async {
        let h = Clerk::default().spawn();
        assert_eq!(h.answer(7, ms(1)).await, Ok(7));
        assert_eq!(h.decide(true).await, Ok(1));
        assert_eq!(h.decide(false).await, Err(AskError::Handler(Refused)));
        assert!(h.is_alive(), "an error that somebody waits for is his alone");
    });
}

#[test]
fn m8_a_panic_ends_its_own_ask_as_panicked_and_the_queued_ones_as_stopped() {
    run(async {
        let h = Clerk::default().spawn();
        let crash = h.crash().enqueue().await.unwrap();
        let queued = join_all((0..3).map(|n| h.answer(n, ms(1))));
        let (crash, queued) = join(crash, queued).await;
        let Err(AskError::Panicked(panic)) = crash else { panic!("{crash:?}") };
        assert_eq!((panic.text(), panic.during()), ("out of ink", "crash"));
        assert_eq!(panic.actor().map(ActorRef::id), Some(h.id()));
        for answer in queued {
            assert_eq!(answer, Err(AskError::Stopped(Exit::Panicked(panic.clone()))));
        }
        assert_eq!(h.stopped().await, Exit::Panicked(panic));
    });
}

#[test]
fn m8_a_kill_ends_its_ask_as_killed_and_the_queued_ones_as_stopped() {
    run(async {
        let h = Clerk::default().spawn();
        let (running, queued) =
            (h.answer(1, secs(9)).enqueue().await.unwrap(), h.answer(2, ms(1)).enqueue().await.unwrap());
        settle().await;
        assert_eq!(h.kill().await, Exit::Killed);
        assert_eq!((running.await, queued.await), (Err(AskError::Killed), Err(AskError::Stopped(Exit::Killed))));
        assert_eq!(now().as_nanos(), 0);
    });
}

#[test]
fn m8_an_ask_of_a_dead_actor_ends_at_once_with_its_exit() {
    run(async {
        let h = Clerk::default().spawn();
        h.kill().await;
        assert_eq!(timed(h.answer(1, ms(1))).await, (Err(AskError::Stopped(Exit::Killed)), Duration::ZERO));
        assert_eq!(h.answer(1, ms(1)).try_enqueue().err(), Some(AskError::Stopped(Exit::Killed)));
    });
}

#[test]
fn m8_asks_that_wait_for_room_end_when_the_actor_does() {
    run(async {
        let h = Clerk::default().options().mailbox(1).spawn().unwrap();
        let asks = join_all((0..5).map(|n| h.answer(n, secs(9))));
        let kill = async {
            settle().await;
            h.kill().await
        };
        let (answers, _) = join(asks, kill).await;
        assert_eq!(answers[0], Err(AskError::Killed));
        for answer in &answers[1..] {
            assert!(matches!(answer, Err(AskError::Stopped(_))), "{answer:?}");
        }
        assert_eq!(now().as_nanos(), 0);
    });
}

#[test]
fn m8_an_ask_ends_when_the_runtime_does() {
    let (h, pending) = run(async {
        let h = Clerk::default().spawn();
        let pending = h.answer(1, secs(9)).enqueue().await.unwrap();
        settle().await;
        (h, pending)
    });
    run(async {
        assert_eq!(pending.await, Err(AskError::Stopped(Exit::Lost)));
        assert_eq!(h.stopped().await, Exit::Lost);
    });
}

#[test]
fn m8_there_is_no_time_limit_unless_one_is_set() {
    run(async {
        let h = Clerk::default().spawn();
        let day = secs(24 * 3600);
        assert_eq!(timed(h.answer(1, day)).await, (Ok(1), day));
        assert_eq!(timed(h.answer(1, day).timeout(ms(20))).await, (Err(AskError::Timeout), ms(20)));
    });
}

#[test]
fn m8_the_actors_own_time_limit_is_the_default_and_can_be_changed_at_the_call() {
    run(async {
        let h = Slow.spawn();
        assert_eq!(timed(h.work(secs(1))).await, (Err(AskError::Timeout), ms(50)));
        h.kill().await;
        let h = Slow.spawn();
        assert_eq!(h.work(ms(49)).await, Ok(true));
        assert_eq!(h.work(secs(1)).no_deadline().await, Ok(true));
        assert_eq!(h.work(ms(80)).timeout(ms(90)).await, Ok(true));
        assert_eq!(timed(h.work(secs(1)).enqueue().await.unwrap()).await, (Err(AskError::Timeout), ms(50)));
    });
}

#[test]
fn m8_a_thread_outside_any_runtime_asks_by_blocking() {
    run(async {
        let h = Clerk::default().spawn();
        let asked = h.clone();
        assert_eq!(blocking(move || asked.decide(true).blocking()).await, Ok(1));
        let told = h.clone();
        assert!(blocking(move || told.decide(true).tell().blocking()).await.is_ok());
        h.kill().await;
        let asked = h.clone();
        let refused = blocking(move || asked.decide(true).blocking()).await;
        assert_eq!(refused, Err(AskError::Stopped(Exit::Killed)));
    });
}

#[test]
fn m8_a_message_past_its_deadline_ends_with_timeout_whichever_clock_sees_it_first() {
    run(async {
        let h = Clerk::default().spawn();
        // The handler before it ends at the very moment of the deadline.
        let _first = h.answer(1, ms(5)).enqueue().await.unwrap();
        assert_eq!(h.answer(2, ms(1)).timeout(ms(5)).await, Err(AskError::Timeout));
        let _first = h.answer(3, ms(5)).enqueue().await.unwrap();
        let late = h.answer(4, ms(1)).timeout(ms(5)).enqueue().await.unwrap();
        assert_eq!(late.await, Err(AskError::Timeout));
    });
}

// ── M9

#[test]
fn m9_no_caller_sees_the_reply_to_another_ask() {
    run(async {
        let h = Clerk::default().spawn();
        // Odd ones leave before their reply comes; what they would have got must reach nobody.
        for n in 0..200 {
            if n % 2 == 1 {
                assert_eq!(h.answer(n, ms(2)).timeout(ms(1)).await, Err(AskError::Timeout));
            } else {
                assert_eq!(h.answer(n, ms(2)).await, Ok(n));
            }
        }
    });
}

#[test]
fn m9_a_late_deferred_reply_is_dropped() {
    run(async {
        let h = Clerk::default().spawn();
        assert_eq!(h.later().timeout(ms(1)).await, Err(AskError::Timeout));
        let desk = h.take_desk().await.unwrap();
        assert_eq!(desk.len(), 1);
        assert!(!desk[0].is_wanted());
        for reply in desk {
            reply.send(1);
        }
        assert_eq!(h.answer(2, ms(1)).await, Ok(2));
    });
}

// ── M10

#[test]
fn m10_a_deferred_reply_is_sent_later_from_anywhere() {
    run(async {
        let h = Clerk::default().spawn();
        let (one, two) = (h.later().enqueue().await.unwrap(), h.later().enqueue().await.unwrap());
        assert_eq!(h.answer(9, ms(1)).await, Ok(9), "meanwhile the actor serves others");
        h.settle(4).await.unwrap();
        assert_eq!((one.await, two.await), (Ok(4), Ok(4)));

        let three = h.later().enqueue().await.unwrap();
        let desk = h.take_desk().await.unwrap();
        blocking(move || desk.into_iter().for_each(|reply| reply.send(5))).await;
        assert_eq!(three.await, Ok(5));
    });
}

#[test]
fn m10_a_reply_dropped_unanswered_fails_its_caller_with_no_reply() {
    run(async {
        let h = Clerk::default().spawn();
        assert_eq!(h.forget().await, Err(AskError::NoReply));
        let (later, ()) = join(h.later(), async { h.clear().await.unwrap() }).await;
        assert_eq!(later, Err(AskError::NoReply));
    });
}

#[test]
fn m10_a_reply_dropped_with_its_actor_fails_its_caller_with_the_exit() {
    run(async {
        let h = Clerk::default().spawn();
        let kept = h.later().enqueue().await.unwrap();
        settle().await;
        h.stop().await;
        assert_eq!(kept.await, Err(AskError::Stopped(Exit::Stopped)));

        let h = Clerk::default().spawn();
        let kept = h.later().enqueue().await.unwrap();
        assert!(matches!(h.crash().await, Err(AskError::Panicked(_))));
        assert!(matches!(kept.await, Err(AskError::Stopped(Exit::Panicked(_)))));

        let h = Clerk::default().spawn();
        let held = h.hold(secs(9)).enqueue().await.unwrap();
        settle().await;
        h.kill().await;
        assert_eq!(held.await, Err(AskError::Killed), "its handler was running");
    });
}

// ── M11, so far as an actor's own mailbox goes

#[test]
fn m11_an_ask_to_oneself_is_a_deadlock_at_once_and_names_the_actor() {
    run(async {
        let h = Clerk::default().options().name("clerk").spawn().unwrap();
        let (answer, time) = timed(h.ask_self()).await;
        let Err(AskError::Handler(AskError::Deadlock(cycle))) = answer else { panic!("{answer:?}") };
        assert_eq!(cycle.path().iter().map(ActorRef::id).collect::<Vec<_>>(), [h.id()]);
        assert_eq!(cycle.to_string(), format!("deadlock: `clerk{0}` waits for `clerk{0}`", h.id()));
        assert_eq!((time, h.is_alive()), (Duration::ZERO, true));
    });
}

#[test]
fn m11_waiting_for_room_in_ones_own_mailbox_is_a_deadlock() {
    run(async {
        let h = Clerk::default().options().mailbox(2).spawn().unwrap();
        let errors = h.tell_self(3).await.unwrap();
        assert_eq!(errors.len(), 1, "two have room");
        assert!(errors[0].contains("deadlock"), "{errors:?}");
    });
}

#[test]
fn m11_what_can_be_served_later_is_no_deadlock() {
    run(async {
        let h = Clerk::default().spawn();
        assert_eq!(h.tell_self(10).await, Ok(vec![]));
        assert_eq!(h.enqueue_self().await, Ok(true));
        let file = Clerk::default().spawn();
        let h = Clerk { file: Some(file), ..Clerk::default() }.spawn();
        assert_eq!(h.ask_file().await, Ok(3), "another actor answers");
    });
}

#[test]
fn asks_join_and_race_as_futures_do() {
    run(async {
        let h = Clerk::default().spawn();
        let (a, b) = join(h.answer(1, ms(1)), h.answer(2, ms(1))).await;
        assert_eq!((a, b), (Ok(1), Ok(2)));
        let raced = select(h.answer(3, secs(1)), h.answer(4, secs(1))).await.factor_first().0;
        assert_eq!(raced, Ok(3));
        let mut unpolled = h.answer(5, ms(1));
        assert_eq!(h.mailbox().len, 0, "an ask does nothing until it is polled");
        assert!(poll_once(&mut unpolled).await.is_none());
    });
}
