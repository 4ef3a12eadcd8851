//! Whether a piece of an actor's code holds its thread for too long. Where no limit is set, that is one look at one word.

use std::{cell::Cell, time::Duration};

use super::frame;
use crate::{
    observe::{self, Stall},
    rt::Timestamp,
};

thread_local! {
    /// Since when the code of the innermost frame has held this thread, on the clock of its actor's runtime.
    static SINCE: Cell<Timestamp> = const { Cell::new(Timestamp::ZERO) };
}

/// A poll of the actor's code begins.
#[inline]
pub(crate) fn begin() {
    if observe::poll_limit().is_some() {
        start();
    }
}

/// A piece of the code has ended, or the poll has.
#[inline]
pub(crate) fn check() {
    if let Some(limit) = observe::poll_limit() {
        judge(limit);
    }
}

#[cold]
fn start() {
    if let Some(now) = frame::here(|here| here.actor().now()) {
        SINCE.set(now);
    }
}

#[cold]
fn judge(limit: Duration) {
    let Some((actor, now)) = frame::here(|here| (here.actor().who().clone(), here.actor().now())) else { return };
    // What comes next has the thread from now on.
    let held = now.since(SINCE.replace(now));
    let during = frame::piece();
    if held >= limit && !during.is_idle() {
        observe::stalled(&Stall { actor, during: during.name(), held });
    }
}
