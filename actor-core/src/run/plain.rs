//! The loop of an actor that never awaits: its handlers are not async, and it has neither hooks nor timers nor sources.
//!
//! It does what `live` does, and needs no future for it: less to keep for as long as it is idle, and less to go through
//! for each poll. What it shares with the other, it takes from `select` and `turn`.

use std::{
    cell::Cell,
    pin::Pin,
    task::{Context as Task, Poll},
};

use super::{
    attend::{Scene, suspend},
    guard::Body,
    select::{Next, Turns, handle, poll_next, poll_turns},
    turn::{close, count},
};
use crate::{
    actor::{Actor, Context, frame::Inside},
    error::AskError,
    exit::Exit,
    mailbox::Taken,
    piece::Piece,
};

pub(super) struct Plain<A: Actor> {
    /// Until the exit.
    state: Option<(A, Context<A>)>,
    inbox: Taken<A::Message>,
    turns: Turns,
    begun: bool,
    /// From its first message.
    inside: Option<Box<Inside>>,
}

// Nothing in it is pinned.
impl<A: Actor> Unpin for Plain<A> {}

impl<A: Actor> Plain<A> {
    pub(super) fn new(actor: A, scene: &Scene<A::Message>) -> Self {
        let cx = Context::new(scene.cell.clone(), scene.incarnation);
        Plain { state: Some((actor, cx)), inbox: Taken::default(), turns: Turns::default(), begun: false, inside: None }
    }

    /// Looks whether there is anything to do, before anything of the user's has ever run. A message that is found is the
    /// next to be handled, without another look: it is counted as begun already.
    fn poll_first(&mut self, scene: &Scene<A::Message>, task: &mut Task<'_>) -> Poll<Option<Exit>> {
        let Some((actor, cx)) = &mut self.state else { return Poll::Pending };
        if !self.begun {
            self.begun = true;
            scene.cell.life.started(scene.incarnation);
        }
        let next = poll_next(actor, cx, &mut self.turns, &mut self.inbox, scene, task);
        match self.turns.note(next) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(Next::End(exit)) => Poll::Ready(Some(*exit)),
            // A message; or a pause, which the look that follows makes anew.
            Poll::Ready(_) => {
                self.inside = Some(scene.inside());
                Poll::Ready(None)
            }
        }
    }

    /// The end: what was accepted and not handled is given back, the state is dropped.
    #[cold]
    fn end(&mut self, mut exit: Exit, scene: &Scene<A::Message>) -> Exit {
        self.inbox.give_back(&scene.cell.mailbox, scene.is_present());
        let state = self.state.take();
        if let Some(inside) = &self.inside {
            inside.piece_ended();
        }
        if exit != Exit::Killed {
            close(scene, &exit);
        }
        if !std::mem::needs_drop::<A>() {
            return exit;
        }
        // The state may hold replies of its own: they end as the actor did.
        let error = AskError::Stopped(exit.clone());
        let mut inside = self.inside.take().or_else(|| Some(scene.inside()));
        if let Err(panic) = scene.discard(&mut inside, Piece::new(&"drop"), error, move || drop(state)) {
            exit = Exit::Panicked(panic);
        }
        exit
    }
}

/// Handles the message that [`Plain::poll_first`] has found. Not inlined: the handlers stand in the loop already.
#[cold]
#[inline(never)]
fn handle_first<A: Actor>(
    actor: &mut A,
    cx: &mut Context<A>,
    turns: &mut Turns,
    inbox: &mut Taken<A::Message>,
    scene: &Scene<A::Message>,
) -> Option<Box<Exit>> {
    handle(actor, cx, turns, inbox, scene)
}

impl<A: Actor> Body<A::Message> for Plain<A> {
    fn poll_exit(self: Pin<&mut Self>, scene: &Scene<A::Message>, task: &mut Task<'_>) -> Poll<Exit> {
        let this = self.get_mut();
        let first = this.inside.is_none();
        if first && let Some(exit) = std::task::ready!(this.poll_first(scene, task)) {
            return Poll::Ready(this.end(exit, scene));
        }
        let Plain { state: Some((actor, cx)), inbox, turns, inside, .. } = this else { return Poll::Pending };
        let during = Cell::new(Piece::IDLE);
        let polled = scene.catch(inside, &during, || {
            if first && let Some(exit) = handle_first(actor, cx, turns, inbox, scene) {
                return Poll::Ready(Next::End(exit));
            }
            poll_turns(actor, cx, turns, inbox, scene, task)
        });
        match polled {
            Ok(Poll::Pending) => {
                // Parked, or it lets others run and has woken itself.
                if !during.get().is_idle() {
                    suspend(scene, during.get(), task);
                }
                Poll::Pending
            }
            Ok(Poll::Ready(Next::End(exit))) => Poll::Ready(this.end(*exit, scene)),
            Ok(Poll::Ready(_)) => unreachable!("an actor that never awaits has nothing to be awaited"),
            Err(panic) => {
                if this.turns.in_hand {
                    count(&scene.cell);
                }
                Poll::Ready(this.end(Exit::Panicked(panic), scene))
            }
        }
    }

    fn leave(self: Pin<&mut Self>, scene: &Scene<A::Message>) {
        self.get_mut().inbox.give_back(&scene.cell.mailbox, scene.is_present());
    }
}

pin_project_lite::pin_project! {
    /// The same, of an actor that is still to be made.
    #[project = Stage]
    pub(super) enum Unborn<A: Actor, F> {
        Birth { #[pin] birth: F },
        Life { plain: Plain<A> },
    }
}

impl<A: Actor, F: Future<Output = Result<A, Exit>>> Unborn<A, F> {
    pub(super) fn new(birth: F) -> Self {
        Unborn::Birth { birth }
    }
}

impl<A: Actor, F: Future<Output = Result<A, Exit>>> Body<A::Message> for Unborn<A, F> {
    fn poll_exit(mut self: Pin<&mut Self>, scene: &Scene<A::Message>, task: &mut Task<'_>) -> Poll<Exit> {
        loop {
            let born = match self.as_mut().project() {
                Stage::Life { plain } => return Pin::new(plain).poll_exit(scene, task),
                Stage::Birth { birth } => std::task::ready!(birth.poll(task)),
            };
            match born {
                Ok(actor) => self.set(Unborn::Life { plain: Plain::new(actor, scene) }),
                Err(exit) => return Poll::Ready(exit),
            }
        }
    }

    fn leave(self: Pin<&mut Self>, scene: &Scene<A::Message>) {
        if let Stage::Life { plain } = self.project() {
            Pin::new(plain).leave(scene);
        }
    }
}
