//! Waiting within an actor's code: the edge that shows it, and the ring that it may close.

use std::time::Duration;

use super::{
    frame::{self, Here},
    ring,
    waits::{self, Awaited, How, Running, Traces},
};
use crate::{edge::Edge, error::Cycle, id::ActorId, sync::Arc};

/// Whether an actor's code runs here, whose waits are to be seen.
#[inline]
pub(super) fn is_seen() -> bool {
    frame::is_inside()
}

/// For an ask within an actor's code: an edge that is not awaited yet, and how much time is left for the message in
/// hand. `None` outside of all actors.
#[inline]
pub(super) fn prepare(to: ActorId) -> Option<(Arc<Edge>, Option<Duration>)> {
    frame::here(|here| (edge(&here, to), here.remaining()))
}

/// For an ask whose handler takes its reply, outside of all actors: nobody waits by this edge, but it shows whether the
/// reply is still to come.
pub(super) fn apart(to: ActorId) -> Arc<Edge> {
    let edge = Edge::new();
    edge.move_to(to);
    Arc::new(edge)
}

fn edge(here: &Here<'_>, to: ActorId) -> Arc<Edge> {
    let edge = here.unused();
    edge.prepare(here.id(), to);
    edge
}

/// How an ask without any limit of its own begins.
pub(super) enum Start {
    /// Outside of all actors: nobody is to see it.
    Outside,
    /// By this edge, which is awaited from now on; and whether it may close a ring.
    Shown(Arc<Edge>, bool),
    /// Not yet: there is more to be done for it, by [`prepare`] and [`begin`].
    Unshown,
}

/// Begins to wait for a reply of `to`, where that takes next to nothing: most asks within a handler begin like this, and
/// count no references.
#[inline]
pub(super) fn start(to: ActorId, how: How, target: &Traces) -> Start {
    let start = frame::here(|here| {
        if here.remaining().is_some() || here.is_left_behind() {
            return Start::Unshown;
        }
        let Some(spare) = here.spare() else { return Start::Unshown };
        let edge = spare.show(to, how);
        // In this order: shown first, then looked.
        Start::Shown(edge, here.id() == to || target.may_wait())
    });
    start.unwrap_or(Start::Outside)
}

/// An ask has its reply, which had this edge.
#[inline]
pub(super) fn over(edge: Arc<Edge>) {
    let mut edge = Some(edge);
    frame::here(|here| edge.take().into_iter().for_each(|edge| here.give_back(edge)));
}

/// Whether an edge that was shown closes a ring: which. Then it is not awaited any more.
#[cold]
pub(super) fn ring(edge: &Arc<Edge>) -> Option<Cycle> {
    ring::closed_by(edge, Edge::rest)
}

/// The code that runs awaits its new edge to `target` from now on; the ring, if that closes one. Then it does not await
/// it.
pub(super) fn begin(edge: &Arc<Edge>, how: How, target: &dyn Running) -> Option<Cycle> {
    how.set(edge);
    let free = frame::here(|here| {
        if here.is_left_behind() {
            return true;
        }
        here.show(edge);
        // In this order: shown first, then looked.
        here.id() != target.who().id() && !target.traces().may_wait()
    });
    if free.unwrap_or(true) { None } else { ring::closed_by(edge, Edge::rest) }
}

/// As [`begin`], for an edge that may be awaited already, or was by another piece of code, or by another actor's.
pub(super) fn go_on(edge: &Arc<Edge>) -> Option<Cycle> {
    match frame::here(|here| resume(&here, edge)) {
        Some(true) => ring::closed_by(edge, Edge::rest),
        Some(false) => None,
        None => {
            // It was taken out of the actor's code, which waits for it no more.
            edge.rest();
            None
        }
    }
}

/// Whether it was not awaited by the code that runs, and is now.
fn resume(here: &Here<'_>, edge: &Arc<Edge>) -> bool {
    if edge.is_awaited_by(here.id()) || here.is_left_behind() {
        return false;
    }
    edge.rest();
    here.waits().bring(edge, here.id());
    here.show(edge);
    true
}

/// What is awaited that has no reply.
pub(super) struct Target<'a, F> {
    pub(super) actor: &'a dyn Running,
    /// The same, to be found by its number from now on: perhaps it has never waited, and nobody has asked it.
    pub(super) shared: F,
}

impl<F: Fn() -> Arc<dyn Running>> Target<'_, F> {
    fn edge(&self, here: &Here<'_>) -> Arc<Edge> {
        // Once in its life.
        if !self.actor.traces().is_known() {
            waits::of(&(self.shared)());
        }
        edge(here, self.actor.who().id())
    }
}

/// Awaits something that has no reply, in the same way in each poll.
pub(super) fn watch(
    kept: &mut Option<Awaited>,
    how: How,
    target: &Target<'_, impl Fn() -> Arc<dyn Running>>,
) -> Option<Cycle> {
    if let Some(kept) = kept {
        return go_on(&kept.0);
    }
    let new = frame::here(|here| target.edge(&here))?;
    begin(&kept.insert(Awaited(new)).0, how, target.actor)
}

/// As [`watch`], where a ring is for others to notice.
pub(super) fn watch_quietly(kept: &mut Option<Awaited>, how: How, target: &Target<'_, impl Fn() -> Arc<dyn Running>>) {
    frame::here(|here| {
        let kept = kept.get_or_insert_with(|| Awaited(target.edge(&here)));
        how.set(&kept.0);
        resume(&here, &kept.0);
    });
}

/// The message of `edge` goes on to `target`; the ring, if that closes one for the caller who awaits it. The edge has
/// ended then. A caller who does not await it yet looks for himself when he does.
pub(super) fn forward(edge: &Arc<Edge>, how: How, target: &dyn Running) -> Option<Cycle> {
    edge.move_to(target.who().id());
    how.set(edge);
    ring::closed_by(edge, Edge::end)
}
