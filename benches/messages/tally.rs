//! The state of the actors that are told, and the check that all of the work was done.

use std::{
    hint::black_box,
    sync::atomic::{AtomicU64, Ordering},
};

/// What the last actor that ended had handled; there is one at a time.
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
