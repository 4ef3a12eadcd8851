//! One measurement, and the check that all of the work was done.

use std::{
    hint::black_box,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

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

static HANDLED: AtomicU64 = AtomicU64::new(0);

/// The 8 bytes of state of the actors that are told, on both sides: a sum, which says at its end what was handled.
#[derive(Debug, Default)]
pub(crate) struct Tally(u64);

impl Tally {
    pub(crate) fn add(&mut self, number: u64) {
        // Each message is handled by itself: a loop over many of them cannot be folded into one addition.
        self.0 = black_box(self.0.wrapping_add(number));
    }

    pub(crate) fn set(&mut self, number: u64) {
        self.0 = number;
    }
}

impl Drop for Tally {
    fn drop(&mut self) {
        HANDLED.store(self.0, Ordering::Release);
    }
}

/// To be called when the actor with the tally has ended.
pub(crate) fn expect_handled(expected: u64) {
    assert_eq!(HANDLED.swap(0, Ordering::AcqRel), expected, "not every message was handled");
}
