//! The decisions of a supervisor, as functions of their arguments: no clock, no async, no state but the window.

use std::{collections::VecDeque, time::Duration};

use crate::{exit::Exit, rt::Timestamp};

/// When a child is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Restart {
    /// After every exit.
    #[default]
    Permanent,
    /// After an abnormal exit ([`Exit::is_abnormal`]).
    Transient,
    /// Never.
    Temporary,
}

impl Restart {
    /// Whether a child that ended by itself like this is started again.
    pub(super) fn after(self, exit: &Exit) -> bool {
        match self {
            Restart::Permanent => true,
            Restart::Transient => exit.is_abnormal(),
            Restart::Temporary => false,
        }
    }
}

/// How many restarts within which period are survived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Intensity {
    pub(super) restarts: u32,
    pub(super) period: Duration,
}

impl Default for Intensity {
    fn default() -> Self {
        Intensity { restarts: 3, period: Duration::from_secs(5) }
    }
}

/// The rules of one supervisor.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rules {
    pub(super) intensity: Intensity,
}

/// The restarts of the last period: a sliding window that holds `intensity.restarts` entries at most.
#[derive(Debug, Default)]
pub(super) struct Window(VecDeque<Timestamp>);

impl Window {
    /// Notes a restart at `now`. `Err` with the number of restarts the window held if this one is one too many; a
    /// restart exactly one period old still counts.
    pub(super) fn note(&mut self, intensity: Intensity, now: Timestamp) -> Result<(), u32> {
        while self.0.front().is_some_and(|first| now.since(*first) > intensity.period) {
            self.0.pop_front();
        }
        let held = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        if held >= intensity.restarts {
            return Err(held);
        }
        self.0.push_back(now);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERIOD: Duration = Duration::from_secs(5);

    fn at(millis: u64) -> Timestamp {
        Timestamp::ZERO + Duration::from_millis(millis)
    }

    #[test]
    fn restart_types_answer_to_every_exit() {
        let clean = [Exit::Normal, Exit::Stopped];
        let abnormal = [Exit::Killed, Exit::Lost, Exit::failed("no"), Exit::GaveUp { child: "c".into(), restarts: 1 }];
        for exit in &clean {
            let answers = [Restart::Permanent, Restart::Transient, Restart::Temporary].map(|r| r.after(exit));
            assert_eq!(answers, [true, false, false], "{exit}");
        }
        for exit in &abnormal {
            let answers = [Restart::Permanent, Restart::Transient, Restart::Temporary].map(|r| r.after(exit));
            assert_eq!(answers, [true, true, false], "{exit}");
        }
    }

    #[test]
    fn restart_one_too_many_within_the_period_gives_up() {
        let intensity = Intensity { restarts: 2, period: PERIOD };
        let mut window = Window::default();
        assert_eq!([0, 1].map(|ms| window.note(intensity, at(ms))), [Ok(()), Ok(())]);
        assert_eq!(window.note(intensity, at(2)), Err(2));
    }

    #[test]
    fn the_window_slides_and_is_inclusive() {
        let intensity = Intensity { restarts: 1, period: PERIOD };
        let mut window = Window::default();
        assert_eq!(window.note(intensity, at(0)), Ok(()));
        assert_eq!(window.note(intensity, at(5000)), Err(1), "exactly one period old still counts");
        assert_eq!(window.note(intensity, at(5001)), Ok(()), "a moment more does not");
        assert_eq!(window.note(intensity, at(5002)), Err(1), "and the window has moved on");
    }

    #[test]
    fn intensity_zero_survives_no_restart() {
        assert_eq!(Window::default().note(Intensity { restarts: 0, period: PERIOD }, at(0)), Err(0));
    }

    #[test]
    fn the_window_never_holds_more_than_the_intensity() {
        let intensity = Intensity { restarts: 3, period: PERIOD };
        let mut window = Window::default();
        for ms in (0..100_000).step_by(7) {
            let _ = window.note(intensity, at(ms));
            assert!(window.0.len() <= 3);
        }
    }
}
