//! What an actor's type says about itself: the options of `#[actor(..)]` on the struct and on the impl.

use std::time::Duration;

use crate::mailbox::Overflow;

/// The mailbox capacity where nothing else is said.
pub(crate) const DEFAULT_CAPACITY: usize = 64;

/// An `ask_timeout` that is none: in nanoseconds, some five centuries.
pub(crate) const NO_TIMEOUT: u64 = u64::MAX;

/// The options of an actor type; made by the macro, in a `const`.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    pub(crate) capacity: usize,
    pub(crate) overflow: Overflow,
    pub(crate) name: Option<&'static str>,
    /// In nanoseconds.
    pub(crate) ask_timeout: u64,
    pub(crate) on_error: OnError,
}

/// What an error without a caller does to the actor, beside being reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnError {
    /// Nothing for tells, an end for timers.
    Default,
    Report,
    Fail,
}

impl Settings {
    /// No option given.
    pub const DEFAULT: Self = Settings {
        capacity: DEFAULT_CAPACITY,
        overflow: Overflow::Wait,
        name: None,
        ask_timeout: NO_TIMEOUT,
        on_error: OnError::Default,
    };

    /// `mailbox = N`
    ///
    /// # Panics
    /// When `capacity` is zero.
    #[must_use]
    pub const fn mailbox(mut self, capacity: usize) -> Self {
        assert!(capacity > 0, "a mailbox must hold at least 1 message");
        self.capacity = capacity;
        self
    }

    /// `overflow = ..`
    #[must_use]
    pub const fn overflow(mut self, overflow: Overflow) -> Self {
        self.overflow = overflow;
        self
    }

    /// `name = ".."`
    #[must_use]
    pub const fn name(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    /// `ask_timeout = ".."`
    #[must_use]
    pub const fn ask_timeout(mut self, nanos: u64) -> Self {
        self.ask_timeout = nanos;
        self
    }

    /// `on_error = fail`
    #[must_use]
    pub const fn on_error_fail(mut self) -> Self {
        self.on_error = OnError::Fail;
        self
    }

    /// `on_error = report`
    #[must_use]
    pub const fn on_error_report(mut self) -> Self {
        self.on_error = OnError::Report;
        self
    }
}

/// The fallback for a type without `#[actor(..)]` on its struct: an inherent constant of the same name beats this one.
pub trait DefaultSettings {
    /// The struct's options.
    const __ACTOR_SETTINGS: Settings = Settings::DEFAULT;
}

impl<T: ?Sized> DefaultSettings for T {}

/// A timer declared by `#[every(..)]`.
#[derive(Debug, Clone, Copy)]
pub struct Timer {
    pub(crate) name: &'static str,
    pub(crate) period: Duration,
    pub(crate) immediate: bool,
    pub(crate) missed: Missed,
}

/// What a timer does about ticks for which the actor was busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Missed {
    /// The next tick is one period after this one began.
    #[default]
    Delay,
    /// Missed ticks are left out; the next one is on the original grid.
    Skip,
    /// Missed ticks are made up for, one after the other.
    Burst,
}

impl Timer {
    /// `#[every("..")]` on the method `name`.
    ///
    /// # Panics
    /// When the period is zero; the macro says so first.
    #[must_use]
    pub const fn every(name: &'static str, nanos: u64) -> Self {
        assert!(nanos > 0, "a period must be longer than zero");
        Timer { name, period: Duration::from_nanos(nanos), immediate: false, missed: Missed::Delay }
    }

    /// `immediate`: the first tick comes at once.
    #[must_use]
    pub const fn immediate(mut self) -> Self {
        self.immediate = true;
        self
    }

    /// `missed = ..`
    #[must_use]
    pub const fn missed(mut self, missed: Missed) -> Self {
        self.missed = missed;
        self
    }
}
