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

    /// Takes every waker off the list; `None` if nobody is on it.
    pub(crate) fn take(&mut self) -> Option<Woken> {
        let mut woken = None;
        self.drain().for_each(|waker| woken.get_or_insert_with(Woken::default).push(waker));
        woken
    }

    /// As [`take`](Self::take), one by one: who is not reached stays on the list.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = Waker> {
        self.wakers.iter_mut().filter_map(|(_, waker)| waker.take())
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

#[cfg(all(test, not(actor_loom)))]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        task::{Wake, Waker},
    };

    use crate::wake::{NEAR, WakeList, Woken};

    #[derive(Default)]
    struct Bell(AtomicUsize);

    impl Wake for Bell {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn everyone_on_the_list_is_woken_once_however_many_there_are() {
        for count in [0, 1, NEAR, NEAR + 1, 3 * NEAR] {
            let bells: Vec<_> = (0..count).map(|_| Arc::new(Bell::default())).collect();
            let mut list = WakeList::default();
            let mut keys: Vec<Option<usize>> = vec![None; count];
            for (key, bell) in keys.iter_mut().zip(&bells) {
                assert!(list.register(key, Waker::from(Arc::clone(bell))).is_none());
            }
            assert_eq!(list.take().map(Woken::wake).is_some(), count > 0);
            assert!(list.take().is_none(), "each is taken once");
            assert!(bells.iter().all(|bell| bell.0.load(Ordering::Relaxed) == 1), "{count}");
            assert!(bells.iter().all(|bell| Arc::strong_count(bell) == 1), "no waker is kept");
            // A key is its holder's until he gives it back, so none is given out twice.
            if let (Some(first), Some(bell)) = (keys.first_mut(), bells.first()) {
                list.register(first, Waker::from(Arc::clone(bell)));
                assert!(list.remove(first.expect("it was registered")).is_some());
            }
        }
    }
}
