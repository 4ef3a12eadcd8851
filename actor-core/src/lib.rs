#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
//!
//! # Layout
//!
//! Imports only go down these floors (`tests/floors.rs` in the repository checks it):
//!
//! | floor | modules |
//! |---|---|
//! | 8 | `__private`, this file |
//! | 7 | `system` |
//! | 5 | `supervise` |
//! | 4 | `run`: the loop |
//! | 3 | `actor`: handle, ask, tell, context |
//! | 2 | `reply`, `stop`, `mailbox` |
//! | 1 | `edge`, [`rt`], [`observe`] |
//! | 0 | `error`, `exit`, `id`, `sync`, `wake` |

mod actor;
mod edge;
mod error;
mod exit;
mod id;
mod mailbox;
pub mod observe;
mod piece;
mod reply;
pub mod rt;
mod run;
mod seldom;
mod stop;
mod supervise;
mod sync;
mod system;
mod wake;

#[doc(hidden)]
pub mod __private;

pub use actor::{
    Actor, Context, HandleOf, Message,
    ask::{Ask, Enqueue, Fallible, Flatten, Pending, Whole},
    context::{NoMessage, TaskHandle},
    handle::{Handle, WeakHandle},
    letters::DeadLetterCounts,
    life::{Monitor, Started, Stopped},
    shutdown::{ShutdownReport, ShuttingDown},
    tell::Tell,
};
#[cfg(feature = "macros")]
pub use actor_macros::{
    actor, after, ask, boxed, broadcast, every, handler, on_exit, on_idle, on_panic, on_start, on_stop, priority, recv,
    skip, stream, tell, timeout, watch,
};
pub use error::{AskError, Cycle, SpawnError, StartError, TellError, Unsent};
pub use exit::{Exit, Panic, SharedError};
pub use id::{ActorId, ActorRef};
pub use mailbox::{MailboxStats, Overflow};
pub use reply::Reply;
pub use run::spawn::{Options, Spawn};
pub use stop::{Requested, Stop};
pub use supervise::{
    Child, ChildCount, ChildError, ChildInfo, ChildKind, ChildState, Product, Queue, Restart, Shutdown, Supervisor,
    SupervisorHandle, SupervisorMessage,
};
pub use system::{System, SystemError, SystemReport};

/// What a user types, and no more.
pub mod prelude {
    #[cfg(feature = "macros")]
    pub use crate::actor;
    pub use crate::{
        Actor, AskError, Child, Context, Exit, Handle, Overflow, Queue, Reply, Restart, Shutdown, Spawn, Stop,
        Supervisor, SupervisorHandle, System, TellError,
    };
}
