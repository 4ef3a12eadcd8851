//! Rings: actors of which each waits for the next.
//!
//! Who begins to wait first shows its own edge and then looks whether the edges from there lead back to it. So of
//! those that close a ring together, the last to show its edge sees them all.
//!
//! Most look at one mark of the target only: whether that may wait for anything, which is set with the first wait of a
//! piece of its code and stays for the rest of it. For two that wait for each other, `a` and `b`, one at least sees the
//! other then, for in the one order of all `SeqCst` operations
//!
//! * each sets its mark and shows its edge before it looks at the other's mark. One of the two steps is `SeqCst`: the
//!   setting of the mark with the first wait, or with a wait by an edge that was not among those looked for before; with
//!   all others, whose mark is there and whose edge can be found, the store of the edge's `wait`.
//! * If `a` finds no mark of `b`, then `b` sets it after that, and so `b` looks after `a` has set its own and has shown
//!   its edge: `b` finds both.
//! * If both find marks, both search. The one whose `SeqCst` step was the last reads the other's `wait`, by a `SeqCst`
//!   load, after the other has stored it.
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

#[cfg(all(test, not(actor_loom)))]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::{Arc, Edge, How, Running, closed_by, known};
    use crate::{
        actor::waits::{self, Traces},
        id::ActorRef,
        rt::Timestamp,
    };

    /// An actor that, when it was looked at so many times, ends an edge: as another thread might.
    struct Fake {
        who: ActorRef,
        traces: Traces,
        looks: AtomicUsize,
        ends: Option<(usize, Arc<Edge>)>,
    }

    impl Running for Fake {
        fn who(&self) -> &ActorRef {
            &self.who
        }

        fn traces(&self) -> &Traces {
            &self.traces
        }

        fn incarnation(&self) -> u32 {
            1
        }

        fn now(&self) -> Timestamp {
            Timestamp::ZERO
        }

        fn during(&self) -> Option<&'static str> {
            None
        }

        fn is_killed(&self) -> bool {
            false
        }

        fn holds_up(&self, _how: How) -> bool {
            let look = self.looks.fetch_add(1, Ordering::Relaxed);
            if let Some((at, edge)) = &self.ends
                && *at == look
            {
                edge.end();
            }
            true
        }
    }

    impl Drop for Fake {
        fn drop(&mut self) {
            waits::forget(&self.who);
        }
    }

    fn fake(name: &'static str, ends: Option<(usize, Arc<Edge>)>) -> Arc<dyn Running> {
        let fake = Fake { who: ActorRef::new(name), traces: Traces::new(), looks: AtomicUsize::new(0), ends };
        Arc::new(fake)
    }

    fn wait(from: &Arc<dyn Running>, edge: &Arc<Edge>, to: &Arc<dyn Running>) {
        let waits = waits::of(from);
        edge.prepare(from.who().id(), to.who().id());
        edge.await_as(from.who().id(), waits.next());
        waits.bring(edge, from.who().id());
    }

    /// What is there in the first round and not in the second was perhaps never there as a whole.
    #[test]
    fn an_edge_that_ends_between_the_two_rounds_is_part_of_no_ring() {
        for (round, found) in [(None, true), (Some(0), false), (Some(1), true)] {
            let (out, back) = (Arc::new(Edge::new()), Arc::new(Edge::new()));
            // `b`, who looks, is the end of its own search, and the edge that ends is the first of it.
            let a = fake("a", None);
            let b = fake("b", round.map(|look| (look, Arc::clone(&back))));
            wait(&a, &out, &b);
            wait(&b, &back, &a);
            let ring = closed_by(&back, Edge::rest);
            assert_eq!(ring.is_some(), found, "{round:?}: {ring:?}");
            assert_eq!(back.is_at_rest(), found, "{round:?}: it is taken away with the ring, and only then");
        }
    }

    #[test]
    fn the_search_leaves_blind_alleys_and_tells_the_way_in_order() {
        let all: Vec<_> = ["a", "b", "c", "d"].map(|name| fake(name, None)).to_vec();
        let [a, b, c, d] = &all[..] else { unreachable!() };
        let edges = [(); 5].map(|()| Arc::new(Edge::new()));
        // b waits for d as well, which waits for b's other: neither leads back.
        wait(b, &edges[0], d);
        wait(d, &edges[1], d);
        wait(b, &edges[2], c);
        wait(a, &edges[3], b);
        assert_eq!(closed_by(&edges[3], Edge::rest), None);
        wait(c, &edges[4], a);
        let ring = closed_by(&edges[4], Edge::rest).expect("c, a, b, c");
        let names: Vec<_> = ring.path().iter().map(ActorRef::name).collect();
        assert_eq!(names, ["c", "a", "b"]);
        assert_eq!(closed_by(&edges[3], Edge::rest), None, "the ring is open again");
        let who = a.who().id().get();
        drop(all);
        assert!(known(who).is_none(), "what is gone is forgotten");
    }
}
