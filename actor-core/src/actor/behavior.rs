//! What an actor does, and what it sees of itself while it does it: the trait and its context, which name each other.

use std::{
    future::{Future, ready},
    task::Poll,
};

use super::{
    cell::Cell,
    message::Message,
    outcome::{HookResult, Outcome, misled},
    settings::{Settings, Timer},
    timers::Timers,
};
use crate::{exit::Exit, sync::Arc};

/// A struct that `#[actor]` made an actor. Implemented by the macro; its items are not for use by hand.
///
/// What is called on an actor is in [`Spawn`](crate::Spawn): `spawn`, `try_spawn`, `spawn_on` and `options`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an actor",
    label = "this type has no `#[actor]` impl block",
    note = "annotate its inherent impl: `#[actor] impl {Self} {{ .. }}`"
)]
pub trait Actor: Sized + Send + 'static {
    /// The generated message enum.
    type Message: Message;

    #[doc(hidden)]
    const SETTINGS: Settings;

    #[doc(hidden)]
    const TIMERS: &'static [Timer] = &[];

    /// Whether `poll_event` may give anything.
    #[doc(hidden)]
    const HAS_EVENTS: bool = false;

    /// Whether it never awaits: no handler of it is async, and there is none of what follows but `handle`.
    #[doc(hidden)]
    const PLAIN: bool = false;

    /// Whether the message is one for [`handle`](Self::handle): its handler is not async.
    #[doc(hidden)]
    #[inline]
    fn is_sync(message: &Self::Message) -> bool {
        let _ = message;
        false
    }

    /// Runs a handler that is not async. A call, not a future: the message goes from the mailbox to its handler in one
    /// move, and the loop carries no place for it.
    #[doc(hidden)]
    fn handle(&mut self, message: Self::Message, cx: &mut Context<Self>) -> Outcome {
        let _ = (message, cx);
        misled()
    }

    /// Runs a handler that is async.
    #[doc(hidden)]
    fn dispatch(&mut self, message: Self::Message, cx: &mut Context<Self>) -> impl Future<Output = Outcome> + Send {
        let _ = (message, cx);
        ready(misled())
    }

    #[doc(hidden)]
    fn on_timer(&mut self, index: usize, cx: &mut Context<Self>) -> impl Future<Output = Outcome> + Send {
        let _ = (index, cx);
        ready(Outcome::DONE)
    }

    /// Looks at the sources of its own, beside mailbox and timers. What is ready is kept for `on_event`.
    #[doc(hidden)]
    fn poll_event(&mut self, task: &mut std::task::Context<'_>) -> Poll<()> {
        let _ = task;
        Poll::Pending
    }

    #[doc(hidden)]
    fn on_event(&mut self, cx: &mut Context<Self>) -> impl Future<Output = Outcome> + Send {
        let _ = cx;
        ready(Outcome::DONE)
    }

    #[doc(hidden)]
    fn on_start(&mut self, cx: &mut Context<Self>) -> impl Future<Output = HookResult> + Send {
        let _ = cx;
        ready(Ok(()))
    }

    #[doc(hidden)]
    fn on_stop(&mut self, exit: &Exit, cx: &mut Context<Self>) -> impl Future<Output = HookResult> + Send {
        let _ = (exit, cx);
        ready(Ok(()))
    }

    /// Runs after everything else, on a kill too: what the actor owns outside itself is taken down here.
    #[doc(hidden)]
    fn reap(&mut self, cx: &mut Context<Self>) -> impl Future<Output = ()> + Send {
        let _ = cx;
        ready(())
    }
}

/// The handle type of an actor.
pub type HandleOf<A> = <<A as Actor>::Message as Message>::Handle;

/// The actor's own view of itself: given to any handler, timer or hook that has a `cx: &mut Context<Self>`
/// parameter.
///
/// ```
/// use actor_core::prelude::*;
/// struct Once;
/// #[actor]
/// impl Once {
///     pub fn go(&mut self, cx: &mut Context<Self>) -> u32 {
///         cx.stop();                       // after this handler
///         cx.incarnation()
///     }
/// }
/// # actor_core::rt::test::run(async {
/// let h = Once.spawn();
/// assert_eq!(h.go().await, Ok(1));
/// assert_eq!(h.stopped().await, Exit::Stopped);
/// # });
/// ```
pub struct Context<A: Actor> {
    pub(crate) cell: Arc<Cell<A::Message>>,
    pub(crate) incarnation: u32,
    pub(crate) rare: Option<Box<Rare>>,
}

/// What most actors have none of. They carry a word for it for as long as they live.
#[derive(Default)]
pub(crate) struct Rare {
    pub(crate) timers: Option<Timers>,
    /// The end that a handler has asked for; the loop acts on it when the handler has returned.
    pub(crate) verdict: Option<Box<Exit>>,
}

impl<A: Actor> Context<A> {
    pub(crate) fn new(cell: Arc<Cell<A::Message>>, incarnation: u32) -> Self {
        let rare = (!A::TIMERS.is_empty()).then(|| {
            let timers = Timers::new(A::TIMERS, cell.running_on().now());
            Box::new(Rare { timers: Some(timers), verdict: None })
        });
        Context { cell, incarnation, rare }
    }

    /// Whether a handler has asked for the end.
    #[inline]
    pub(crate) fn has_verdict(&self) -> bool {
        self.rare.as_ref().is_some_and(|rare| rare.verdict.is_some())
    }

    pub(crate) fn take_verdict(&mut self) -> Option<Box<Exit>> {
        self.rare.as_mut()?.verdict.take()
    }
}
