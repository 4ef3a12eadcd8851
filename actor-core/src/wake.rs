//! A list of tasks to wake, each of which can leave it again.

use std::{collections::BTreeMap, task::Waker};

/// Wakers by key. Lives inside a lock; what it gives back is woken or dropped after the unlock.
#[derive(Debug, Default)]
pub(crate) struct WakeList {
    wakers: BTreeMap<u64, Waker>,
    next: u64,
}

impl WakeList {
    /// Puts the task's waker under `key`, or under a new key, which is then stored there. Gives back the waker it
    /// replaces: dropping one can run anything, so that happens outside the lock.
    pub(crate) fn register(&mut self, key: &mut Option<u64>, waker: Waker) -> Option<Waker> {
        let key = *key.get_or_insert_with(|| {
            self.next += 1;
            self.next
        });
        self.wakers.insert(key, waker)
    }

    /// Takes a task off the list.
    pub(crate) fn remove(&mut self, key: u64) -> Option<Waker> {
        self.wakers.remove(&key)
    }

    /// Takes everyone off the list.
    pub(crate) fn take(&mut self) -> Woken {
        Woken(std::mem::take(&mut self.wakers))
    }
}

/// Tasks to wake, taken out of the lock.
#[must_use = "whoever was taken off the list must be woken"]
pub(crate) struct Woken(BTreeMap<u64, Waker>);

impl Woken {
    pub(crate) fn wake(self) {
        self.0.into_values().for_each(Waker::wake);
    }
}
