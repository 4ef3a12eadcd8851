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
        let mut woken = Woken::default();
        self.wakers.iter_mut().filter_map(|(_, waker)| waker.take()).for_each(|waker| woken.push(waker));
        woken
    }
}

/// How many tasks are woken at once without an allocation.
const NEAR: usize = 8;

/// Tasks to wake, taken out of the lock.
#[derive(Default)]
#[must_use = "whoever was taken off the list must be woken"]
pub(crate) struct Woken {
    near: [Option<Waker>; NEAR],
    count: usize,
    far: Vec<Waker>,
}

impl Woken {
    pub(crate) fn push(&mut self, waker: Waker) {
        match self.near.get_mut(self.count) {
            Some(place) => *place = Some(waker),
            None => self.far.push(waker),
        }
        self.count += 1;
    }

    pub(crate) fn wake(self) {
        self.near.into_iter().take(self.count).flatten().chain(self.far).for_each(Waker::wake);
    }
}
