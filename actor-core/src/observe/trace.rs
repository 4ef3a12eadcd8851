//! The reports as `tracing` events.

use super::{CrashReport, DeadLetter, Overdue, Stall, UnheardError};

pub(super) fn crash(report: &CrashReport) {
    tracing::error!(
        actor.name = report.actor.name(),
        actor.id = report.actor.id().get(),
        actor.incarnation = report.incarnation,
        exit = %report.exit,
        "actor crashed",
    );
}

pub(super) fn dead_letter(letter: &DeadLetter) {
    tracing::debug!(
        actor.name = letter.actor.name(),
        actor.id = letter.actor.id().get(),
        message = letter.message,
        reason = ?letter.reason,
        "dead letter",
    );
}

pub(super) fn overdue(report: &Overdue) {
    tracing::warn!(
        actor.name = report.actor.name(),
        actor.id = report.actor.id().get(),
        during = report.during,
        waiting = report.waiting,
        deferred = report.deferred.map(|deferred| deferred.replies),
        waits_for = (!report.waits_for.is_empty()).then(|| tracing::field::display(&report.waits_for)),
        "{report}",
    );
}

pub(super) fn stalled(stall: &Stall) {
    tracing::warn!(
        actor.name = stall.actor.name(),
        actor.id = stall.actor.id().get(),
        during = stall.during,
        held = ?stall.held,
        "{stall}",
    );
}

pub(super) fn unheard(error: &UnheardError) {
    tracing::warn!(
        actor.name = error.actor.name(),
        actor.id = error.actor.id().get(),
        during = error.during,
        error = %error.error,
        "error without a caller",
    );
}
