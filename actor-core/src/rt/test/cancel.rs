//! Dropping a future after each of its polls in turn.

use std::{
    future::{Future, poll_fn},
    panic::{AssertUnwindSafe, catch_unwind},
    pin::pin,
    task::Poll,
    time::Duration,
};

use super::{run, sleep};
use crate::exit::Panic;

/// After how many polls a future is taken for one that never completes.
const LIMIT: usize = 500;

/// How much virtual time passes between two polls.
const STEP: Duration = Duration::from_millis(1);

/// Drops a future at each place where it can be dropped, and checks each time that the world is still in order.
///
/// An async function may be dropped wherever it waits: by a time limit, a `select!`, the end of its task. Whether it is
/// cancel safe is decided there, in states that ordinary tests do not reach. This reaches all of them. For k = 0, 1, 2, …
/// it makes a new [`TestRuntime`](super::TestRuntime) and on it
///
/// 1. awaits `world`, which sets everything up afresh;
/// 2. makes the future of `victim`, polls it k times and drops it: in one world at once, in another a millisecond later,
///    when what it waits for may have come to it and it has not seen it yet;
/// 3. lets everything run that can run without time passing;
/// 4. awaits `check`, which is given the world and whether the victim had completed.
///
/// A millisecond of virtual time passes between two polls, in which everyone else does what there is to do. So let what
/// the victim waits for take milliseconds: an hour would be 3,600,000 polls.
///
/// It ends by itself with the first k at which the victim completes, and gives it: how many polls the victim takes, and
/// how many rounds it was dropped in before its end. Look at the number too: a victim that never has to wait completes
/// at 1, and its test shows little.
///
/// # Errors
/// None. What is wrong is a panic, as with all assertions.
///
/// # Panics
/// When `world`, `victim` or `check` panics: with k and the text of that panic. When nothing can ever wake `world` or
/// `check` again. When the victim has not completed after 500 polls.
///
/// # Examples
/// An ask that waits for room in a full mailbox, then for its reply. It is dropped in both states, and runs whole or
/// not at all:
///
/// ```
/// use actor_core::{prelude::*, rt::{self, test::cancel_everywhere}};
/// use std::time::Duration;
///
/// #[derive(Default)]
/// struct Till { cents: u32 }
///
/// #[actor(mailbox = 1)]
/// impl Till {
///     pub async fn pay(&mut self, cents: u32) -> u32 {
///         rt::sleep(Duration::from_millis(3)).await;
///         self.cents += cents;
///         self.cents
///     }
///     pub fn cents(&self) -> u32 { self.cents }
/// }
///
/// let polls = cancel_everywhere(
///     async || {
///         // One payment is in the handler and one in the mailbox: the victim has to wait.
///         let till = Till::default().spawn();
///         till.pay(1).tell().await.unwrap();
///         rt::test::sleep(Duration::from_millis(1)).await;
///         till.pay(10).tell().await.unwrap();
///         till
///     },
///     async |till: &TillHandle| assert_eq!(till.pay(100).await, Ok(111)),
///     async |till, completed| {
///         let cents = till.cents().await.unwrap();
///         assert!(cents == 111 || (cents == 11 && !completed), "{cents}");
///     },
/// );
/// assert!(polls > 3, "it had to wait");
/// ```
#[expect(clippy::needless_pass_by_value, reason = "closures are written where they are passed")]
#[track_caller]
pub fn cancel_everywhere<W>(
    world: impl AsyncFn() -> W,
    victim: impl AsyncFn(&W),
    check: impl AsyncFn(W, bool),
) -> usize {
    let round = |k: usize, linger: bool| {
        // Unwind safety: each round makes its own world, and the first that panics is the last.
        let round = catch_unwind(AssertUnwindSafe(|| {
            run(async {
                let world = world().await;
                let completed = poll_times(k, linger, victim(&world)).await;
                settle().await;
                check(world, completed).await;
                completed
            })
        }));
        round.map_err(|payload| {
            let later = if linger { ", a millisecond later" } else { "" };
            format!("with the victim dropped after {k} polls{later}: {}", Panic::new(&*payload, None, "test").text())
        })
    };
    for k in 0..=LIMIT {
        match round(k, false).and_then(|completed| if completed { Ok(true) } else { round(k, true) }) {
            Ok(true) => return k,
            Ok(false) => {}
            Err(text) => panic!("{text}"),
        }
    }
    panic!("the victim has not completed after {LIMIT} polls")
}

/// Whether the future completes within so many polls. It is dropped before this returns.
async fn poll_times(times: usize, linger: bool, victim: impl Future<Output = ()>) -> bool {
    let mut victim = pin!(victim);
    for n in 0..times {
        if n > 0 {
            sleep(STEP).await;
        }
        if poll_fn(|cx| Poll::Ready(victim.as_mut().poll(cx))).await.is_ready() {
            return true;
        }
    }
    if linger {
        sleep(STEP).await;
    }
    false
}

/// A task that is woken may wake another: a few rounds, each of which lets all run that are ready.
async fn settle() {
    for _ in 0..8 {
        sleep(Duration::ZERO).await;
    }
}
