//! What can go wrong with a request to a supervisor.

use crate::error::StartError;

/// Why a supervisor did not do what it was asked.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ChildError {
    /// A child of this id is running.
    #[error("a child of this id is running already")]
    AlreadyStarted,
    /// A child of this id is there, but not running: `restart_child` or `remove_child` it.
    #[error("a child of this id is there already, and is not running")]
    AlreadyPresent,
    /// The child is running: stop it first.
    #[error("the child is running")]
    Running,
    /// The child is about to be started again.
    #[error("the child is being restarted")]
    Restarting,
    /// There is no child of this id.
    #[error("there is no child of this id")]
    NotFound,
    /// The supervisor has ended.
    #[error("the supervisor has ended")]
    Stopped,
    /// The child did not start.
    #[error(transparent)]
    Start(#[from] StartError),
}
