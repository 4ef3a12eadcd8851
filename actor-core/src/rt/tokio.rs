//! The tokio adapter. Needs a runtime with its time driver enabled (`enable_time` or `enable_all`).

use std::{sync::OnceLock, time::Duration};

use ::tokio::{
    runtime::{Handle, Runtime},
    time::Instant,
};

use super::{AsRuntime, Kind, RuntimeHandle, Task, Timestamp};

impl From<Handle> for RuntimeHandle {
    fn from(handle: Handle) -> Self {
        RuntimeHandle(Kind::Tokio(handle))
    }
}

impl AsRuntime for Handle {
    fn as_runtime(&self) -> RuntimeHandle {
        self.clone().into()
    }
}

impl AsRuntime for Runtime {
    fn as_runtime(&self) -> RuntimeHandle {
        self.handle().clone().into()
    }
}

pub(super) fn current() -> Option<RuntimeHandle> {
    Handle::try_current().ok().map(RuntimeHandle::from)
}

pub(super) fn sleep(handle: &Handle, duration: Duration) -> Task {
    let _inside = handle.enter();
    Box::pin(::tokio::time::sleep(duration))
}

/// tokio's own clock, so that `tokio::time::pause` is obeyed wherever it is in force: inside the paused runtime, which
/// is where actors read it.
pub(super) fn now() -> Timestamp {
    static ORIGIN: OnceLock<Instant> = OnceLock::new();
    let now = Instant::now();
    let origin = *ORIGIN.get_or_init(|| now);
    Timestamp::ZERO + now.saturating_duration_since(origin)
}
