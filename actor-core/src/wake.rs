//! A list of tasks to wake, each of which can leave it again.

use std::task::Waker;

use slab::Slab;

/// Wakers by key. Lives inside a lock; what it gives back is woken or dropped after the unlock.
#[derive(Debug, Default)]
pub(crate) struct WakeList {
    /// A key is its holder's until he gives it back, woken or not.
    wakers: Slab<Option<Waker>>,
}

impl WakeList {
    /// Puts the task's waker under `key`, or under a new key, which is then stored there. Gives back the waker it
    /// replaces: dropping one can run anything, so that happens outside the lock.
    pub(crate) fn register(&mut self, key: &mut Option<usize>, waker: Waker) -> Option<Waker> {
        if let Some(place) = key.and_then(|key| self.wakers.get_mut(key)) {
            return place.replace(waker);
        }
        *key = Some(self.wakers.insert(Some(waker)));
        None
    }

    /// Gives a key back.
    pub(crate) fn remove(&mut self, key: usize) -> Option<Waker> {
        self.wakers.try_remove(key).flatten()
    }

    /// Takes every waker off the list.
    pub(crate) fn take(&mut self) -> Woken {
        Woken(self.wakers.iter_mut().filter_map(|(_, waker)| waker.take()).collect())
    }
}

/// Tasks to wake, taken out of the lock.
#[derive(Default)]
#[must_use = "whoever was taken off the list must be woken"]
pub(crate) struct Woken(Vec<Waker>);

impl Woken {
    pub(crate) fn wake(self) {
        self.0.into_iter().for_each(Waker::wake);
    }
}
