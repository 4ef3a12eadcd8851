//! Stopping children: each by its own rule, in reverse order, and never for longer than that rule says.

use std::{
    collections::BTreeMap,
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
    time::Duration,
};

use super::{child::Shutdown, member::Member, notice::Notices, worker::Supervised};
use crate::{
    actor::{
        cell::Level,
        life::Monitor,
        shutdown::{KILL_LIMIT, until},
    },
    exit::Exit,
    observe::{self, CrashReport},
    rt::RuntimeHandle,
    sync::Arc,
};

/// Stops all, the last first, each when the one after it has ended.
///
/// With `farewell` nothing will start them again: each is retired the moment it is down, by its turn or by itself. So
/// nobody waits for a child that is down, and no child that is being stopped waits for one either.
pub(super) async fn stop_all(
    runtime: &RuntimeHandle,
    members: &mut BTreeMap<u64, Member>,
    now: bool,
    farewell: Option<&Notices>,
) {
    let Some(notices) = farewell else {
        for member in members.values_mut().rev() {
            stop(runtime, member, now).await;
        }
        return;
    };
    let cells: BTreeMap<u64, Arc<dyn Supervised>> =
        members.iter().map(|(key, member)| (*key, member.spec.cell())).collect();
    for member in members.values().filter(|member| member.up.is_none()) {
        member.spec.cell().settle();
    }
    for member in members.values_mut().rev() {
        let mut stopped = pin!(stop(runtime, member, now));
        poll_fn(|task| {
            while let Poll::Ready(news) = notices.poll(task) {
                if let Some(cell) = cells.get(&news.child) {
                    cell.settle();
                }
            }
            stopped.as_mut().poll(task)
        })
        .await;
    }
    cells.values().rev().for_each(|cell| cell.settle());
}

/// Stops one child by its rule; `now` leaves out the draining.
///
/// # Cancel safety
/// Dropped by the kill of the supervisor, it leaves the child as one that is up, to be killed with the others.
pub(super) async fn stop(runtime: &RuntimeHandle, member: &mut Member, now: bool) {
    let cell = member.spec.cell();
    let Some(incarnation) = member.up else { return };
    let mut exit = Arc::clone(&cell).present_exit();
    let first = if now { Level::Now } else { Level::Drain };
    let steps: Vec<(Level, Option<Duration>)> = match member.spec.shutdown {
        Shutdown::Brutal => vec![(Level::Kill, Some(KILL_LIMIT))],
        Shutdown::Infinity => vec![(first, None)],
        Shutdown::Within(limit) if now => vec![(first, Some(limit)), (Level::Kill, Some(KILL_LIMIT))],
        Shutdown::Within(limit) => {
            vec![(first, Some(limit * 4 / 5)), (Level::Now, Some(limit / 5)), (Level::Kill, Some(KILL_LIMIT))]
        }
    };
    for (level, limit) in steps {
        cell.request(level);
        let ended = match limit {
            None => Some((&mut exit).await),
            Some(limit) => until(&mut exit, runtime.sleep(limit)).await,
        };
        if ended.is_some() {
            member.up = None;
            return;
        }
    }
    member.up = None;
    abandon(member, incarnation);
}

/// Kills all at once and waits for them, for the kill limit at most.
pub(super) async fn kill(runtime: &RuntimeHandle, members: impl IntoIterator<Item = &mut Member>) {
    let mut dying: Vec<(&mut Member, u32, Monitor)> = Vec::new();
    for member in members {
        let Some(incarnation) = member.up.take() else { continue };
        let cell = member.spec.cell();
        let exit = Arc::clone(&cell).present_exit();
        cell.request(Level::Kill);
        dying.push((member, incarnation, exit));
    }
    let until_limit = runtime.now() + KILL_LIMIT;
    for (member, incarnation, mut exit) in dying {
        let left = until_limit.since(runtime.now());
        if until(&mut exit, runtime.sleep(left)).await.is_none() {
            abandon(member, incarnation);
        }
    }
}

/// It does not yield, and nothing can make it: it is reported and left behind. It takes no part in what comes after,
/// since a later incarnation has another number.
fn abandon(member: &Member, incarnation: u32) {
    let cell = member.spec.cell();
    observe::crash(&CrashReport { actor: cell.who().clone(), incarnation, exit: Exit::Lost });
    cell.exited(incarnation, &Exit::Lost);
}
