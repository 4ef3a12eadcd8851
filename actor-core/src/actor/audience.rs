//! Everyone who waits for news of an actor's life. Plain data: the lock around it is in `life`, and whoever is told is
//! woken after the unlock.

use std::task::Waker;

use slab::Slab;

use crate::{exit::Exit, wake::WakeList};

#[derive(Default)]
pub(super) struct Audience {
    /// Who waits for a station.
    pub(super) waiting: WakeList,
    /// Who waits for an exit.
    pub(super) monitors: Monitors,
}

/// What watches for an exit. The first stands here, since most often there is one: whoever has asked for the end.
#[derive(Default)]
pub(super) struct Monitors {
    first: Option<Watch>,
    others: Slab<Watch>,
}

/// One monitor: the exit it is to report, once there is one.
#[derive(Default)]
pub(super) struct Watch {
    pub(super) exit: Option<Exit>,
    pub(super) waker: Option<Waker>,
}

impl Monitors {
    pub(super) fn insert(&mut self, watch: Watch) -> usize {
        if self.first.is_none() {
            self.first = Some(watch);
            return 0;
        }
        self.others.insert(watch) + 1
    }

    pub(super) fn get_mut(&mut self, key: usize) -> Option<&mut Watch> {
        match key.checked_sub(1) {
            None => self.first.as_mut(),
            Some(key) => self.others.get_mut(key),
        }
    }

    pub(super) fn remove(&mut self, key: usize) -> Option<Watch> {
        match key.checked_sub(1) {
            None => self.first.take(),
            Some(key) => self.others.try_remove(key),
        }
    }
}

impl Watch {
    fn tell(&mut self, exit: &Exit) -> Option<Waker> {
        self.exit.get_or_insert_with(|| exit.clone());
        self.waker.take()
    }
}

/// Who is to be woken. Nothing is allocated for one, which is the usual number.
#[must_use = "who was told does not know it until he is woken"]
pub(super) struct Told {
    first: Option<Waker>,
    others: Vec<Waker>,
}

impl Audience {
    /// Tells everyone of an exit.
    pub(super) fn tell(&mut self, exit: &Exit) -> Told {
        let Monitors { first, others } = &mut self.monitors;
        let first = first.as_mut().and_then(|watch| watch.tell(exit));
        let mut wakers = others.iter_mut().filter_map(|(_, watch)| watch.tell(exit)).chain(self.waiting.drain());
        Told { first: first.or_else(|| wakers.next()), others: wakers.collect() }
    }
}

impl Told {
    pub(super) fn wake(self) {
        self.first.into_iter().chain(self.others).for_each(Waker::wake);
    }
}
