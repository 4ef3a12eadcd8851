//! What an actor is: its trait, its handle, its context, and the ways to send to it.
//!
//! * `cell`: what handles, loop and supervisor share. Its parts: `life`, and what there is to know of it (`station`), who
//!   waits for that (`audience`); `letters`: what it left unhandled; `home`: where it runs.
//! * `handle`, `ask`, `tell`, `control`, `shutdown`: what is done from outside. `sending`, `block`: their common parts.
//! * `overdue`: whether somebody has waited for too long; `kept`: deferred replies; `watch`: who looks for that, and when.
//! * `message`, `behavior`: the two traits that the macro implements.
//! * `context`, `timers`, `frame`: what is there while its code runs; `stall`: whether that takes too long.
//! * `waits`, `awaiting`: what its code waits for; `ring`: whether that waits for it in turn; `chain`: who waits for whom.
//! * `settings`, `outcome`, `checked`: what generated code is made of.

pub(crate) mod ask;
mod audience;
mod awaiting;
pub(crate) mod behavior;
mod block;
pub(crate) mod cell;
mod chain;
pub(crate) mod checked;
pub(crate) mod context;
mod control;
pub(crate) mod frame;
pub(crate) mod handle;
mod home;
mod kept;
pub(crate) mod letters;
pub(crate) mod life;
pub(crate) mod message;
pub(crate) mod outcome;
pub(crate) mod overdue;
mod ring;
mod sending;
pub(crate) mod settings;
pub(crate) mod shutdown;
pub(crate) mod stall;
mod station;
pub(crate) mod tell;
pub(crate) mod timers;
pub(crate) mod waits;
mod watch;

pub use behavior::{Actor, Context, HandleOf};
pub use message::Message;
