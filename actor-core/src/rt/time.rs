//! A point in time on a runtime's own clock.

use std::{fmt, ops::Add, time::Duration};

/// Nanoseconds on a runtime's clock, counted from a moment of the runtime's choosing.
///
/// An own type because `std::time::Instant` panics on some targets and cannot be simulated. Only timestamps of the
/// same runtime compare meaningfully.
///
/// ```
/// use actor_core::rt::Timestamp;
/// use std::time::Duration;
/// let start = Timestamp::from_nanos(5);
/// assert_eq!((start + Duration::from_nanos(3)).since(start), Duration::from_nanos(3));
/// assert_eq!(start.since(start + Duration::from_secs(1)), Duration::ZERO);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The clock's origin.
    pub const ZERO: Self = Timestamp(0);

    /// The end of time: 584 years after the origin.
    pub const MAX: Self = Timestamp(u64::MAX);

    /// The moment `nanos` nanoseconds after the clock's origin.
    pub const fn from_nanos(nanos: u64) -> Self {
        Timestamp(nanos)
    }

    /// Nanoseconds since the clock's origin.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// How long after `earlier` this is; zero if it is not after.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }
}

/// Saturates at the end of time (584 years) instead of overflowing.
impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Timestamp(self.0.saturating_add(nanos))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", Duration::from_nanos(self.0))
    }
}
