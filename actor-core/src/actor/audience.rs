//! Everyone who waits for news of an actor's life. Plain data: the lock around it is in `life`, and whoever is told is
//! woken after the unlock.

use std::task::Waker;

use slab::Slab;

use crate::{
    exit::Exit,
    wake::{WakeList, Woken},
};

/// Small, since most often there is one: whoever has asked for the end, and waits for it.
#[derive(Default)]
pub(super) struct Audience {
    first: Option<Watch>,
    others: Option<Box<Others>>,
}

#[derive(Default)]
struct Others {
    /// Who waits for an exit.
    watches: Slab<Watch>,
    /// Who waits for a station.
    waiting: WakeList,
}

/// One monitor: the exit it is to report, once there is one.
#[derive(Default)]
pub(super) struct Watch {
    pub(super) exit: Option<Exit>,
    pub(super) waker: Option<Waker>,
}

impl Watch {
    fn tell(&mut self, exit: &Exit) -> Option<Waker> {
        self.exit.get_or_insert_with(|| exit.clone());
        self.waker.take()
    }
}

impl Audience {
    fn others(&mut self) -> &mut Others {
        self.others.get_or_insert_default()
    }

    // ── who waits for an exit

    /// One more; gives the key by which it is found.
    pub(super) fn insert(&mut self, watch: Watch) -> usize {
        if self.first.is_none() {
            self.first = Some(watch);
            return 0;
        }
        self.others().watches.insert(watch) + 1
    }

    pub(super) fn get_mut(&mut self, key: usize) -> Option<&mut Watch> {
        match key.checked_sub(1) {
            None => self.first.as_mut(),
            Some(key) => self.others.as_mut()?.watches.get_mut(key),
        }
    }

    pub(super) fn remove(&mut self, key: usize) -> Option<Watch> {
        match key.checked_sub(1) {
            None => self.first.take(),
            Some(key) => self.others.as_mut()?.watches.try_remove(key),
        }
    }

    /// Tells everyone of an exit.
    pub(super) fn tell(&mut self, exit: &Exit) -> Told {
        let first = self.first.as_mut().and_then(|watch| watch.tell(exit));
        let Some(others) = &mut self.others else { return Told { first, others: Vec::new() } };
        let watching = others.watches.iter_mut().filter_map(|(_, watch)| watch.tell(exit));
        let mut wakers = watching.chain(others.waiting.drain());
        Told { first: first.or_else(|| wakers.next()), others: wakers.collect() }
    }

    // ── who waits for a station: see `WakeList`

    pub(super) fn register(&mut self, key: &mut Option<usize>, waker: Waker) -> Option<Waker> {
        self.others().waiting.register(key, waker)
    }

    pub(super) fn leave(&mut self, key: usize) -> Option<Waker> {
        self.others.as_mut()?.waiting.remove(key)
    }

    pub(super) fn take_waiting(&mut self) -> Option<Woken> {
        self.others.as_mut()?.waiting.take()
    }
}

/// Who is to be woken. Nothing is allocated for one.
#[must_use = "who was told does not know it until he is woken"]
pub(super) struct Told {
    first: Option<Waker>,
    others: Vec<Waker>,
}

impl Told {
    pub(super) fn wake(self) {
        self.first.into_iter().chain(self.others).for_each(Waker::wake);
    }
}
