//! A child of a running supervisor: its specification, and whether it is up.

use super::{
    child::Spec,
    handle::{ChildInfo, ChildState},
};
use crate::sync::Arc;

/// A child of a running supervisor.
pub(super) struct Member {
    pub(super) spec: Spec,
    /// It goes back to the declaration when the supervisor ends; others end with it.
    pub(super) declared: bool,
    /// The incarnation that is up. A notice of any other is out of date.
    pub(super) up: Option<u32>,
    pub(super) restarts: u64,
}

impl Member {
    pub(super) fn info(&self) -> ChildInfo {
        let cell = self.spec.cell();
        let state = match self.up {
            Some(_) if cell.is_running() => ChildState::Running,
            Some(_) => ChildState::Starting,
            None => ChildState::Stopped,
        };
        ChildInfo {
            id: Arc::clone(&self.spec.id),
            actor: cell.who().id(),
            kind: self.spec.kind,
            restart: self.spec.restart,
            state,
            restarts: self.restarts,
        }
    }
}
