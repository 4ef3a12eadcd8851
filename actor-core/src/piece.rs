//! Which piece of an actor's code runs: a handler, a hook, a timer, or none.

use std::fmt;

// Statics, so that each has one address by which it is known.
static IDLE: &str = "";
static YIELD: &str = "yield";

/// The name of a piece of an actor's code. One word, so that the loop notes it with one store for each message.
#[derive(Clone, Copy)]
pub struct Piece(&'static &'static str);

impl Piece {
    /// Nothing of the user's: the loop waits.
    pub(crate) const IDLE: Self = Piece(&IDLE);
    /// The loop lets others run. Messages are at hand, so it is suspended rather than parked.
    pub(crate) const YIELD: Self = Piece(&YIELD);

    /// For generated code.
    #[must_use]
    pub const fn new(name: &'static &'static str) -> Self {
        Piece(name)
    }

    /// As it is reported.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.0
    }

    #[inline]
    pub(crate) fn is_idle(self) -> bool {
        std::ptr::eq(self.0, &raw const IDLE)
    }

    #[inline]
    pub(crate) fn is_yield(self) -> bool {
        std::ptr::eq(self.0, &raw const YIELD)
    }
}

impl fmt::Debug for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
