//! Rings: actors of which each waits for the next.
//!
//! Who begins to wait first shows its own edge and then looks whether the edges from there lead back to it. So of
//! those that close a ring together, the last to show its edge sees them all.
//!
//! The search looks at one edge after the other while others come and go, so what it finds may never have been there
//! as a whole. Each edge of a ring is therefore looked at once more. One that is gone never comes back with the same
//! look, so if all are still there, then all were there at the moment between the two rounds, and none of the actors
//! could go on. The second round is made by one search at a time, which takes its own edge away before the next one:
//! of those that see the same ring, one fails and the others wait.

use std::collections::HashSet;

use super::waits::{How, Running, known};
use crate::{
    edge::{Edge, Look},
    error::Cycle,
    id::ActorRef,
    sync::Arc,
};

/// Held for the second round. Process-wide, so std's lock even under loom.
static LAST_LOOK: std::sync::Mutex<()> = std::sync::Mutex::new(());

/// One actor on the way, and the edge by which it goes on.
struct Step {
    actor: Arc<dyn Running>,
    edge: Arc<Edge>,
    look: Look,
}

impl Step {
    /// Whether it is still the same wait, and nothing is about to end it. `target` is who it leads to.
    fn is_there(&self, target: &dyn Running) -> bool {
        self.edge.look(self.actor.who().id().get()) == Some(self.look)
            && !self.actor.is_killed()
            && target.holds_up(How::of(&self.edge))
    }
}

/// Whether `edge` closes a ring; takes it away by `withdraw`, if so, before anybody else can see the ring.
pub(super) fn closed_by(edge: &Arc<Edge>, withdraw: impl FnOnce(&Edge)) -> Option<Cycle> {
    loop {
        let ring = search(edge)?;
        let _last_look = LAST_LOOK.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let next = ring.iter().cycle().skip(1);
        if ring.iter().zip(next).all(|(step, next)| step.is_there(&*next.actor)) {
            withdraw(edge);
            let path: Vec<ActorRef> = ring.iter().map(|step| step.actor.who().clone()).collect();
            return Some(Cycle::new(path));
        }
    }
}

/// A way from the edge back to the actor that waits by it, depth first. Each actor is looked at once.
fn search(edge: &Arc<Edge>) -> Option<Vec<Step>> {
    let first = edge.waiter();
    let actor = known(first)?.actor.upgrade()?;
    let look = edge.look(first)?;
    let mut way = vec![Step { actor, edge: Arc::clone(edge), look }];
    let mut seen = HashSet::new();
    // For each step of the way, where else one might go from the actor before it.
    let mut others: Vec<std::vec::IntoIter<Step>> = Vec::new();
    loop {
        let step = way.last()?;
        let to = step.look.leads_to();
        if let Some((target, waits)) = known(to).and_then(|waits| Some((waits.actor.upgrade()?, waits)))
            && step.is_there(&*target)
        {
            if to == first {
                return Some(way);
            }
            if seen.insert(to) {
                let edges = waits.present(to).into_iter();
                let steps = edges.map(|(edge, look)| Step { actor: Arc::clone(&target), edge, look });
                others.push(steps.collect::<Vec<_>>().into_iter());
            } else {
                others.push(Vec::new().into_iter());
            }
        } else {
            others.push(Vec::new().into_iter());
        }
        // On to the first step that was not tried.
        loop {
            if let Some(step) = others.last_mut()?.next() {
                way.push(step);
                break;
            }
            others.pop();
            // The edge itself has no other.
            way.pop();
            others.last()?;
        }
    }
}
