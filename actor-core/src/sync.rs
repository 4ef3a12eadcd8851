//! The one place that chooses between std's synchronisation and loom's.
//!
//! Everything whose interleavings are proven (`mailbox`, `reply`, `stop`, `actor::life`) takes its locks
//! and atomics from here; nothing else mentions loom.

// `Arc` is std's in both worlds: loom's cannot become an `Arc<dyn Trait>`, and no proof here is about the count.
pub(crate) use std::sync::Arc;

#[cfg(not(actor_loom))]
pub(crate) use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicPtr, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering},
};

#[cfg(actor_loom)]
pub(crate) use loom::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicPtr, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering},
};

pub(crate) use world::{LOOKS, Witness, alloc, dealloc, let_others_run, per_thread, spin};

/// What only loom has to be told: who touches a plain cell, what is allocated, and which thread-locals are those of a
/// thread in the model.
#[cfg(not(actor_loom))]
mod world {
    pub(crate) use std::alloc::{alloc, dealloc};

    /// Stands beside cells that are handed from thread to thread, and shows loom each access to them.
    pub(crate) struct Witness;

    impl Witness {
        pub(crate) const fn new() -> Self {
            Witness
        }

        /// The cells are about to be read.
        #[expect(clippy::unused_self, reason = "loom's looks")]
        pub(crate) const fn read(&self) {}

        /// The cells are about to be written.
        #[expect(clippy::unused_self, reason = "loom's looks")]
        pub(crate) const fn write(&self) {}
    }

    /// How often to look at what another thread is about to do before this one is put to sleep: a few
    /// microseconds, as long as a pause of the processor takes there.
    pub(crate) const LOOKS: u32 = 16;

    /// Waits between two such looks.
    pub(crate) fn spin() {
        (0..4).for_each(|_| std::hint::spin_loop());
    }

    /// Waits a moment before the next look at something that another thread is about to do: each time longer, and from
    /// the `limit`-th look on by giving up the processor.
    pub(crate) fn let_others_run(looks: u32, limit: u32) {
        if looks < limit {
            (0..1 << looks).for_each(|_| std::hint::spin_loop());
        } else {
            std::thread::yield_now();
        }
    }

    macro_rules! per_thread {
        (static $name:ident: $ty:ty = $init:expr;) => {
            std::thread_local! { static $name: $ty = const { $init }; }
        };
    }
    pub(crate) use per_thread;
}

#[cfg(actor_loom)]
mod world {
    pub(crate) use loom::alloc::{alloc, dealloc};

    pub(crate) struct Witness(loom::cell::UnsafeCell<()>);

    impl Witness {
        pub(crate) fn new() -> Self {
            Witness(loom::cell::UnsafeCell::new(()))
        }

        #[track_caller]
        pub(crate) fn read(&self) {
            self.0.with(|_| ());
        }

        #[track_caller]
        pub(crate) fn write(&self) {
            self.0.with_mut(|_| ());
        }
    }

    // Nothing to prove: whether to look once more or not is the same to all others.
    pub(crate) const LOOKS: u32 = 0;

    pub(crate) fn spin() {}

    pub(crate) fn let_others_run(_looks: u32, _limit: u32) {
        loom::thread::yield_now();
    }

    macro_rules! per_thread {
        (static $name:ident: $ty:ty = $init:expr;) => {
            loom::thread_local! { static $name: $ty = $init; }
        };
    }
    pub(crate) use per_thread;
}

/// Locks, and takes a poisoned lock as it is.
///
/// No user code runs under any of our locks (wakers are woken, messages dropped and callbacks called after the
/// unlock), so a poisoned lock can only mean a panic of our own between two plain field writes; refusing to go
/// on would then turn one failed actor into a failed process.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
