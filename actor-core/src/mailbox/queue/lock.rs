//! A lock of one byte, for critical sections of a few nanoseconds.
//!
//! To take it is one read-modify-write, to give it back a plain store; std's mutex needs a second read-modify-write
//! there, to see whether somebody sleeps. Nobody sleeps here: who finds it taken looks again a little later, and from
//! then on lets other threads run in between, so that a holder which lost its processor gets it back.
//!
//! # Why this is sound
//! * `value` is reached through a [`Held`] only, and through `&mut self`. A `Held` is made by [`Lock::lock`] alone, after
//!   it has changed `taken` from `false` to `true`; the only store of `false` is in the `Drop` of a `Held`. So between
//!   two such changes there is exactly one `Held`, and it hands out `value` by its own borrow. A `Held` that is forgotten
//!   leaves the lock taken for ever, which is a hang and not a second reference.
//! * What one holder has written is seen by the next: the store of `false` is Release, the swap that follows it in the
//!   order of changes of `taken` is Acquire, and there is nothing in between, since a swap that fails writes nothing.
//! * `Lock<T>` is `Sync` for `T: Send`, as std's mutex is: threads take turns with `value`, they do not share it. That a
//!   `Held` may be dropped on another thread than it was made on is of no harm: no thread is remembered.
//! * `&Held<T>` gives a `&T`, so a `Held` may be shared where a `T` may, and not wherever a lock may: it counts as a
//!   `&mut T`.
//! * A panic of a holder gives the lock back. Its users keep foreign code out of their critical sections, so the value is
//!   whole then; there is no poison.
#![expect(unsafe_code, reason = "a leaf file: a lock that costs one read-modify-write")]
#![cfg_attr(all(actor_loom, not(test)), expect(dead_code, reason = "the protocol's models take loom's mutex for it"))]

use std::{
    cell::UnsafeCell,
    marker::PhantomData,
    ops::{Deref, DerefMut},
};

use crate::sync::{AtomicBool, AtomicU32, Ordering, Witness, let_others_run};

/// See the module's documentation.
pub(crate) struct Lock<T> {
    taken: AtomicBool,
    /// What may be looked at without the lock; it has no part in it. It stands here because there is space before the
    /// value, which an idle actor would otherwise leave empty.
    pub(crate) hints: [AtomicBool; 2],
    pub(crate) number: AtomicU32,
    /// Shows loom the accesses to `value`.
    witness: Witness,
    value: UnsafeCell<T>,
}

// SAFETY: as argued above.
unsafe impl<T: Send> Sync for Lock<T> {}

/// The right to the value, until it is dropped.
pub(crate) struct Held<'a, T> {
    lock: &'a Lock<T>,
    value: PhantomData<&'a mut T>,
}

/// How often a thread looks without letting others run: long enough for any critical section whose holder runs.
const LOOKS: u32 = 6;

impl<T> Lock<T> {
    pub(crate) fn new(value: T) -> Self {
        Lock {
            taken: AtomicBool::new(false),
            hints: [AtomicBool::new(false), AtomicBool::new(false)],
            number: AtomicU32::new(0),
            witness: Witness::new(),
            value: UnsafeCell::new(value),
        }
    }

    #[inline]
    pub(crate) fn lock(&self) -> Held<'_, T> {
        if !self.try_take() {
            self.wait();
        }
        self.witness.write();
        Held { lock: self, value: PhantomData }
    }

    #[cfg(all(test, actor_loom))]
    pub(crate) fn try_lock(&self) -> Option<Held<'_, T>> {
        self.try_take().then(|| {
            self.witness.write();
            Held { lock: self, value: PhantomData }
        })
    }

    #[inline]
    fn try_take(&self) -> bool {
        self.taken.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed).is_ok()
    }

    #[cold]
    fn wait(&self) {
        let mut looks = 0;
        loop {
            let_others_run(looks, LOOKS);
            // Looked at first: a swap would take the line of the cache away from whoever holds the lock.
            if !self.taken.load(Ordering::Relaxed) && self.try_take() {
                return;
            }
            looks += 1;
        }
    }
}

impl<T> Deref for Held<'_, T> {
    type Target = T;

    #[inline]
    fn deref(&self) -> &T {
        // SAFETY: while this exists nobody else has a way to the value, and `&mut self` is needed to change it.
        unsafe { &*self.lock.value.get() }
    }
}

impl<T> DerefMut for Held<'_, T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: while this exists nobody else has a way to the value, and this borrows all of it.
        unsafe { &mut *self.lock.value.get() }
    }
}

impl<T> Drop for Held<'_, T> {
    #[inline]
    fn drop(&mut self) {
        self.lock.witness.write();
        self.lock.taken.store(false, Ordering::Release);
    }
}

#[cfg(all(test, not(actor_loom)))]
mod tests {
    use std::{
        cell::Cell,
        panic::{AssertUnwindSafe, catch_unwind},
        sync::Arc,
        thread,
    };

    use super::{Held, Lock};

    /// Does not compile for a type that is `Sync`: then there are two ways to call it.
    trait NotSync<Way> {
        fn is_not_sync() {}
    }
    impl<T> NotSync<()> for T {}
    impl<T: Sync> NotSync<Cell<()>> for T {}

    #[test]
    fn a_lock_may_be_shared_where_its_value_may_be_moved_and_who_holds_it_only_where_the_value_may_be_shared() {
        fn is_sync<T: Sync>() {}
        is_sync::<Lock<Cell<u8>>>();
        is_sync::<Held<'_, u8>>();
        <Held<'_, Cell<u8>> as NotSync<_>>::is_not_sync();
    }

    #[test]
    fn a_panic_of_a_holder_gives_the_lock_back() {
        let lock = Lock::new(1);
        let panicked = catch_unwind(AssertUnwindSafe(|| {
            let mut held = lock.lock();
            *held = 2;
            panic!("while it is held");
        }));
        assert!(panicked.is_err());
        assert_eq!(*lock.lock(), 2);
    }

    /// More threads than there are likely to be processors, so that a holder loses its own now and then.
    #[test]
    fn nobody_comes_between_the_steps_of_a_holder() {
        let lock = Arc::new(Lock::new([0_u64; 4]));
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let lock = Arc::clone(&lock);
                thread::spawn(move || {
                    for n in 0..2_000 {
                        let mut held = lock.lock();
                        let [first, ..] = *held;
                        if n % 500 == 0 {
                            thread::yield_now();
                        }
                        assert_eq!(*held, [first; 4]);
                        *held = [first + 1; 4];
                    }
                })
            })
            .collect();
        for thread in threads {
            thread.join().unwrap();
        }
        assert_eq!(*lock.lock(), [16_000; 4]);
    }
}
