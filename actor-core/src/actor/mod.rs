//! What an actor is: its trait, its handle, its context, and the ways to send to it.
//!
//! * `cell`: what handles, loop and supervisor share; `life`: its stations and who waits for them.
//! * `handle`, `ask`, `tell`, `shutdown`: what is done from outside. `sending`, `block`: their common parts.
//! * `context`, `timers`, `frame`: what is there while its code runs.
//! * `settings`, `outcome`, `checked`: what generated code is made of.

pub(crate) mod ask;
mod block;
pub(crate) mod cell;
pub(crate) mod checked;
pub(crate) mod context;
pub(crate) mod frame;
pub(crate) mod handle;
pub(crate) mod life;
pub(crate) mod outcome;
mod sending;
pub(crate) mod settings;
pub(crate) mod shutdown;
pub(crate) mod tell;
pub(crate) mod timers;

use std::{
    future::{Future, ready},
    task::Poll,
};

use crate::exit::Exit;
use context::Context;
use handle::Handle;
use outcome::{HookResult, Outcome};
use settings::{Settings, Timer};

/// A message type: the enum that `#[actor]` generates, one variant for each handler.
pub trait Message: Sized + Send + 'static {
    /// The handle of the actor that takes these messages.
    type Handle: From<Handle<Self>> + Clone + Send + Sync + 'static;

    /// The handler's name.
    fn name(&self) -> &'static str;
}

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

    #[doc(hidden)]
    fn dispatch(&mut self, message: Self::Message, cx: &mut Context<Self>) -> impl Future<Output = Outcome> + Send;

    #[doc(hidden)]
    fn on_timer(&mut self, index: usize, cx: &mut Context<Self>) -> impl Future<Output = Outcome> + Send {
        let _ = (index, cx);
        ready(Outcome::SKIPPED)
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
        ready(Outcome::SKIPPED)
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
