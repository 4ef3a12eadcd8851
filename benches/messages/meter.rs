//! One measurement.

use std::time::{Duration, Instant};

use crate::alloc::{self, Count};

/// What so many operations took.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample {
    pub(crate) operations: u64,
    pub(crate) time: Duration,
    /// Zero unless it was taken in a counting pass.
    pub(crate) count: Count,
}

/// Started once everything is warm: actors are up, queues have their size, pools are filled.
pub(crate) struct Meter {
    before: Count,
    began: Instant,
}

impl Meter {
    pub(crate) fn start() -> Self {
        Meter { before: alloc::count(), began: Instant::now() }
    }

    pub(crate) fn stop(self, operations: u64) -> Sample {
        let time = self.began.elapsed();
        Sample { operations, time, count: alloc::count() - self.before }
    }
}
