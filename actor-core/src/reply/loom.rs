//! A reply and its caller under every interleaving (loom): the caller is always woken, gets what was sent, once, and
//! nothing that comes after it has left.

use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use loom::{future::block_on, thread};

use super::{Reply, Terms, Wait, failing, pair};
use crate::error::AskError;

/// A value that is dropped once, and told from others.
#[derive(Debug, PartialEq)]
struct Value(u32, Arc<()>);

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
