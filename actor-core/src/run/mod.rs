//! The loop: one incarnation of one actor, from its birth to its exit.
//!
//! * `attend`: awaiting user code, with kill and panic.
//! * `select`: what to do next, and doing it where it need not be awaited.
//! * `turn`: what it came to.
//! * `plain`: the same for an actor that never awaits.
//! * `guard`: the task around it, which reports the exit whatever happens.
//! * `spawn`: starting an actor that nobody supervises.
//!
//! The loop takes a callback for its exit and does not know that supervisors exist.

#![expect(
    clippy::manual_async_fn,
    reason = "an `async fn` keeps its arguments twice, and every idle actor pays for that"
)]

pub(crate) mod attend;
pub(crate) mod guard;
mod plain;
mod select;
pub(crate) mod spawn;
mod turn;

use std::future::{Future, ready};

use attend::{Broken, Scene};
use guard::{Awaiting, Guarded};
use plain::{Plain, Unborn};
use select::{Next, Turns, next};
use turn::{clear, close, count, handled, turn_ended, unheard};

use crate::{
    actor::{
        Actor, Context, Message,
        cell::Cell,
        frame::{self, Inside},
    },
    error::AskError,
    exit::{Exit, SharedError},
    mailbox::{Inbox, Taken},
    piece::Piece,
    rt::RuntimeHandle,
    sync::Arc,
};

/// Starts an incarnation: `birth` gives the state, `on_exit` is told how it ended, once, after the state is dropped.
pub(crate) fn launch<A, B>(
    cell: &Arc<Cell<A::Message>>,
    runtime: &RuntimeHandle,
    birth: B,
    on_exit: impl FnOnce(&Cell<A::Message>, Exit) + Send + 'static,
) where
    A: Actor,
    B: Future<Output = Result<A, SharedError>> + Send + 'static,
{
    cell.set_runtime(runtime);
    let scene = Scene { cell: Arc::clone(cell), incarnation: cell.begin() };
    if A::PLAIN {
        let birth = plain_birth(scene.clone(), birth);
        runtime.spawn(Guarded::new(scene, Unborn::new(birth), on_exit));
    } else {
        run(scene.clone(), runtime, live(scene, birth), on_exit);
    }
}

/// Starts the only incarnation of an actor that is there already.
pub(crate) fn launch_born<A: Actor>(
    scene: Scene<A::Message>,
    runtime: &RuntimeHandle,
    actor: A,
    on_exit: impl FnOnce(&Cell<A::Message>, Exit) + Send + 'static,
) {
    if A::PLAIN {
        let plain = Plain::new(actor, &scene);
        runtime.spawn(Guarded::new(scene, plain, on_exit));
    } else {
        run(scene.clone(), runtime, live(scene, ready(Ok(actor))), on_exit);
    }
}

/// Starts an incarnation of whatever `body` makes of it.
pub(crate) fn start<M, F: Future<Output = Exit> + Send + 'static>(
    cell: &Arc<Cell<M>>,
    runtime: &RuntimeHandle,
    body: impl FnOnce(Scene<M>) -> F,
    on_exit: impl FnOnce(&Cell<M>, Exit) + Send + 'static,
) where
    M: Message,
{
    cell.set_runtime(runtime);
    let scene = Scene { cell: Arc::clone(cell), incarnation: cell.begin() };
    run(scene.clone(), runtime, body(scene), on_exit);
}

fn run<M: Message, F: Future<Output = Exit> + Send + 'static>(
    scene: Scene<M>,
    runtime: &RuntimeHandle,
    body: F,
    on_exit: impl FnOnce(&Cell<M>, Exit) + Send + 'static,
) {
    runtime.spawn(Guarded::new(scene, Awaiting::new(body), on_exit));
}

/// Makes an actor that never awaits.
async fn plain_birth<A: Actor>(
    scene: Scene<A::Message>,
    birth: impl Future<Output = Result<A, SharedError>>,
) -> Result<A, Exit> {
    let _aside = scene.cell.aside();
    let made = scene.attend(&mut Some(scene.inside()), Piece::new(&"factory"), birth).await;
    made?.map_err(Exit::Failed)
}

/// A whole life. Every piece of user code in it is attended: a kill drops it and a panic of it is caught.
fn live<A, B>(scene: Scene<A::Message>, birth: B) -> impl Future<Output = Exit> + Send
where
    A: Actor,
    B: Future<Output = Result<A, SharedError>> + Send,
{
    async move {
        // What outlives a panic or a kill of the code that works on it.
        let mut state = None;
        let mut inbox = Inbox::new(&scene.cell.mailbox);
        let mut progress = Turns::default();
        let mut started = false;
        let mut inside = Some(scene.inside());
        let serving = async {
            let aside = scene.cell.aside();
            let actor = birth.await.map_err(Exit::Failed)?;
            let cx = Context::new(Arc::clone(&scene.cell), scene.incarnation);
            let (actor, cx) = state.insert((actor, cx));
            frame::running(Piece::new(&"on_start"));
            actor.on_start(cx).await.map_err(Exit::Failed)?;
            clear(&scene.cell);
            drop(aside);
            scene.cell.life.started(scene.incarnation);
            started = true;
            Ok::<Exit, Exit>(turns(actor, cx, &mut progress, &mut inbox.taken, &scene).await)
        };
        let mut exit = match scene.attend(&mut inside, Piece::new(&"factory"), serving).await {
            Ok(Ok(exit) | Err(exit)) => exit,
            Err(broken) => {
                if progress.in_hand && matches!(broken, Broken::Panicked(_)) {
                    count(&scene.cell);
                }
                broken.into()
            }
        };
        inbox.taken.give_back(&scene.cell.mailbox, scene.is_present());
        drop(inbox);
        let Some((mut actor, mut cx)) = state else { return exit };
        if started {
            exit = stop(&mut actor, &mut cx, &scene, &mut inside, exit).await;
        }
        actor.reap(&mut cx).await;
        // The state may hold replies of its own: they end as the actor did.
        let error = AskError::Stopped(exit.clone());
        if let Err(panic) = scene.discard(&mut inside, Piece::new(&"drop"), error, move || drop((actor, cx))) {
            exit = Exit::Panicked(panic);
        }
        exit
    }
}

/// Turn after turn, until something ends it.
///
/// What is not async is done within [`next`], so this comes round for what is to be awaited only.
fn turns<A: Actor>(
    actor: &mut A,
    cx: &mut Context<A>,
    turns: &mut Turns,
    inbox: &mut Taken<A::Message>,
    scene: &Scene<A::Message>,
) -> impl Future<Output = Exit> + Send {
    async move {
        loop {
            let outcome = match next(actor, cx, turns, inbox, scene).await {
                Next::Message => {
                    let Some(message) = inbox.take(&scene.cell.mailbox) else { continue };
                    turns.in_hand = true;
                    frame::running(message.piece());
                    let outcome = actor.dispatch(message, cx).await;
                    turns.in_hand = false;
                    handled(&outcome, &scene.cell);
                    outcome
                }
                Next::Timer(index) => {
                    let _aside = scene.cell.aside();
                    frame::running(A::TIMERS.get(index).map_or(Piece::new(&"timer"), |timer| Piece::new(&timer.name)));
                    actor.on_timer(index, cx).await
                }
                Next::Event => {
                    let _aside = scene.cell.aside();
                    frame::running(Piece::new(&"event"));
                    actor.on_event(cx).await
                }
                Next::Pause => continue,
                Next::End(exit) => return *exit,
            };
            if let Some(exit) = turn_ended::<A>(outcome, cx, scene) {
                return *exit;
            }
        }
    }
}

/// Runs `on_stop`, on every exit but a kill. A panic in it changes the exit, an error is reported.
fn stop<A: Actor>(
    actor: &mut A,
    cx: &mut Context<A>,
    scene: &Scene<A::Message>,
    inside: &mut Option<Box<Inside>>,
    exit: Exit,
) -> impl Future<Output = Exit> + Send {
    async move {
        if exit == Exit::Killed {
            return exit;
        }
        close(scene, &exit);
        let _aside = scene.cell.aside();
        match scene.attend(inside, Piece::new(&"on_stop"), actor.on_stop(&exit, cx)).await {
            Ok(Ok(())) => exit,
            Ok(Err(error)) => {
                unheard(&scene.cell, "on_stop", &error);
                exit
            }
            Err(broken) => broken.into(),
        }
    }
}
