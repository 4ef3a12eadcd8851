//! An actor that never awaits runs in a loop of its own (`run/plain.rs`). Here every promise that this loop could break
//! is held against it, and the same test against the loop of an actor that may await: they behave alike.

mod support;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicIsize, AtomicU32, Ordering},
};

use actor_core::{
    observe::DeadReason,
    prelude::*,
    rt::test::{TestRuntime, run, sleep},
};
use futures_util::future::join_all;
use support::{Counted, Journal, Log, ms, secs, settle};

type Job = Box<dyn FnOnce() + Send>;

/// What both kinds of the subject are made of.
#[derive(Default)]
struct State {
    journal: Journal,
    /// Answered by nobody.
    replies: Vec<Reply<u32>>,
    incarnation: u32,
    bomb: bool,
}

impl State {
    fn new(journal: &Journal, incarnation: u32) -> Self {
        let mut state = State::default();
        state.journal = journal.clone();
        state.incarnation = incarnation;
        state
    }
}

impl Drop for State {
    fn drop(&mut self) {
        self.journal.note("dropped");
        assert!(!std::mem::take(&mut self.bomb), "a bomb in the state");
    }
}

/// The last lines but those of a drop.
fn notes(journal: &Journal) -> Vec<String> {
    journal.lines().into_iter().filter(|line| line != "dropped").collect()
}

fn drops(journal: &Journal) -> usize {
    journal.lines().iter().filter(|line| *line == "dropped").count()
}

fn numbers(numbers: impl IntoIterator<Item = u32>) -> Vec<String> {
    numbers.into_iter().map(|n| n.to_string()).collect()
}

/// A subject of one kind and all tests of it; `$more` makes the difference between the kinds.
macro_rules! tests_of {
    ($kind:ident { $($more:item)* }) => {
        mod $kind {
            use super::*;

            #[derive(Default)]
            struct Subject(State);

            #[actor(mailbox = 100)]
            impl Subject {
                #[tell]
                pub fn note(&mut self, n: u32) {
                    self.0.journal.note(n.to_string());
                }

                /// Notes which incarnation it is as well.
                #[tell]
                pub fn sign(&mut self, n: u32) {
                    self.0.journal.note(format!("{}/{n}", self.0.incarnation));
                }

                pub fn get(&mut self, n: u32) -> u32 {
                    self.0.journal.note(n.to_string());
                    n
                }

                pub fn keep(&mut self, reply: Reply<u32>) {
                    self.0.replies.push(reply);
                }

                pub fn crash(&mut self) -> u32 {
                    panic!("as asked")
                }

                #[tell]
                pub fn run(&mut self, job: Job) {
                    job();
                }

                #[tell]
                pub fn arm(&mut self) {
                    self.0.bomb = true;
                }

                #[tell]
                pub fn end(&mut self, cx: &mut Context<Self>) {
                    cx.stop();
                }

                #[tell]
                pub fn swallow(&mut self, item: Counted) {
                    drop(item);
                }

                pub fn journal(&self) -> Vec<String> {
                    notes(&self.0.journal)
                }

                $($more)*
            }

            fn with(journal: &Journal) -> Subject {
                Subject(State::new(journal, 1))
            }

            /// Incarnations of a child, which note in one journal.
            fn child(tree: &mut Supervisor, journal: &Journal) -> SubjectHandle {
                let (journal, births) = (journal.clone(), AtomicU32::new(0));
                tree.child("subject", move || {
                    let incarnation = births.fetch_add(1, Ordering::Relaxed) + 1;
                    Subject(State::new(&journal, incarnation))
                })
            }

            #[test]
            fn s2_a_stop_before_the_first_turn_handles_what_was_accepted() {
                for sent in [0, 1, 2, 3, 70] {
                    run(async {
                        let journal = Journal::default();
                        let h = with(&journal).spawn();
                        for n in 0..sent {
                            h.note(n).try_tell().unwrap();
                        }
                        let exit = h.stop();
                        assert!(h.note(99).try_tell().is_err());
                        assert_eq!(exit.await, Exit::Stopped);
                        assert_eq!(notes(&journal), numbers(0..sent));
                    });
                }
            }

            #[test]
            fn s2_a_child_that_is_asked_to_stop_before_its_first_turn_handles_what_it_has_accepted() {
                for sent in [0, 1, 2, 3, 70] {
                    run(async {
                        let journal = Journal::default();
                        let slot = Arc::new(Mutex::new(None::<SubjectHandle>));
                        let (births, theirs, own) = (AtomicU32::new(0), journal.clone(), Arc::clone(&slot));
                        let mut tree = Supervisor::one_for_one();
                        let h = tree.child("subject", move || {
                            let incarnation = births.fetch_add(1, Ordering::Relaxed) + 1;
                            let (journal, h) = (theirs.clone(), own.lock().unwrap().clone());
                            async move {
                                if incarnation == 1 {
                                    drop(h.unwrap().stop());
                                }
                                Subject(State::new(&journal, incarnation))
                            }
                        });
                        *slot.lock().unwrap() = Some(h.clone());
                        for n in 0..sent {
                            h.sign(n).try_tell().unwrap();
                        }
                        let app = tree.start().await.unwrap();
                        settle().await;
                        for n in sent..sent + 3 {
                            h.sign(n).await.unwrap();
                        }
                        settle().await;
                        app.stop().await;
                        let first = (0..sent).map(|n| format!("1/{n}"));
                        let second = (sent..sent + 3).map(|n| format!("2/{n}"));
                        assert_eq!(notes(&journal), first.chain(second).collect::<Vec<_>>());
                    });
                }
            }

            #[test]
            fn s2_stop_now_before_the_first_turn_returns_what_was_accepted() {
                let (log, _installed) = Log::install();
                run(async {
                    let journal = Journal::default();
                    let h = with(&journal).spawn();
                    h.note(1).try_tell().unwrap();
                    let ask = h.get(2).try_enqueue().unwrap();
                    assert_eq!(h.stop_now().await, Exit::Stopped);
                    assert_eq!(ask.await, Err(AskError::Stopped(Exit::Stopped)));
                    assert_eq!(journal.lines(), ["dropped"]);
                    assert_eq!(log.letters(h.id()), [("note", DeadReason::Stopped), ("get", DeadReason::Stopped)]);
                });
            }

            #[test]
            fn s2_a_kill_before_the_first_turn_handles_nothing_and_drops_the_state() {
                run(async {
                    let journal = Journal::default();
                    let h = with(&journal).spawn();
                    let ask = h.get(1).try_enqueue().unwrap();
                    assert_eq!(h.kill().await, Exit::Killed);
                    assert_eq!(ask.await, Err(AskError::Stopped(Exit::Killed)));
                    assert_eq!(journal.lines(), ["dropped"]);
                });
            }

            /// In the middle of a batch, and between two: the request comes from within a handler.
            #[test]
            fn s2_each_request_in_a_batch_ends_it_as_it_should() {
                for at in [0, 1, 15, 16, 17, 30, 63, 64, 65, 97] {
                    let lines = |request: fn(&SubjectHandle)| {
                        run(async {
                            let (log, _installed) = Log::install();
                            let journal = Journal::default();
                            let h = with(&journal).spawn();
                            for n in 0..98 {
                                if n == at {
                                    let other = h.clone();
                                    h.run(Box::new(move || request(&other))).try_tell().unwrap();
                                }
                                h.note(n).try_tell().unwrap();
                            }
                            let ask = h.get(98).try_enqueue().unwrap();
                            let exit = h.stopped().await;
                            let answer = ask.await;
                            let notes = notes(&journal);
                            assert_eq!(drops(&journal), 1);
                            assert_eq!(log.letters(h.id()).len(), 99 - notes.len(), "each is handled or given back");
                            (notes, exit, answer)
                        })
                    };
                    let before = numbers(0..at);
                    assert_eq!(lines(|h| drop(h.stop())), (numbers(0..99), Exit::Stopped, Ok(98)), "{at}");
                    let given_back = AskError::Stopped(Exit::Stopped);
                    assert_eq!(lines(|h| drop(h.stop_now())), (before.clone(), Exit::Stopped, Err(given_back)), "{at}");
                    let given_back = AskError::Stopped(Exit::Killed);
                    assert_eq!(lines(|h| drop(h.kill())), (before, Exit::Killed, Err(given_back)), "{at}");
                }
            }

            /// A stream of messages makes the loop look again before it is parked: it is parked in the end (the clock goes
            /// on), and what comes meanwhile is seen.
            #[test]
            fn s4_a_request_reaches_a_loop_that_has_just_run_out_of_messages() {
                for sent in [1, 15, 16, 17, 18, 63, 64, 65, 80] {
                    for polls in 0..10 {
                        run(async {
                            let journal = Journal::default();
                            let h = with(&journal).spawn();
                            for n in 0..sent {
                                h.note(n).try_tell().unwrap();
                            }
                            // Each lets all others have one poll.
                            for _ in 0..polls {
                                let mut once = false;
                                std::future::poll_fn(|cx| {
                                    if std::mem::replace(&mut once, true) {
                                        return std::task::Poll::Ready(());
                                    }
                                    cx.waker().wake_by_ref();
                                    std::task::Poll::Pending
                                })
                                .await;
                            }
                            assert_eq!((h.stop().await, notes(&journal)), (Exit::Stopped, numbers(0..sent)));

                            let h = with(&journal).spawn();
                            join_all((0..sent).map(|n| h.get(n))).await;
                            sleep(ms(1)).await;
                            assert_eq!(h.get(7).await, Ok(7), "it was parked, and is woken");
                            assert_eq!(h.kill().await, Exit::Killed);
                        });
                    }
                }
            }

            #[test]
            fn s7_the_last_handle_may_go_before_the_first_turn_or_in_a_stream() {
                for sent in [0, 1, 17, 64, 90] {
                    run(async {
                        let journal = Journal::default();
                        let h = with(&journal).spawn();
                        for n in 0..sent {
                            h.note(n).try_tell().unwrap();
                        }
                        let exit = h.stopped();
                        drop(h);
                        assert_eq!((exit.await, notes(&journal)), (Exit::Normal, numbers(0..sent)));
                        assert_eq!(drops(&journal), 1);
                    });
                }
            }

            #[test]
            fn s10_a_panic_costs_its_own_message_and_gives_back_the_rest() {
                let (log, _installed) = Log::install();
                run(async {
                    let journal = Journal::default();
                    let h = with(&journal).spawn();
                    let kept = h.keep().try_enqueue().unwrap();
                    h.note(1).try_tell().unwrap();
                    let crash = h.crash().try_enqueue().unwrap();
                    let queued = h.get(2).try_enqueue().unwrap();
                    h.note(3).try_tell().unwrap();
                    let shutdown = h.shutdown(secs(1));
                    let Err(AskError::Panicked(panic)) = crash.await else { panic!("the ask ends with its panic") };
                    assert_eq!((panic.text(), panic.during()), ("as asked", "crash"));
                    let exit = Exit::Panicked(panic);
                    assert_eq!(kept.await, Err(AskError::Stopped(exit.clone())), "it ends as its actor did");
                    assert_eq!(queued.await, Err(AskError::Stopped(exit.clone())));
                    let report = shutdown.await;
                    assert_eq!((report.exit, report.handled, report.returned, report.discarded), (exit.clone(), 3, 1, 1));
                    assert_eq!(journal.lines(), ["1", "dropped"]);
                    assert_eq!(log.crashes(h.id()), [(1, exit)]);
                    assert_eq!(log.letters(h.id()), [("get", DeadReason::Stopped), ("note", DeadReason::Stopped)]);
                });
            }

            #[test]
            fn s2_what_is_queued_is_given_back_before_the_state_is_dropped() {
                struct Queued(Journal);
                impl Drop for Queued {
                    fn drop(&mut self) {
                        self.0.note("given back");
                    }
                }
                for crash in [false, true] {
                    run(async {
                        let journal = Journal::default();
                        let h = with(&journal).spawn();
                        if crash {
                            drop(h.crash().try_enqueue().unwrap());
                        }
                        let queued = Queued(journal.clone());
                        h.run(Box::new(move || drop(queued))).try_tell().unwrap();
                        if crash {
                            h.stopped().await;
                        } else {
                            h.stop_now().await;
                        }
                        assert_eq!(journal.lines(), ["given back", "dropped"]);
                    });
                }
            }

            #[test]
            fn s10_a_crash_leaves_its_thread_outside_of_the_actor() {
                let h = run(async {
                    let h = with(&Journal::default()).spawn();
                    assert!(matches!(h.crash().await, Err(AskError::Panicked(_))));
                    h
                });
                // This panics in an actor's code.
                assert!(matches!(h.get(1).blocking(), Err(AskError::Stopped(Exit::Panicked(_)))));
                let other = run(async { with(&Journal::default()).spawn() });
                assert!(matches!(other.crash().blocking(), Err(AskError::Stopped(Exit::Lost))));
            }

            #[test]
            fn s10_a_state_that_panics_when_it_is_dropped_changes_the_exit() {
                run(async {
                    for kill in [false, true] {
                        let h = with(&Journal::default()).spawn();
                        let kept = h.keep().try_enqueue().unwrap();
                        h.arm().await.unwrap();
                        settle().await;
                        let exit = if kill { h.kill().await } else { h.stop().await };
                        let Exit::Panicked(panic) = exit else { panic!("{exit}") };
                        assert_eq!((panic.text(), panic.during()), ("a bomb in the state", "drop"));
                        let before = if kill { Exit::Killed } else { Exit::Stopped };
                        assert_eq!(kept.await, Err(AskError::Stopped(before)));
                    }
                });
            }

            #[test]
            fn s10_a_handler_that_stops_its_actor_leaves_nothing_unhandled() {
                run(async {
                    let journal = Journal::default();
                    let h = with(&journal).spawn();
                    h.note(1).try_tell().unwrap();
                    h.end().try_tell().unwrap();
                    h.note(2).try_tell().unwrap();
                    assert_eq!((h.stopped().await, notes(&journal)), (Exit::Stopped, numbers(1..3)));
                });
            }

            #[test]
            fn s10_a_runtime_that_is_dropped_loses_nobodys_ask() {
                for turns in [false, true] {
                    let (rt, other, journal) = (TestRuntime::new(), TestRuntime::new(), Journal::default());
                    let alive = Arc::new(AtomicIsize::new(0));
                    let h = with(&journal).spawn_on(&rt);
                    let kept = h.keep().try_enqueue().unwrap();
                    if turns {
                        rt.block_on(settle());
                    }
                    let queued = h.get(1).try_enqueue().unwrap();
                    h.swallow(Counted::new(&alive)).try_tell().unwrap();
                    drop(rt);
                    assert_eq!(other.block_on(h.stopped()), Exit::Lost, "{turns}");
                    assert_eq!(other.block_on(kept), Err(AskError::Stopped(Exit::Lost)));
                    assert_eq!(other.block_on(queued), Err(AskError::Stopped(Exit::Lost)));
                    assert_eq!((journal.lines(), alive.load(Ordering::Relaxed)), (vec!["dropped".into()], 0));
                    assert!(h.note(1).try_tell().is_err());
                }
            }

            /// In the middle of a batch: what was taken and not begun is given back too.
            #[test]
            fn s10_a_runtime_that_is_dropped_in_a_batch_gives_it_back() {
                let (rt, other, journal) = (TestRuntime::new(), TestRuntime::new(), Journal::default());
                let (log, _installed) = Log::install();
                let h = with(&journal).spawn_on(&rt);
                for n in 0..70 {
                    h.note(n).try_tell().unwrap();
                }
                let last = h.get(70).try_enqueue().unwrap();
                // One turn of it, since it was woken first: it handles a budget of the batch, and lets others run.
                rt.block_on(async {});
                let begun = notes(&journal).len();
                assert!((1..=64).contains(&begun), "{begun}");
                drop(rt);
                assert_eq!(other.block_on(h.stopped()), Exit::Lost);
                assert_eq!(other.block_on(last), Err(AskError::Stopped(Exit::Lost)));
                assert_eq!(log.letters(h.id()).len(), 71 - begun);
            }

            #[test]
            fn r1_a_child_that_crashes_leaves_the_rest_of_its_batch_to_the_next_incarnation_in_order() {
                run(async {
                    let journal = Journal::default();
                    let mut tree = Supervisor::one_for_one();
                    let h = child(&mut tree, &journal);
                    let app = tree.start().await.unwrap();
                    for n in 0..40 {
                        if n == 20 {
                            drop(h.crash().try_enqueue().unwrap());
                        }
                        if n == 30 {
                            let other = h.clone();
                            h.run(Box::new(move || drop(other.kill()))).try_tell().unwrap();
                        }
                        h.sign(n).try_tell().unwrap();
                    }
                    settle().await;
                    let signed = (0..40).map(|n| format!("{}/{n}", 1 + n / 20 + u32::from(n >= 30) - u32::from(n >= 40)));
                    assert_eq!(notes(&journal), signed.collect::<Vec<_>>());
                    assert_eq!((h.mailbox().len, h.mailbox().waiting), (0, 0));
                    app.stop().await;
                    assert_eq!(drops(&journal), 3);
                });
            }

            #[test]
            fn m1_a_batch_that_is_given_back_is_within_the_bound() {
                run(async {
                    let journal = Journal::default();
                    let mut tree = Supervisor::one_for_one();
                    let h = child(&mut tree, &journal);
                    let app = tree.start().await.unwrap();
                    let full = h.clone();
                    // Its handler fills the mailbox to the last place; then it ends, and its batch goes back.
                    h.run(Box::new(move || {
                        let sent = (0..9).take_while(|n| full.sign(1000 + n).try_tell().is_ok()).count();
                        assert_eq!(sent, 1, "what is in a batch counts as queued");
                        drop(full.kill());
                    }))
                    .try_tell()
                    .unwrap();
                    for n in 1..100 {
                        h.sign(n).try_tell().unwrap();
                    }
                    settle().await;
                    let expected = (1..100).chain([1000]).map(|n| format!("2/{n}")).collect::<Vec<_>>();
                    assert_eq!(notes(&journal), expected);
                    assert_eq!((h.mailbox().high_water, h.mailbox().capacity), (100, 100));
                    app.stop().await;
                });
            }

            #[test]
            fn m4_drop_oldest_drops_what_has_waited_longest_in_this_loop_too() {
                run(async {
                    let journal = Journal::default();
                    let h = with(&journal).options().mailbox(3).overflow(Overflow::DropOldest).spawn().unwrap();
                    for n in 0..10 {
                        h.note(n).await.unwrap();
                    }
                    settle().await;
                    assert_eq!(journal.lines(), ["7", "8", "9"]);
                    // From within a handler: what it has begun is not there to be dropped, all others are.
                    let own = h.clone();
                    h.run(Box::new(move || (20..30).for_each(|n| own.note(n).try_tell().unwrap()))).await.unwrap();
                    h.note(10).await.unwrap();
                    h.note(11).await.unwrap();
                    settle().await;
                    assert_eq!(journal.lines(), ["7", "8", "9", "27", "28", "29"]);
                    assert_eq!(h.dead_letters().overflow, 7 + 2 + 7);
                    assert_eq!(h.mailbox().high_water, 3);
                });
            }

            #[test]
            fn m12_the_priority_lane_goes_first_and_lets_a_normal_message_through() {
                run(async {
                    let journal = Journal::default();
                    let h = with(&journal).spawn();
                    for n in 0..3 {
                        h.note(n).try_tell().unwrap();
                    }
                    for n in 100..140 {
                        h.note(n).priority().try_tell().unwrap();
                    }
                    let lines = h.journal().await.unwrap();
                    assert_eq!(lines.len(), 43);
                    let of = |urgent: bool| {
                        let mut of = lines.iter().map(|line| line.parse::<u32>().unwrap()).collect::<Vec<_>>();
                        of.retain(|n| (*n >= 100) == urgent);
                        of
                    };
                    assert_eq!((of(false), of(true)), ((0..3).collect(), (100..140).collect()), "each in its order");
                    let first = lines.iter().position(|line| line == "0").unwrap();
                    assert!((1..=17).contains(&first), "the first normal message came at {first}");

                    // One that comes in the middle of a batch goes before the rest of it.
                    let own = h.clone();
                    h.run(Box::new(move || own.note(200).priority().try_tell().unwrap())).try_tell().unwrap();
                    h.note(3).try_tell().unwrap();
                    assert_eq!(h.journal().await.unwrap()[43..], ["200", "3"]);
                });
            }
        }
    };
}

tests_of!(plain {});
tests_of!(awaiting {
    pub async fn never(&self) {}
});

// ── messages without a size

#[derive(Default)]
struct Tally(Arc<AtomicU32>);

#[actor(mailbox = 5)]
impl Tally {
    #[tell]
    pub fn tick(&mut self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn m1_messages_without_a_size_are_counted_like_all_others() {
    run(async {
        let ticks = Arc::new(AtomicU32::new(0));
        let h = Tally(Arc::clone(&ticks)).spawn();
        for _ in 0..5 {
            h.tick().try_tell().unwrap();
        }
        assert!(matches!(h.tick().try_tell(), Err(TellError::Full(_))));
        join_all((0..100).map(|_| h.tick())).await;
        settle().await;
        assert_eq!((ticks.load(Ordering::Relaxed), h.mailbox().high_water), (105, 5));
        assert_eq!(h.stop().await, Exit::Stopped);
        assert!(h.tick().try_tell().is_err());
    });
}
