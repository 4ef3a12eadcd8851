//! Stands in for `trace` while the feature `tracing` is off: same names, no work.

use super::{CrashReport, DeadLetter, Overdue, Stall, UnheardError};

pub(super) fn crash(_: &CrashReport) {}

pub(super) fn dead_letter(_: &DeadLetter) {}

pub(super) fn overdue(_: &Overdue) {}

pub(super) fn stalled(_: &Stall) {}

pub(super) fn unheard(_: &UnheardError) {}
