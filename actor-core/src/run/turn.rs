//! What a turn of the loop came to, and what that means for the actor.

use super::attend::Scene;
use crate::{
    actor::{
        Actor, Context, Message,
        cell::{Cell, Tenure},
        frame,
        outcome::{Outcome, Rare, What},
        settings::OnError,
        stall,
        waits::Running,
    },
    exit::{Exit, SharedError},
    observe::{self, DeadReason, UnheardError},
    sync::{Arc, Ordering},
};

/// A handler has ended.
#[inline]
pub(super) fn handled<M>(outcome: &Outcome, cell: &Cell<M>) {
    if !matches!(outcome.0, What::Skipped | What::Late) {
        count(cell);
    }
}

/// A piece of code has ended: what it has left is cleared, and the exit given that it leads to, if any.
#[inline]
pub(super) fn turn_ended<A: Actor>(
    outcome: Outcome,
    cx: &mut Context<A>,
    scene: &Scene<A::Message>,
) -> Option<Box<Exit>> {
    stall::check();
    clear(&scene.cell);
    if matches!(outcome.0, What::Done) && !cx.has_verdict() {
        return None;
    }
    settle::<A>(outcome, frame::piece().name(), scene).or_else(|| cx.take_verdict())
}

/// A piece of code has ended. Usually it has left nothing to be cleared.
#[inline]
pub(super) fn clear<M: Message>(cell: &Cell<M>) {
    if !cell.traces().is_clear() {
        frame::piece_ended();
    }
}

/// Counts a message as handled; the loop is the only writer.
#[inline]
pub(super) fn count<M>(cell: &Cell<M>) {
    let handled = &cell.handled;
    handled.store(handled.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
}

/// What an outcome means for the actor: the exit it leads to, if any.
#[cold]
fn settle<A: Actor>(outcome: Outcome, during: &'static str, scene: &Scene<A::Message>) -> Option<Box<Exit>> {
    let on_error = A::SETTINGS.on_error;
    let rare = match outcome.0 {
        What::Done => return None,
        What::Skipped => {
            scene.cell.dead_letter(during, DeadReason::Abandoned);
            return None;
        }
        What::Late => {
            scene.cell.dead_letter(during, DeadReason::Late);
            return None;
        }
        What::Rare(rare) => *rare,
    };
    let exit = match rare {
        Rare::End(exit) => exit,
        Rare::Unheard(error) => {
            unheard(&scene.cell, during, &error);
            (on_error == OnError::Fail).then_some(Exit::Failed(error))?
        }
        Rare::TickFailed(error) => {
            unheard(&scene.cell, during, &error);
            (on_error != OnError::Report).then_some(Exit::Failed(error))?
        }
    };
    Some(Box::new(exit))
}

pub(super) fn unheard<M>(cell: &Cell<M>, during: &'static str, error: &SharedError) {
    observe::unheard(&UnheardError { actor: cell.who.clone(), during, error: Arc::clone(error) });
}

/// What nobody will handle goes back before `on_stop`, which may take its time.
pub(super) fn close<M: Message>(scene: &Scene<M>, exit: &Exit) {
    let cell = &scene.cell;
    if cell.tenure() == Tenure::Own || (cell.mailbox.is_closed() && !exit.is_abnormal()) {
        cell.close_and_return(exit);
    }
}
