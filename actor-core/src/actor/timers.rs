//! The declared timers of one incarnation: when each is due, and one sleep for the earliest.

use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use super::settings::{Missed, Timer};
use crate::rt::{self, RuntimeHandle, Timestamp};

/// Holds nothing and allocates nothing for an actor without timers.
pub(crate) struct Timers {
    due: Vec<Timestamp>,
    declared: &'static [Timer],
    sleep: Option<(Timestamp, rt::Timer)>,
    /// Where the search begins, so that no timer shuts another out.
    first: usize,
}

impl Timers {
    pub(crate) fn new(declared: &'static [Timer], now: Timestamp) -> Self {
        let due = declared.iter().map(|timer| if timer.immediate { now } else { now + timer.period }).collect();
        Timers { due, declared, sleep: None, first: 0 }
    }

    /// The next timer that is due, re-armed by its own rule.
    pub(crate) fn poll_due(&mut self, runtime: &RuntimeHandle, cx: &mut Context<'_>) -> Poll<usize> {
        if self.due.is_empty() {
            return Poll::Pending;
        }
        loop {
            let now = runtime.now();
            if let Some(index) = self.find_due(now) {
                return Poll::Ready(index);
            }
            let Some(earliest) = self.due.iter().copied().min() else { return Poll::Pending };
            if self.sleep.as_ref().is_none_or(|(until, _)| *until != earliest) {
                self.sleep = Some((earliest, runtime.sleep(earliest.since(now))));
            }
            let Some((_, sleep)) = &mut self.sleep else { return Poll::Pending };
            // A runtime's sleep may be coarser than its clock: ready is a reason to look again, not to believe it.
            std::task::ready!(Pin::new(sleep).poll(cx));
            self.sleep = None;
        }
    }

    fn find_due(&mut self, now: Timestamp) -> Option<usize> {
        let count = self.due.len();
        let index =
            (0..count).map(|i| (self.first + i) % count).find(|&i| self.due.get(i).is_some_and(|due| *due <= now))?;
        self.first = index + 1;
        let (timer, due) = (self.declared.get(index)?, self.due.get_mut(index)?);
        *due = rearm(timer, *due, now);
        Some(index)
    }
}

/// When a timer that was due at `due` and runs at `now` is due again. Pure.
fn rearm(timer: &Timer, due: Timestamp, now: Timestamp) -> Timestamp {
    match timer.missed {
        Missed::Delay => now + timer.period,
        Missed::Burst => due + timer.period,
        Missed::Skip => {
            let period = u64::try_from(timer.period.as_nanos()).unwrap_or(u64::MAX);
            let late = now.as_nanos().saturating_sub(due.as_nanos());
            let periods = (late / period).saturating_add(1);
            Timestamp::from_nanos(due.as_nanos().saturating_add(period.saturating_mul(periods)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Missed, Timer, Timestamp, rearm};

    #[test]
    fn each_rule_re_arms_in_its_own_way() {
        // period, due, now -> delay, burst, skip
        let table = [(10, 100, 100, 110, 110, 110), (10, 100, 104, 114, 110, 110), (10, 100, 137, 147, 110, 140)];
        for (period, due, now, delay, burst, skip) in table {
            let [due, now] = [due, now].map(Timestamp::from_nanos);
            let next = |missed| rearm(&Timer::every("t", period).missed(missed), due, now).as_nanos();
            assert_eq!((next(Missed::Delay), next(Missed::Burst), next(Missed::Skip)), (delay, burst, skip));
        }
    }
}
