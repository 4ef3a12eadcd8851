//! The one place that chooses between std's synchronisation and loom's.
//!
//! Everything whose interleavings are proven (`mailbox`, `reply`, `stop`, `actor::life`) takes its locks
//! and atomics from here; nothing else mentions loom.

// `Arc` is std's in both worlds: loom's cannot become an `Arc<dyn Trait>`, and no proof here is about the count.
pub(crate) use std::sync::Arc;

#[cfg(not(actor_loom))]
pub(crate) use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering},
};

#[cfg(actor_loom)]
pub(crate) use loom::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering},
};

/// Locks, and takes a poisoned lock as it is.
///
/// No user code runs under any of our locks (wakers are woken, messages dropped and callbacks called after the
/// unlock), so a poisoned lock can only mean a panic of our own between two plain field writes; refusing to go
/// on would then turn one failed actor into a failed process.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}
