//! The clock of expiry.

use std::time::Instant;

/// Milliseconds since the server started. Monotonic: setting the machine's clock expires nothing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock(Instant);

impl Clock {
    /// A clock that shows zero now.
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    /// Milliseconds since [`start`](Self::start).
    pub(crate) fn now(self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}
