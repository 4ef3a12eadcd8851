//! A reply and its caller under every interleaving (loom): the caller is always woken, gets what was sent, once, and
//! nothing that comes after it has left.

use std::{
    future::poll_fn,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use loom::{future::block_on, thread};

use super::{Reply, Terms, Wait, failing, pair, seen_pair, slot::kept};
use crate::{edge::Edge, error::AskError, id::ActorRef, rt::Timestamp};

/// A value that is dropped once, and told from others.
#[derive(Debug, PartialEq)]
struct Value(u32, Arc<()>);

/// Counts its wakes and its owners. `std`'s atomics, which loom does not see: only sums are looked at.
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// One owner more than there should be, so that one waker too many is an assertion that fails, not a dangling pointer.
struct Owners([Arc<Bell>; 2]);

impl Owners {
    fn new() -> (Self, Waker) {
        let bell = Arc::new(Bell(AtomicUsize::new(0)));
        (Owners([Arc::clone(&bell), Arc::clone(&bell)]), Waker::from(bell))
    }

    fn rings(&self) -> usize {
        self.0[0].0.load(Ordering::Relaxed)
    }

    /// How often it rang; every waker is to be dropped by now, once.
    fn close(self) -> usize {
        let (owners, rings) = (Arc::strong_count(&self.0[0]), self.rings());
        if owners != 2 {
            std::mem::forget(self);
            panic!("{owners} owners of a waker that 2 should own");
        }
        rings
    }
}

fn poll<R>(wait: &mut Wait<R>, waker: &Waker) -> Poll<Result<R, AskError>> {
    wait.poll(&mut Context::from_waker(waker))
}

fn await_reply(mut wait: Wait<Value>) -> Result<Value, AskError> {
    block_on(poll_fn(|cx| wait.poll(cx)))
}

fn model(f: impl Fn(Reply<Value>, Wait<Value>, Arc<()>) + Sync + Send + 'static) {
    loom::model(move || {
        let alive = Arc::new(());
        let (reply, wait) = pair(Terms::default());
        f(reply, wait, Arc::clone(&alive));
        assert_eq!(Arc::strong_count(&alive), 1, "every value is dropped by now");
    });
}

#[test]
fn a_reply_that_is_sent_while_its_caller_polls_wakes_him() {
    model(|reply, wait, alive| {
        let actor = thread::spawn(move || reply.send(Value(7, alive)));
        assert_eq!(await_reply(wait).map(|value| value.0), Ok(7));
        actor.join().unwrap();
    });
}

#[test]
fn a_reply_that_is_dropped_while_its_caller_polls_wakes_him() {
    model(|reply, wait, _| {
        let actor = thread::spawn(move || drop(reply));
        assert_eq!(await_reply(wait), Err(AskError::NoReply));
        actor.join().unwrap();
    });
}

#[test]
fn a_reply_that_is_failed_while_its_caller_polls_wakes_him() {
    model(|reply, wait, _| {
        let actor = thread::spawn(move || failing(AskError::Killed, || drop(reply)).1);
        assert_eq!(await_reply(wait), Err(AskError::Killed));
        assert_eq!(actor.join().unwrap(), 1);
    });
}

#[test]
fn a_caller_that_polls_from_another_task_is_woken_there() {
    model(|reply, mut wait, alive| {
        // The first poll leaves a waker that nobody listens to.
        let mut cx = Context::from_waker(Waker::noop());
        let early = match wait.poll(&mut cx) {
            Poll::Ready(_) => unreachable!("nothing was sent"),
            Poll::Pending => wait,
        };
        let actor = thread::spawn(move || reply.send(Value(7, alive)));
        assert_eq!(await_reply(early).map(|value| value.0), Ok(7));
        actor.join().unwrap();
    });
}

#[test]
fn a_caller_that_leaves_while_the_reply_comes_drops_it() {
    model(|reply, wait, alive| {
        let actor = thread::spawn(move || {
            let _ = reply.is_wanted();
            reply.send(Value(7, alive));
        });
        drop(wait);
        actor.join().unwrap();
    });
}

#[test]
fn a_caller_whose_time_is_up_while_the_reply_comes_has_one_or_the_other() {
    model(|reply, mut wait, alive| {
        let actor = thread::spawn(move || reply.send(Value(7, alive)));
        let mut cx = Context::from_waker(Waker::noop());
        match wait.poll(&mut cx) {
            Poll::Ready(result) => assert_eq!(result.map(|value| value.0), Ok(7)),
            Poll::Pending => wait.expire(),
        }
        drop(wait);
        actor.join().unwrap();
    });
}

#[test]
fn a_message_is_due_until_its_caller_has_left_and_never_after() {
    loom::model(|| {
        let (reply, wait) = pair::<u32>(Terms::default());
        let actor = thread::spawn(move || {
            let due = reply.is_due(|| unreachable!("there is no deadline"));
            let later = reply.is_due(|| unreachable!("there is no deadline"));
            assert!(due || !later, "nobody comes back");
        });
        drop(wait);
        actor.join().unwrap();
    });
}

#[test]
fn a_commitment_is_due_until_its_time_is_up_and_never_after() {
    loom::model(|| {
        let deadline = Some(Timestamp::from_nanos(5));
        let (reply, mut wait) = pair::<u32>(Terms { deadline, limited: true, committed: true, edge: None });
        let actor = thread::spawn(move || {
            assert_eq!(reply.deadline(), Some(Timestamp::from_nanos(5)));
            let due = reply.is_due(|| Timestamp::from_nanos(4));
            let later = reply.is_due(|| Timestamp::from_nanos(4));
            assert!(due || !later, "nobody comes back");
            reply
        });
        wait.expire();
        let reply = actor.join().unwrap();
        assert!(!reply.is_due(|| Timestamp::from_nanos(0)));
    });
}

#[test]
fn a_message_that_is_late_fails_its_caller_with_timeout() {
    loom::model(|| {
        let deadline = Some(Timestamp::from_nanos(5));
        let (reply, mut wait) = pair::<u32>(Terms { deadline, limited: true, ..Terms::default() });
        let actor = thread::spawn(move || assert!(!reply.is_due(|| Timestamp::from_nanos(5))));
        assert_eq!(block_on(poll_fn(|cx| wait.poll(cx))), Err(AskError::Timeout));
        actor.join().unwrap();
    });
}

#[test]
fn a_waker_that_is_left_behind_while_the_reply_comes_is_dropped_once() {
    model(|reply, mut wait, alive| {
        let (owners, waker) = Owners::new();
        assert!(poll(&mut wait, &waker).is_pending());
        drop(waker);
        let actor = thread::spawn(move || reply.send(Value(7, alive)));
        drop(wait);
        actor.join().unwrap();
        assert!(owners.close() <= 1);
    });
}

/// Polls with one waker after the other while the reply comes: only the last one that was left there is woken.
fn replaced(wakers: usize) {
    model(move |reply, mut wait, alive| {
        let (mut owners, wakers): (Vec<_>, Vec<_>) = (0..wakers).map(|_| Owners::new()).unzip();
        assert!(poll(&mut wait, &wakers[0]).is_pending());
        let actor = thread::spawn(move || reply.send(Value(7, alive)));
        let mut result = Poll::Pending;
        for waker in &wakers[1..] {
            if result.is_pending() {
                result = poll(&mut wait, waker);
            }
        }
        actor.join().unwrap();
        if result.is_pending() {
            assert_eq!(owners.last().unwrap().rings(), 1, "the last one is the one to be woken");
            assert!(owners[..wakers.len() - 1].iter().all(|owners| owners.rings() == 0), "and the only one");
            result = poll(&mut wait, &wakers[0]);
        }
        let Poll::Ready(result) = result else { unreachable!("it was sent") };
        assert_eq!(result.map(|value| value.0), Ok(7));
        drop(wakers);
        assert!(owners.drain(..).map(Owners::close).sum::<usize>() <= 1);
    });
}

#[test]
fn a_waker_that_is_replaced_while_the_reply_comes_is_not_woken() {
    replaced(2);
}

#[test]
fn a_waker_that_is_replaced_twice_while_the_reply_comes_is_not_woken() {
    replaced(3);
}

#[test]
fn an_edge_has_ended_when_the_answer_is_there() {
    let actor = ActorRef::new("actor").id();
    loom::model(move || {
        let edge = Arc::new(Edge::to(actor));
        let (reply, mut wait) = pair::<u32>(Terms { edge: Some(Arc::clone(&edge)), ..Terms::default() });
        let actor = thread::spawn(move || {
            assert!(reply.edge().is_some());
            reply.send(1);
        });
        assert_eq!(block_on(poll_fn(|cx| wait.poll(cx))), Ok(1));
        assert_eq!(edge.leads_to(), None);
        actor.join().unwrap();
        assert_eq!(Arc::strong_count(&edge), 1);
    });
}

#[test]
fn an_edge_that_a_reply_had_comes_back_with_the_answer_or_is_dropped_once() {
    let actor = ActorRef::new("actor").id();
    loom::model(move || {
        let edge = Arc::new(Edge::to(actor));
        let (reply, mut wait) = seen_pair::<u32>(Arc::clone(&edge));
        let actor = thread::spawn(move || {
            assert!(reply.edge().is_some());
            reply.send(1);
        });
        let mut back = None;
        let mut cx = Context::from_waker(Waker::noop());
        let polled = wait.poll_until(&mut cx, |edge| back = Some(edge));
        // Both ends may look at it, whatever the other does.
        assert_eq!(wait.edge().is_some(), polled.is_pending());
        if polled.is_ready() {
            assert!(back.is_some_and(|back| Arc::ptr_eq(&back, &edge)));
        } else {
            wait.expire();
            assert!(wait.edge().is_none());
        }
        drop(wait);
        actor.join().unwrap();
        assert_eq!((edge.leads_to(), Arc::strong_count(&edge)), (None, 1));
    });
}

// ── a slot that is used again

/// In how many of the interleavings the slot was there again for the next ask.
#[derive(Default)]
struct Reuse([AtomicUsize; 2]);

impl Reuse {
    fn look(&self) {
        self.0[usize::from(kept::<Value>() > 0)].fetch_add(1, Ordering::Relaxed);
    }

    fn close(&self) {
        let [new, again] = [0, 1].map(|at| self.0[at].load(Ordering::Relaxed));
        assert!(new > 0 && again > 0, "both were to be tried: {new} new, {again} used again");
    }
}

#[test]
fn a_late_reply_and_a_replaced_waker_never_reach_the_next_ask() {
    let reuse = Arc::new(Reuse::default());
    let seen = Arc::clone(&reuse);
    model(move |reply, mut wait, alive| {
        let (owners, wakers): (Vec<_>, Vec<_>) = (0..3).map(|_| Owners::new()).unzip();
        let actor = {
            let alive = Arc::clone(&alive);
            thread::spawn(move || reply.send(Value(1, alive)))
        };
        let left = poll(&mut wait, &wakers[0]).is_ready() || poll(&mut wait, &wakers[1]).is_ready();
        drop(wait);

        seen.look();
        let (reply, mut wait) = pair(Terms::default());
        assert!(poll(&mut wait, &wakers[2]).is_pending(), "the answer to the ask before it (taken: {left})");
        assert_eq!(owners[2].rings(), 0);
        reply.send(Value(2, alive));
        assert_eq!(owners[2].rings(), 1);
        assert!(matches!(poll(&mut wait, &wakers[2]), Poll::Ready(Ok(Value(2, _)))));
        actor.join().unwrap();
        drop(wakers);
        let rings: Vec<_> = owners.into_iter().map(Owners::close).collect();
        assert!(rings[0] + rings[1] <= 1 && rings[2] == 1, "{rings:?}");
    });
    reuse.close();
}

#[test]
fn a_slot_that_its_replier_was_left_with_serves_the_repliers_own_asks() {
    let reuse = Arc::new(Reuse::default());
    let seen = Arc::clone(&reuse);
    model(move |reply, mut wait, alive| {
        let (owners, waker) = Owners::new();
        assert!(poll(&mut wait, &waker).is_pending());
        drop(waker);
        let seen = Arc::clone(&seen);
        let actor = thread::spawn(move || {
            reply.send(Value(1, Arc::clone(&alive)));
            seen.look();
            let (reply, mut wait) = pair(Terms::default());
            assert!(poll(&mut wait, Waker::noop()).is_pending());
            reply.send(Value(2, alive));
            assert!(matches!(poll(&mut wait, Waker::noop()), Poll::Ready(Ok(Value(2, _)))));
        });
        drop(wait);
        actor.join().unwrap();
        owners.close();
    });
    reuse.close();
}

#[test]
fn two_asks_in_a_row_are_answered_by_two_threads() {
    let reuse = Arc::new(Reuse::default());
    let seen = Arc::clone(&reuse);
    model(move |reply, wait, alive| {
        let later = Arc::clone(&alive);
        let first = thread::spawn(move || reply.send(Value(1, alive)));
        drop(wait);
        seen.look();
        let (reply, wait) = pair(Terms::default());
        let second = thread::spawn(move || reply.send(Value(2, later)));
        assert_eq!(await_reply(wait).map(|value| value.0), Ok(2));
        first.join().unwrap();
        second.join().unwrap();
    });
    reuse.close();
}
