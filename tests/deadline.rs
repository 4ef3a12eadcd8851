//! A time limit travels: what a handler asks in turn has no longer than the message in its hand.

mod support;

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use actor_core::{
    Pending,
    prelude::*,
    rt::test::{now, run, sleep},
};
use futures_util::future::join;
use support::{Log, ms, secs, settle, timed};

type Answer = Result<u32, AskError>;

/// When each handler began to wait and how its wait ended, in milliseconds.
type Notes = Arc<Mutex<Vec<(&'static str, String, u64)>>>;

/// One of a chain: each asks the next.
struct Link {
    next: Option<LinkHandle>,
    notes: Notes,
    pending: Option<Pending<u32>>,
}

impl Link {
    fn chain(count: usize) -> (LinkHandle, Notes) {
        let notes = Notes::default();
        let mut next = None;
        for n in (0..count).rev() {
            let link = Link { next: next.take(), notes: Arc::clone(&notes), pending: None };
            next = Some(link.options().name(format!("link {n}")).spawn().unwrap());
        }
        (next.unwrap(), notes)
    }

    fn note(&self, what: &'static str, how: &Answer) {
        let how = how.as_ref().map_or_else(ToString::to_string, |_| "answered".to_owned());
        self.notes.lock().unwrap().push((what, how, now().as_nanos() / 1_000_000));
    }

    fn next(&self) -> LinkHandle {
        self.next.clone().unwrap()
    }
}

#[actor]
impl Link {
    pub async fn nap(&mut self, time: Duration) -> u32 {
        sleep(time).await;
        1
    }

    /// Asks the next in the chain to do the same, and the last one naps.
    #[ask(value)]
    pub async fn pass(&mut self, pause: Duration, nap: Duration) -> Answer {
        sleep(pause).await;
        let answer = if let Some(next) = &self.next {
            next.pass(pause, nap).await.unwrap_or_else(Err)
        } else {
            sleep(nap).await;
            Ok(1)
        };
        self.note("pass", &answer);
        answer
    }

    /// Asks the next to nap: with a limit of its own, without any, or saying nothing.
    #[ask(value)]
    #[expect(clippy::option_option, reason = "saying nothing, opting out and a limit are three things")]
    pub async fn ask(&mut self, pause: Duration, nap: Duration, own: Option<Option<Duration>>) -> Answer {
        sleep(pause).await;
        let next = self.next();
        let ask = match own {
            None => next.nap(nap),
            Some(None) => next.nap(nap).no_deadline(),
            Some(Some(limit)) => next.nap(nap).timeout(limit),
        };
        let answer = ask.await;
        self.note("ask", &answer);
        answer
    }

    /// Tells the next to ask.
    pub async fn tell(&mut self) -> bool {
        self.next().ask(ms(1), ms(50), None).tell().await.is_ok()
    }

    /// Lets somebody else ask.
    pub fn hand_over(&mut self, nap: Duration, reply: Reply<u32>) {
        let next = self.next();
        elsewhere::spawn(async move {
            let answer = next.nap(nap).await;
            reply.send(answer.unwrap_or(0));
        });
    }

    /// Enqueues, and keeps what it awaits for later.
    pub async fn begin(&mut self, nap: Duration) -> bool {
        self.pending = self.next().nap(nap).enqueue().await.ok();
        self.pending.is_some()
    }

    #[ask(value)]
    pub async fn finish(&mut self) -> Answer {
        self.pending.take().unwrap().await
    }

    /// Answers through the next.
    pub fn hand_on(&mut self, nap: Duration, reply: Reply<Answer>) {
        self.next().ask(ms(1), nap, None).forward(reply);
    }

    /// Asks when the time is over.
    #[ask(value)]
    pub async fn ask_late(&mut self, pause: Duration) -> [Answer; 2] {
        sleep(pause).await;
        let next = self.next();
        let asked = next.nap(ms(1)).await;
        let enqueued = next.nap(ms(1)).try_enqueue().map(|_| 0);
        self.note("late", &asked);
        self.note("late", &enqueued);
        [asked, enqueued]
    }

    pub async fn crash(&mut self, pause: Duration) -> u32 {
        sleep(pause).await;
        panic!("crash")
    }

    #[on_stop]
    async fn end(&mut self) {
        if let Some(next) = &self.next {
            let answer = next.nap(ms(80)).await;
            self.note("on_stop", &answer);
        }
    }
}

/// Work that is done elsewhere.
mod elsewhere {
    use std::future::Future;

    use actor_core::prelude::*;

    struct Nurse<F>(Option<F>);

    #[actor]
    impl<F: Future<Output = ()> + Send + 'static> Nurse<F> {
        #[tell]
        pub async fn run(&mut self) {
            if let Some(work) = self.0.take() {
                work.await;
            }
        }
    }

    pub fn spawn<F: Future<Output = ()> + Send + 'static>(work: F) {
        let nurse = Nurse(Some(work)).spawn();
        nurse.run().try_tell().unwrap();
    }
}

#[test]
fn m7_a_chain_of_asks_ends_at_the_moment_of_the_first_ones_deadline() {
    run(async {
        let (first, notes) = Link::chain(4);
        let (answer, time) = timed(first.pass(ms(5), secs(9)).timeout(ms(50))).await;
        assert_eq!((answer, time), (Err(AskError::Timeout), ms(50)));
        settle().await;
        // The last one naps, which nothing ends; the three before it gave up when the first caller did.
        let timeout = AskError::<u32>::Timeout.to_string();
        assert_eq!(*notes.lock().unwrap(), vec![("pass", timeout, 50); 3]);
    });
}

#[test]
fn m7_the_earlier_of_both_limits_counts_and_one_can_opt_out() {
    run(async {
        let (first, notes) = Link::chain(2);
        let timeout = AskError::<u32>::Timeout.to_string();
        let answered = "answered".to_owned();
        // Limit of the caller, of the ask itself, length of the nap: when the inner ask ends, and how.
        let table = [
            (Some(50), None, 20, (&answered, 30)),
            (Some(50), None, 90, (&timeout, 50)),
            (Some(50), Some(Some(ms(20))), 90, (&timeout, 30)),
            (Some(50), Some(Some(ms(90))), 90, (&timeout, 50)),
            (Some(50), Some(None), 70, (&answered, 80)),
            (None, Some(Some(ms(20))), 90, (&timeout, 30)),
            (None, None, 90, (&answered, 100)),
        ];
        for (limit, own, nap, (how, when)) in table {
            let start = now();
            let ask = first.ask(ms(10), ms(nap), own);
            let _ = if let Some(limit) = limit { ask.timeout(ms(limit)).await } else { ask.await };
            // Until both are idle again.
            sleep(ms(200)).await;
            let [(_, found, at)] = <[_; 1]>::try_from(std::mem::take(&mut *notes.lock().unwrap())).unwrap();
            let at = at - start.as_nanos() / 1_000_000;
            assert_eq!((&found, at), (how, when), "{limit:?}, {own:?}, {nap}");
        }
    });
}

#[test]
fn m7_a_limit_of_the_actors_type_is_inherited_as_well() {
    #[actor(ask_timeout = "30ms")]
    struct Hasty(LinkHandle, Notes);
    #[actor]
    impl Hasty {
        pub async fn ask(&mut self) -> u32 {
            let answer = self.0.nap(ms(90)).await;
            let how = answer.as_ref().map_or_else(ToString::to_string, |_| "answered".to_owned());
            self.1.lock().unwrap().push(("hasty", how, now().as_nanos() / 1_000_000));
            1
        }
    }
    run(async {
        let (link, notes) = Link::chain(1);
        let hasty = Hasty(link, Arc::clone(&notes)).spawn();
        assert_eq!(timed(hasty.ask()).await, (Err(AskError::Timeout), ms(30)));
        settle().await;
        sleep(ms(100)).await;
        assert_eq!(hasty.ask().no_deadline().await, Ok(1));
        let timeout = AskError::<u32>::Timeout.to_string();
        assert_eq!(*notes.lock().unwrap(), [("hasty", timeout, 30), ("hasty", "answered".to_owned(), 220)]);
    });
}

#[test]
fn m7_an_ask_after_the_deadline_ends_at_once_and_sends_nothing() {
    run(async {
        let (log, _installed) = Log::install();
        let (first, notes) = Link::chain(2);
        assert_eq!(first.ask_late(ms(60)).timeout(ms(50)).await, Err(AskError::Timeout));
        sleep(ms(20)).await;
        let timeout = AskError::<u32>::Timeout.to_string();
        assert_eq!(*notes.lock().unwrap(), vec![("late", timeout, 60); 2]);
        let report = first.shutdown(secs(1)).await;
        assert_eq!(report.exit, Exit::Stopped);
        assert_eq!(log.letters(first.id()), []);
    });
}

#[test]
fn m7_messages_without_a_deadline_inherit_nothing_from_those_before_them() {
    run(async {
        let (first, notes) = Link::chain(2);
        let limited = first.ask(ms(5), ms(90), None).timeout(ms(20)).enqueue().await.unwrap();
        let unlimited = first.ask(ms(5), ms(90), None).enqueue().await.unwrap();
        first.ask(ms(5), ms(90), None).tell().await.unwrap();
        assert_eq!((limited.await, unlimited.await), (Err(AskError::Timeout), Ok(Ok(1))));
        sleep(secs(1)).await;
        let hows: Vec<_> = notes.lock().unwrap().iter().map(|(_, how, _)| how.clone()).collect();
        assert_eq!(hows, [&AskError::<u32>::Timeout.to_string(), "answered", "answered"]);
        // Nor is it found by what runs when the handler has ended.
        let limited = first.nap(ms(5)).timeout(ms(20)).await;
        assert_eq!(limited, Ok(1));
        let _ = first.ask(ms(5), ms(90), None).timeout(ms(20)).await;
        first.stop().await;
        assert_eq!(
            notes.lock().unwrap().last().map(|(what, how, _)| (*what, how.as_str())),
            Some(("on_stop", "answered"))
        );
    });
}

#[test]
fn m7_tells_and_what_is_done_elsewhere_carry_no_deadline() {
    run(async {
        let (first, notes) = Link::chain(3);
        // A tell made within the time does not pass it on: the next one asks without a limit.
        assert_eq!(first.tell().timeout(ms(20)).await, Ok(true));
        sleep(secs(1)).await;
        assert_eq!(notes.lock().unwrap()[..], [("ask", "answered".to_owned(), 51)]);
        // Nor does what was given to somebody else to do.
        let (answer, time) = timed(first.hand_over(ms(50)).timeout(ms(20))).await;
        assert_eq!((answer, time), (Err(AskError::Timeout), ms(20)));
        let kept = first.hand_over(ms(50)).no_deadline().await;
        assert_eq!(kept, Ok(1));
    });
}

#[test]
fn m7_a_pending_reply_has_the_limit_of_the_handler_that_made_it() {
    run(async {
        let (first, _) = Link::chain(2);
        assert_eq!(first.begin(ms(90)).timeout(ms(20)).await, Ok(true));
        assert_eq!(timed(first.finish()).await, (Ok(Err(AskError::Timeout)), ms(20)));
        sleep(ms(100)).await;
        assert_eq!(first.begin(ms(90)).await, Ok(true));
        assert_eq!(timed(first.finish()).await, (Ok(Ok(1)), ms(90)));
    });
}

#[test]
fn m7_a_forwarded_message_keeps_the_deadline_of_its_caller() {
    run(async {
        let (first, notes) = Link::chain(3);
        let answer = first.hand_on(ms(90)).timeout(ms(30)).await;
        assert_eq!(answer, Err(AskError::Timeout));
        settle().await;
        assert_eq!(notes.lock().unwrap()[..], [("ask", AskError::<u32>::Timeout.to_string(), 30)]);
    });
}

#[test]
fn m7_the_next_incarnation_has_no_deadline() {
    run(async {
        for kill in [false, true] {
            let (next, notes) = Link::chain(1);
            let mut tree = Supervisor::one_for_one();
            let made = Arc::clone(&notes);
            let link = move || Link { next: Some(next.clone()), notes: Arc::clone(&made), pending: None };
            let link = tree.child("link", link);
            let _app = tree.start().await.unwrap();
            let crash = link.crash(if kill { secs(9) } else { ms(5) }).timeout(ms(20));
            let end = async {
                sleep(ms(5)).await;
                if kill {
                    link.kill().await;
                }
            };
            let (crash, ()) = join(crash, end).await;
            assert!(matches!(crash, Err(AskError::Panicked(_) | AskError::Killed)), "{crash:?}");
            // Its `on_stop` had none either.
            assert_eq!(link.ask(ms(1), ms(90), None).await, Ok(Ok(1)));
            let ends: Vec<_> = notes.lock().unwrap().iter().map(|(what, how, _)| (*what, how.clone())).collect();
            let mut expected = vec![("on_stop", "answered".to_owned()), ("ask", "answered".to_owned())];
            expected.drain(..usize::from(kill));
            assert_eq!(ends, expected);
        }
    });
}
