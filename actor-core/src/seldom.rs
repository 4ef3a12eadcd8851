//! A value that is nearly never there.

use std::{
    fmt,
    ops::{Deref, DerefMut},
};

/// An option that costs one look where it is dropped: what it takes to drop a value stands apart, so that the code around
/// it stays small enough to be inlined.
pub(crate) struct Seldom<T>(Option<T>);

impl<T> Seldom<T> {
    pub(crate) const NEVER: Self = Seldom(None);

    #[inline]
    pub(crate) fn new(value: Option<T>) -> Self {
        Seldom(value)
    }
}

impl<T> Default for Seldom<T> {
    fn default() -> Self {
        Self::NEVER
    }
}

impl<T> Deref for Seldom<T> {
    type Target = Option<T>;

    #[inline]
    fn deref(&self) -> &Option<T> {
        &self.0
    }
}

impl<T> DerefMut for Seldom<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Option<T> {
        &mut self.0
    }
}

impl<T> Drop for Seldom<T> {
    #[inline]
    fn drop(&mut self) {
        // Taken out, so that there is for certain nothing left where the field is dropped.
        if let Some(value) = self.0.take() {
            dispose(value);
        }
    }
}

#[cold]
#[inline(never)]
fn dispose<T>(value: T) {
    drop(value);
}

impl<T: fmt::Debug> fmt::Debug for Seldom<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
