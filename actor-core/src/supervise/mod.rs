//! Supervision: children with rules.
//!
//! * `supervisor`: the declaration and the start. `child`: one child's specification; `factory`: what makes it.
//! * `plan`: the decisions, as pure functions.
//! * `tree`: a running supervisor, which is an actor itself. `member`: its children. `notice`: how it learns of exits.
//! * `worker`: what it can do with a child of any kind. `stopping`: how children end.
//! * `handle`, `error`: what can be asked of it while it runs.

mod child;
mod error;
pub(crate) mod factory;
mod handle;
mod member;
mod notice;
mod plan;
mod stopping;
mod supervisor;
mod tree;
mod worker;

pub use child::{Child, ChildKind, Queue, Shutdown};
pub use error::ChildError;
pub use factory::Product;
pub(crate) use handle::StopOnDrop;
pub use handle::{ChildCount, ChildInfo, ChildState, SupervisorHandle, SupervisorMessage};
pub use plan::Restart;
pub use supervisor::Supervisor;
