//! Rings of actors of which each waits for the next: the send that closes one fails at once and names them, and
//! nothing else does.

mod support;

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use actor_core::{
    ActorRef, Cycle, Pending,
    prelude::*,
    rt::test::{now, run},
};
use futures_util::future::{join, join_all};
use support::{Log, ms, poll_once, secs, settle, timed};
use tokio::sync::watch;

type Answer = Result<u32, AskError>;

/// All peers of a test, by number.
#[derive(Clone, Default)]
struct World(Arc<Mutex<Vec<PeerHandle>>>);

impl World {
    fn new(count: usize) -> Self {
        Self::with_mailboxes(count, 64)
    }

    fn with_mailboxes(count: usize, capacity: usize) -> Self {
        let world = World::default();
        for n in 0..count {
            let options = Peer::new(&world).options().name(format!("p{n}")).mailbox(capacity);
            let peer = options.spawn().unwrap();
            world.0.lock().unwrap().push(peer);
        }
        world
    }

    fn get(&self, n: usize) -> PeerHandle {
        self.0.lock().unwrap()[n].clone()
    }

    /// The numbers of the peers on a ring, in its order.
    fn numbers(&self, ring: &Cycle) -> Vec<usize> {
        let peers = self.0.lock().unwrap();
        let number = |who: &ActorRef| peers.iter().position(|peer| peer.id() == who.id()).unwrap();
        ring.path().iter().map(number).collect()
    }

    #[track_caller]
    fn ring(&self, answer: Answer) -> Vec<usize> {
        match answer {
            Err(AskError::Deadlock(ring)) => self.numbers(&ring),
            other => panic!("no ring: {other:?}"),
        }
    }
}

struct Peer {
    world: World,
    desk: Vec<Reply<u32>>,
    pending: Option<Pending<u32>>,
}

impl Peer {
    fn new(world: &World) -> Self {
        Peer { world: world.clone(), desk: Vec::new(), pending: None }
    }
}

/// Nothing at all, not even a poll, for no time.
async fn pause(time: Duration) {
    if !time.is_zero() {
        actor_core::rt::sleep(time).await;
    }
}

#[actor]
impl Peer {
    pub fn one(&mut self) -> u32 {
        1
    }

    pub async fn nap(&mut self, time: Duration) -> u32 {
        pause(time).await;
        1
    }

    /// Asks the first of the route to follow the rest of it, after a pause.
    #[ask(value)]
    pub async fn follow(&mut self, time: Duration, mut route: Vec<usize>) -> Answer {
        pause(time).await;
        if route.is_empty() {
            return Ok(0);
        }
        let next = self.world.get(route.remove(0));
        next.follow(time, route).await.unwrap_or_else(Err)
    }

    /// Follows several routes at once.
    pub async fn fan(&mut self, routes: Vec<Vec<usize>>) -> Vec<Answer> {
        let all = routes.into_iter().map(|mut route| {
            let next = self.world.get(route.remove(0));
            async move { next.follow(ms(1), route).await.unwrap_or_else(Err) }
        });
        join_all(all).await
    }

    /// Asks `to` after a pause.
    #[ask(value)]
    pub async fn poke(&mut self, time: Duration, to: usize) -> Answer {
        pause(time).await;
        self.world.get(to).one().await
    }

    /// Asks the next in a ring of so many.
    #[ask(value)]
    pub async fn poke_next(&mut self, me: usize, count: usize) -> Answer {
        self.world.get((me + 1) % count).one().await
    }

    /// Two things at once, of which one panics.
    pub async fn burst(&mut self, at: usize, route: Vec<usize>) -> u32 {
        let other = self.world.get(at);
        let crash = async {
            pause(ms(1)).await;
            panic!("burst")
        };
        let _: (_, ()) = join(other.follow(ms(5), route), crash).await;
        1
    }

    // ── room

    /// Tells `to` so often, after a pause. Gives the errors.
    pub async fn push(&mut self, time: Duration, to: usize, times: u32) -> Vec<String> {
        pause(time).await;
        let to = self.world.get(to);
        let mut errors = Vec::new();
        for _ in 0..times {
            if let Err(error) = to.one().tell().await {
                errors.push(error.to_string());
                assert!(matches!(error, TellError::Deadlock(..)), "{error:?}");
                assert!(matches!(error.into_message(), PeerMessage::One { .. }), "the message comes back");
            }
        }
        errors
    }

    /// Waits for room at `to` with a message whose reply it does not await.
    #[ask(value)]
    pub async fn commit(&mut self, time: Duration, to: usize) -> Answer {
        pause(time).await;
        self.world.get(to).one().enqueue().await.map(|pending| {
            drop(pending);
            1
        })
    }

    /// Closes its own mailbox and asks, without a moment in between.
    #[ask(value)]
    pub async fn leave_and_poke(&mut self, time: Duration, to: usize, cx: &mut Context<Self>) -> Answer {
        pause(time).await;
        cx.stop();
        self.world.get(to).one().await
    }

    /// Closes its own mailbox and waits for somebody who asks it.
    #[ask(value)]
    pub async fn leave_and_be_poked(&mut self, me: usize, by: usize, cx: &mut Context<Self>) -> Answer {
        cx.stop();
        self.world.get(by).poke(ms(1), me).await.unwrap_or_else(Err)
    }

    // ── exits

    pub async fn see_off(&mut self, time: Duration, to: usize, how: u8) -> Exit {
        pause(time).await;
        let to = self.world.get(to);
        match how {
            0 => to.stopped().await,
            1 => to.stop().await,
            2 => to.monitor().await,
            3 => to.kill().await,
            _ => to.shutdown(ms(50)).await.exit,
        }
    }

    // ── replies that are sent by somebody else, or later

    pub fn relay(&mut self, to: usize, route: Vec<usize>, reply: Reply<Answer>) {
        self.world.get(to).follow(ms(1), route).forward(reply);
    }

    #[ask(value)]
    pub async fn through(&mut self, relay: usize, to: usize, route: Vec<usize>) -> Answer {
        self.world.get(relay).relay(to, route).await.unwrap_or_else(Err)
    }

    pub fn later(&mut self, reply: Reply<u32>) {
        self.desk.push(reply);
    }

    pub fn take_desk(&mut self) -> Vec<Reply<u32>> {
        std::mem::take(&mut self.desk)
    }

    /// Waits for a reply that is on somebody's desk.
    #[ask(value)]
    pub async fn await_later(&mut self, at: usize) -> Answer {
        self.world.get(at).later().await
    }

    /// Answers what is on the desk and asks at once, before anybody could have noticed.
    #[ask(value)]
    pub async fn settle_and_poke(&mut self, to: usize) -> Answer {
        self.desk.drain(..).for_each(|reply| reply.send(7));
        self.world.get(to).one().await
    }

    // ── pending replies that outlive the handler

    pub async fn begin(&mut self, at: usize) {
        let mut pending = self.world.get(at).one().enqueue().await.unwrap();
        assert_eq!(poll_once(&mut pending).await, None, "it awaits it for a moment");
        self.pending = Some(pending);
    }

    #[ask(value)]
    pub async fn finish(&mut self) -> Answer {
        self.pending.take().unwrap().await
    }

    /// Commits to a message at `at`, and awaits the reply only later, or not at all.
    #[ask(value)]
    pub async fn commit_to_route(&mut self, at: usize, route: Vec<usize>, awaits: bool) -> Answer {
        let pending = self.world.get(at).follow(ms(1), route).enqueue().await?;
        pause(ms(3)).await;
        if awaits { pending.await.unwrap_or_else(Err) } else { Ok(0) }
    }
}

// ── rings of asks

#[test]
fn m11_rings_of_one_two_three_and_ten_are_found_by_the_ask_that_closes_them() {
    run(async {
        for count in [1, 2, 3, 10] {
            let world = World::new(count);
            let route: Vec<_> = (1..=count).map(|n| n % count).collect();
            let (answer, time) = timed(world.get(0).follow(ms(1), route)).await;
            let ring = world.ring(answer.unwrap());
            // It begins with the one whose ask failed, and goes on to whom that would have waited for.
            let expected: Vec<_> = (0..count).map(|n| (count - 1 + n) % count).collect();
            assert_eq!((ring, time), (expected, ms(count as u64)));
            for n in 0..count {
                assert_eq!(world.get(n).one().await, Ok(1), "everybody goes on");
            }
        }
    });
}

#[test]
fn m11_a_ring_says_who_waits_for_whom() {
    run(async {
        let world = World::new(2);
        let Ok(Err(error)) = world.get(0).follow(ms(1), vec![1, 0]).await else { panic!("a ring") };
        let (zero, one) = (format!("`p0{}`", world.get(0).id()), format!("`p1{}`", world.get(1).id()));
        let expected = format!("deadlock: {one} waits for {zero} waits for {one}");
        assert_eq!(error.to_string(), format!("ask refused: it would never end: {expected}"));
    });
}

#[test]
fn m11_the_message_that_would_close_a_ring_is_never_run() {
    run(async {
        let (log, _installed) = Log::install();
        let world = World::new(2);
        world.ring(world.get(0).follow(ms(1), vec![1, 0]).await.unwrap());
        settle().await;
        assert_eq!(world.get(0).mailbox().len, 0);
        assert_eq!(world.get(0).shutdown(secs(1)).await.handled, 0, "the one message was handled before");
        assert_eq!(log.letters(world.get(0).id()), [], "it came back to its sender");
    });
}

#[test]
fn m11_a_branch_of_a_join_that_closes_a_ring_fails_alone() {
    run(async {
        let world = World::new(3);
        // 0 waits for 1 and for 2; 2 asks 0.
        let answers = world.get(0).fan(vec![vec![1], vec![2, 0]]).await.unwrap();
        let [one, two] = <[Answer; 2]>::try_from(answers).unwrap();
        assert_eq!((one, world.ring(two)), (Ok(0), vec![2, 0]));
        // 0 waits for 1, which asks 2 and 0 at once.
        let zero = world.get(0).follow(ms(1), vec![1]).enqueue().await.unwrap();
        let fan = world.get(1).nap(Duration::from_micros(1500)).enqueue().await.unwrap();
        let answers = world.get(1).fan(vec![vec![2], vec![0]]).await.unwrap();
        let [one, two] = <[Answer; 2]>::try_from(answers).unwrap();
        assert_eq!((one, world.ring(two)), (Ok(0), vec![1, 0]));
        assert_eq!((zero.await, fan.await), (Ok(Ok(0)), Ok(1)));
    });
}

#[test]
fn m11_a_ring_through_any_of_very_many_asks_is_found() {
    run(async {
        let world = World::new(20);
        let to = |at: usize, count: usize| (1..count).map(|n| if n == at { vec![n, 0] } else { vec![n] }).collect();
        for at in [1, 3, 4, 5, 6, 19] {
            let answers = world.get(0).fan(to(at, 20)).await.unwrap();
            for (n, answer) in answers.into_iter().enumerate() {
                if n + 1 == at {
                    assert_eq!(world.ring(answer), [at, 0]);
                } else {
                    assert_eq!(answer, Ok(0), "{n} of {at}");
                }
            }
        }
        // Nothing is left of them: whom 0 asked may ask 0.
        for n in 1..20 {
            assert_eq!(world.get(n).poke(Duration::ZERO, 0).await, Ok(Ok(1)));
        }
    });
}

// ── rings through full mailboxes

#[test]
fn m11_waiting_for_room_in_each_others_mailbox_is_a_ring() {
    run(async {
        let world = World::with_mailboxes(2, 1);
        // Each fills the other's mailbox and then waits for room in it; 1 comes later.
        let (zero, one) = (world.get(0), world.get(1));
        let pushes = join(zero.push(ms(1), 1, 2), one.push(ms(2), 0, 2));
        let ((first, second), time) = timed(pushes).await;
        let (first, second) = (first.unwrap(), second.unwrap());
        assert_eq!((first.len(), second.len(), time), (0, 1, ms(2)));
        assert!(
            second[0].starts_with(&format!("tell `one` to `p0{}`: deadlock: `p1", world.get(0).id())),
            "{second:?}"
        );
        settle().await;
        assert_eq!(world.get(1).mailbox().len, 0, "the other one was let in");
    });
}

#[test]
fn m11_asks_and_commitments_that_wait_for_room_are_part_of_a_ring() {
    run(async {
        // 0 stands in line at 1 and 1 asks 0: first the one, then the other.
        for (line, ask, ring) in [(1, 2, vec![1, 0]), (2, 1, vec![0, 1])] {
            for committed in [false, true] {
                let world = World::with_mailboxes(2, 1);
                let (zero, one) = (world.get(0), world.get(1));
                let poke = one.poke(ms(ask), 0).enqueue().await.unwrap();
                settle().await;
                one.one().tell().await.unwrap();
                let line = if committed { zero.commit(ms(line), 1) } else { zero.poke(ms(line), 1) };
                let (line, poke) = join(line, poke).await;
                let (failed, fine) = if ring[0] == 0 { (line, poke) } else { (poke, line) };
                assert_eq!((world.ring(failed.unwrap()), fine), (ring.clone(), Ok(Ok(1))), "committed: {committed}");
            }
        }
    });
}

#[test]
fn m11_a_tell_that_was_let_in_waits_for_nothing_though_its_sender_does_not_know() {
    run(async {
        let world = World::with_mailboxes(2, 1);
        let one = world.get(1);
        let busy = one.nap(ms(2)).enqueue().await.unwrap();
        settle().await;
        // Comes into the hands of 1 in the same poll that lets in what 0 waits to send.
        let back = one.poke(Duration::ZERO, 0).enqueue().await.unwrap();
        let pushed = world.get(0).push(ms(1), 1, 1).await.unwrap();
        assert_eq!(pushed, Vec::<String>::new());
        assert_eq!((busy.await, back.await), (Ok(1), Ok(Ok(1))));
    });
}

#[test]
fn m11_whom_a_closed_mailbox_turns_away_waits_for_nothing() {
    run(async {
        let world = World::with_mailboxes(2, 1);
        let (zero, one) = (world.get(0), world.get(1));
        let leaves = one.leave_and_poke(ms(2), 0).enqueue().await.unwrap();
        settle().await;
        one.one().tell().await.unwrap();
        // 0 stands in line at 1, which closes its mailbox and asks 0 before 0 knows of that.
        let (left, poked) = join(leaves, zero.poke(ms(1), 1)).await;
        assert_eq!((left, poked), (Ok(Ok(1)), Ok(Err(AskError::Stopped(Exit::Stopped)))));
        // What would be refused is refused, though its sender is waited for.
        let world = World::new(2);
        let refused = world.get(1).leave_and_be_poked(1, 0).await;
        assert_eq!(refused, Ok(Err(AskError::Stopped(Exit::Stopped))));
    });
}

// ── exits

#[test]
fn m11_an_ask_to_who_waits_for_ones_exit_is_a_ring() {
    run(async {
        // `stopped`, `stop`, `monitor`, `shutdown`.
        for how in [0, 1, 2, 4] {
            let world = World::new(2);
            let one = world.get(1);
            let poke = one.poke(ms(2), 0).enqueue().await.unwrap();
            let see_off = world.get(0).see_off(ms(1), 1, how).enqueue().await.unwrap();
            assert_eq!(world.ring(poke.await.unwrap()), [1, 0], "how: {how}");
            assert_eq!(now().as_nanos() % 1_000_000_000, 2_000_000, "how: {how}");
            let end = one.stop().await;
            assert_eq!((end, see_off.await), (Exit::Stopped, Ok(Exit::Stopped)), "how: {how}");
            actor_core::rt::test::sleep(ms(998)).await;
        }
    });
}

#[test]
fn m11_to_wait_for_the_exit_of_who_waits_for_oneself_fails_the_actor() {
    run(async {
        for how in [0, 1, 2] {
            let world = World::new(2);
            let poke = world.get(1).poke(ms(1), 0).enqueue().await.unwrap();
            let see_off = world.get(0).see_off(ms(2), 1, how).enqueue().await.unwrap();
            let Err(AskError::Panicked(panic)) = see_off.await else { panic!("how: {how}") };
            let who = [0, 1].map(|n| format!("`p{n}{}`", world.get(n).id()));
            let ring = format!("deadlock: {0} waits for {1} waits for {0}. The exit of {1}", who[0], who[1]);
            assert!(panic.text().starts_with(&ring), "{}", panic.text());
            // Who waited for it is told why there is no answer.
            assert!(matches!(poke.await, Ok(Err(AskError::Stopped(Exit::Panicked(_))))));
        }
    });
}

#[test]
fn m11_who_is_killed_waits_for_nothing() {
    run(async {
        let world = World::new(2);
        let poke = world.get(1).poke(ms(1), 0).enqueue().await.unwrap();
        // Its handler waits for 0, but a kill drops that.
        assert_eq!(timed(world.get(0).see_off(ms(2), 1, 3)).await, (Ok(Exit::Killed), ms(2)));
        assert_eq!(poke.await, Err(AskError::Killed));
        // A shutdown ends with a kill, so it is none of those that wait for ever.
        let world = World::new(2);
        let poke = world.get(1).poke(ms(1), 0).enqueue().await.unwrap();
        assert_eq!(timed(world.get(0).see_off(ms(2), 1, 4)).await, (Ok(Exit::Killed), ms(52)));
        assert_eq!(poke.await, Err(AskError::Killed));
    });
}

// ── replies that are sent by somebody else, or later

#[test]
fn m11_an_edge_moves_with_a_forwarded_message() {
    run(async {
        let world = World::new(3);
        // 0 asks 1, which hands on to 2: that may ask 1, and not 0.
        assert_eq!(world.get(0).through(1, 2, vec![1]).await, Ok(Ok(0)));
        assert_eq!(world.ring(world.get(0).through(1, 2, vec![0]).await.unwrap()), [2, 0]);
        // Back to where it was.
        assert_eq!(world.get(0).through(1, 1, vec![2]).await, Ok(Ok(0)));
        assert_eq!(world.ring(world.get(0).through(1, 1, vec![2, 0]).await.unwrap()), [2, 0, 1]);
        // To the caller himself, who waits.
        assert_eq!(world.ring(world.get(0).through(1, 0, vec![]).await.unwrap()), [0]);
    });
}

#[test]
fn m11_a_forward_that_closes_a_ring_fails_the_caller_and_is_not_run() {
    run(async {
        let world = World::new(3);
        // 2 waits for 0, which waits for 1, which hands on to 2.
        let two = world.get(2).follow(ms(2), vec![0, 1]).enqueue().await.unwrap();
        let nap = world.get(1).nap(ms(3)).enqueue().await.unwrap();
        let zero = world.get(0).through(1, 2, vec![]).enqueue().await.unwrap();
        assert_eq!(world.ring(zero.await.unwrap()), [0, 2]);
        assert_eq!((nap.await, two.await), (Ok(1), Ok(Ok(0))));
        assert_eq!(world.get(2).mailbox().len, 0);
    });
}

#[test]
fn m10_a_forwarded_message_answers_the_first_caller_or_fails_him() {
    run(async {
        let (log, _installed) = Log::install();
        let world = World::with_mailboxes(3, 1);
        let (one, two) = (world.get(1), world.get(2));
        assert_eq!(timed(one.relay(2, vec![])).await, (Ok(Ok(0)), ms(1)), "from outside all actors");
        // No room.
        let busy = two.nap(ms(5)).enqueue().await.unwrap();
        settle().await;
        two.one().tell().await.unwrap();
        assert_eq!(timed(one.relay(2, vec![])).await, (Err(AskError::Full), Duration::ZERO));
        one.relay(2, vec![]).tell().await.unwrap();
        assert_eq!(busy.await, Ok(1));
        assert_eq!(log.letters(two.id()), [("follow", actor_core::observe::DeadReason::Overflow)], "nobody waited");
        // The caller leaves, or his time is up, before its handler begins.
        let busy = two.nap(ms(5)).enqueue().await.unwrap();
        settle().await;
        assert_eq!(timed(one.relay(2, vec![]).timeout(ms(2))).await, (Err(AskError::Timeout), ms(2)));
        assert_eq!(busy.await, Ok(1));
        settle().await;
        assert_eq!(log.letters(two.id())[1..], [("follow", actor_core::observe::DeadReason::Late)]);
        // Nobody there.
        two.kill().await;
        assert_eq!(one.relay(2, vec![]).await, Err(AskError::Stopped(Exit::Killed)));
        one.relay(2, vec![]).tell().await.unwrap();
        settle().await;
        assert_eq!(log.letters(two.id())[2..], [("follow", actor_core::observe::DeadReason::Stopped)]);
    });
}

#[test]
fn m11_a_reply_that_has_left_its_handler_blocks_nobody() {
    run(async {
        let world = World::new(2);
        let (zero, one) = (world.get(0), world.get(1));
        // 0 waits for a reply on the desk of 1, whose next handler asks 0 and waits. Somebody else sends the reply.
        let awaits = zero.await_later(1).enqueue().await.unwrap();
        settle().await;
        let desk = one.take_desk().await.unwrap();
        let poke = one.poke(ms(1), 0).enqueue().await.unwrap();
        actor_core::rt::test::sleep(ms(2)).await;
        for reply in desk {
            reply.send(5);
        }
        assert_eq!((awaits.await, poke.await), (Ok(Ok(5)), Ok(Ok(1))));
        assert_eq!(now().as_nanos(), 2_000_000);
    });
}

#[test]
fn m11_who_has_its_answer_waits_for_nothing_though_it_does_not_know() {
    run(async {
        let world = World::new(2);
        let (zero, one) = (world.get(0), world.get(1));
        // A reply from the desk, and one in the hand: 1 asks back before 0 is polled.
        let awaits = zero.await_later(1).enqueue().await.unwrap();
        settle().await;
        assert_eq!(one.settle_and_poke(0).await, Ok(Ok(1)));
        assert_eq!(awaits.await, Ok(Ok(7)));
        // An answer by returning it, when the next message asks back at once.
        let poke = async {
            let waits = zero.poke(ms(1), 1).enqueue().await.unwrap();
            let busy = one.nap(ms(2)).enqueue().await.unwrap();
            actor_core::rt::test::sleep(Duration::from_micros(1500)).await;
            let back = one.poke(Duration::ZERO, 0).enqueue().await.unwrap();
            (waits.await, busy.await, back.await)
        };
        assert_eq!(poke.await, (Ok(Ok(1)), Ok(1), Ok(Ok(1))));
    });
}

// ── what nobody awaits, or not now

#[test]
fn m11_a_message_whose_reply_nobody_awaits_blocks_nobody() {
    run(async {
        let world = World::new(2);
        assert_eq!(world.get(0).commit_to_route(1, vec![0], false).await, Ok(Ok(0)));
        assert_eq!(world.get(0).one().await, Ok(1));
        let awaited = world.get(0).commit_to_route(1, vec![0], true).await.unwrap();
        assert_eq!(world.ring(awaited), [0, 1], "what it awaits at last waits for it");
        settle().await;
        assert_eq!(world.get(1).shutdown(secs(1)).await.exit, Exit::Stopped);
    });
}

#[test]
fn m11_a_pending_reply_is_waited_for_by_the_handler_that_polls_it_and_no_longer() {
    run(async {
        let world = World::new(2);
        let (zero, one) = (world.get(0), world.get(1));
        // The handler that has polled it ends: 0 can serve 1, though it will not have the reply before that.
        let poke = one.poke(ms(3), 0).enqueue().await.unwrap();
        zero.begin(1).await.unwrap();
        assert_eq!((poke.await, zero.finish().await), (Ok(Ok(1)), Ok(Ok(1))));
        // A later handler awaits it: now 0 cannot serve 1.
        let poke = one.poke(ms(3), 0).enqueue().await.unwrap();
        zero.begin(1).await.unwrap();
        let finish = zero.finish().enqueue().await.unwrap();
        assert_eq!((world.ring(poke.await.unwrap()), finish.await), (vec![1, 0], Ok(Ok(1))));
        // The later handler comes after the ask of 1.
        let poke = one.poke(ms(1), 0).enqueue().await.unwrap();
        zero.begin(1).await.unwrap();
        let nap = zero.nap(ms(2)).enqueue().await.unwrap();
        let finish = zero.finish().enqueue().await.unwrap();
        assert_eq!((world.ring(finish.await.unwrap()), poke.await), (vec![0, 1], Ok(Ok(1))));
        assert_eq!(nap.await, Ok(1));
    });
}

// ── crashes, threads, chance

#[test]
fn m11_what_a_crashed_handler_waited_for_is_not_waited_for_by_the_next_incarnation() {
    run(async {
        let world = World::default();
        let mut tree = Supervisor::one_for_one();
        for n in 0..3 {
            let shared = world.clone();
            let peer = tree.child(format!("p{n}"), move || Peer::new(&shared));
            world.0.lock().unwrap().push(peer);
        }
        let _app = tree.start().await.unwrap();
        // 0 waits for 1 and panics; 1 asks 2, which asks 0.
        let burst = world.get(0).burst(1, vec![2, 0]).await;
        assert!(matches!(burst, Err(AskError::Panicked(_))));
        let poke = world.get(0).poke(ms(1), 2).enqueue().await.unwrap();
        assert_eq!(world.get(1).one().await, Ok(1), "it came to the end of its route");
        assert_eq!(poke.await, Ok(Ok(1)));
        // And a whole ring that a crash opens: 1 waits for 0, which crashes.
        let burst = world.get(0).burst(2, vec![]).enqueue().await.unwrap();
        let poke = world.get(1).poke(Duration::ZERO, 0).await;
        assert!(matches!(burst.await, Err(AskError::Panicked(_))));
        assert_eq!(poke, Ok(Ok(1)), "the next incarnation answers");
    });
}

#[test]
fn m11_of_sends_that_close_a_ring_at_once_exactly_one_fails() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(3).enable_all().build().unwrap();
    runtime.block_on(async {
        let mut rings = 0;
        for round in 0..400 {
            let count = 2 + round % 2;
            let world = World::new(count);
            let start = Arc::new(tokio::sync::Barrier::new(count));
            let asks = (0..count).map(|n| {
                let (peer, start) = (world.get(n), Arc::clone(&start));
                tokio::spawn(async move {
                    start.wait().await;
                    peer.poke_next(n, count).await.unwrap()
                })
            });
            let all = tokio::time::timeout(secs(20), join_all(asks.collect::<Vec<_>>()));
            let all = all.await.expect("nobody hangs");
            let failed = all.into_iter().filter(|answer| !matches!(answer, Ok(Ok(_)))).count();
            assert!(failed <= 1, "round {round}: {failed}");
            rings += failed;
            // Each world is a ring of handles.
            world.0.lock().unwrap().clear();
        }
        assert!(rings > 0, "the race was never close");
    });
}

/// One of two that ask each other in the same moment, again and again within one handler.
struct Racer {
    bystander: BystanderHandle,
}

struct Bystander;

#[actor]
impl Bystander {
    pub fn one(&self) -> u32 {
        1
    }
}

/// Where each of the two is.
struct Course {
    begun: [AtomicUsize; 2],
    over: [watch::Sender<usize>; 2],
}

#[actor]
impl Racer {
    pub fn one(&self) -> u32 {
        1
    }

    /// In how many of the rounds it was this one's ask that failed.
    pub async fn race(&mut self, side: usize, other: RacerHandle, rounds: usize, course: Arc<Course>) -> usize {
        let mut failed = 0;
        let mut others = course.over[1 - side].subscribe();
        for round in 1..=rounds {
            // So that the next ask takes the shortest way: it is not the first, and those before it were answered.
            assert_eq!(self.bystander.one().await, Ok(1));
            course.begun[side].store(round, Ordering::Release);
            let mut looks = 0;
            while course.begun[1 - side].load(Ordering::Acquire) < round {
                looks += 1;
                if looks % 1000 == 0 { std::thread::yield_now() } else { std::hint::spin_loop() }
            }
            // Who is the last to begin sees that some time before the other does.
            (0..round * (side + 3) % 31).for_each(|_| std::hint::spin_loop());
            tokio::select! {
                answer = other.one() => match answer {
                    Err(AskError::Deadlock(_)) => failed += 1,
                    // The other's ask has failed, and its handler has ended.
                    answer => assert_eq!((answer, round), (Ok(1), rounds)),
                },
                over = others.wait_for(|over| *over >= round) => assert!(over.is_ok()),
            }
            course.over[side].send_replace(round);
        }
        failed
    }
}

#[test]
fn m11_of_two_that_ask_each_other_again_and_again_one_fails_each_time() {
    const ROUNDS: usize = 3000;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(3).enable_all().build().unwrap();
    runtime.block_on(async {
        let racers = [(); 2].map(|()| Racer { bystander: Bystander.spawn() }.spawn());
        let course = Arc::new(Course { begun: Default::default(), over: [(); 2].map(|()| watch::Sender::new(0)) });
        let race = |side: usize| racers[side].race(side, racers[1 - side].clone(), ROUNDS, Arc::clone(&course));
        let both = tokio::time::timeout(secs(60), join(race(0), race(1))).await.expect("nobody hangs");
        let (Ok(one), Ok(two)) = both else { panic!("{both:?}") };
        assert_eq!(one + two, ROUNDS);
    });
}
