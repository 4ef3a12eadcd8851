//! Who waits for whom, from one actor on: for reports, so looked up when one is made and no sooner.
//!
//! It is the graph that `ring` searches, told instead of searched. Nobody acts upon it, so each edge is looked at once,
//! and what blocks nobody is in it as well: what takes long need not be a ring.

use std::collections::HashSet;

use super::waits::{How, Running, known};
use crate::{
    edge::{Edge, Look},
    observe::{WaitGraph, WaitKind, Waiting},
    sync::Arc,
};

/// Finds an actor by its number, if it can.
pub(super) type Find<'a> = &'a dyn Fn(u64) -> Option<Arc<dyn Running>>;

/// What those of `waiters` wait for that wait for replies which `actor` has deferred; then what `actor` waits for, and
/// so on. `find` is asked for those that have never waited themselves.
pub(super) fn of(actor: &Arc<dyn Running>, waiters: &[u64], find: Find<'_>) -> WaitGraph {
    let mut graph = WaitGraph::default();
    for waiter in waiters.iter().filter_map(|waiter| locate(*waiter, find)) {
        let waits = Step { actor: waiter, kind: WaitKind::DeferredReply, target: Arc::clone(actor) };
        if !graph.push(waits.told()) {
            return graph;
        }
    }
    let mut seen = HashSet::from([number(&**actor)]);
    // What comes next is last.
    let mut next = steps(actor, find);
    while let Some(step) = next.pop() {
        if !graph.push(step.told()) {
            break;
        }
        if seen.insert(number(&*step.target)) {
            next.extend(steps(&step.target, find));
        }
    }
    graph
}

struct Step {
    actor: Arc<dyn Running>,
    kind: WaitKind,
    target: Arc<dyn Running>,
}

impl Step {
    fn told(&self) -> Waiting {
        Waiting {
            actor: self.actor.who().clone(),
            during: self.actor.during(),
            kind: self.kind,
            target: self.target.who().clone(),
            target_during: self.target.during(),
        }
    }
}

fn number(actor: &dyn Running) -> u64 {
    actor.who().id().get()
}

fn locate(number: u64, find: Find<'_>) -> Option<Arc<dyn Running>> {
    known(number).and_then(|waits| waits.actor.upgrade()).or_else(|| find(number))
}

/// What the actor waits for, the last first.
fn steps(actor: &Arc<dyn Running>, find: Find<'_>) -> Vec<Step> {
    let number = number(&**actor);
    // Who is about to be dropped waits for nothing.
    let Some(waits) = known(number).filter(|_| !actor.is_killed()) else { return Vec::new() };
    let step = |(edge, look): (Arc<Edge>, Look)| {
        let target = locate(look.leads_to(), find)?;
        let kind = kind(&edge, look, &*target)?;
        // Of one wait, and not of two.
        (edge.sight(number) == Some(look)).then(|| Step { actor: Arc::clone(actor), kind, target })
    };
    waits.all(number).into_iter().rev().filter_map(step).collect()
}

/// In which way `edge` waits for `target`; `None` if it is about to go on.
fn kind(edge: &Edge, look: Look, target: &dyn Running) -> Option<WaitKind> {
    if look.is_deferred() {
        return Some(WaitKind::DeferredReply);
    }
    let how = How::of(edge);
    let kind = match how {
        How::Reply | How::Sending(_) => return Some(WaitKind::Reply),
        How::Line(priority, place) if target.holds_up(How::Room(priority, place)) => WaitKind::Room,
        How::Line(..) => WaitKind::Reply,
        How::Room(..) => WaitKind::Room,
        How::Exit(_) | How::End => WaitKind::Exit,
        How::Start => WaitKind::Start,
    };
    target.holds_up(how).then_some(kind)
}
