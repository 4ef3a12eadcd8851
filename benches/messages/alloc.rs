//! An allocator that counts while it is asked to. Off, it costs a relaxed load per call, on both sides of a comparison.

#![expect(unsafe_code, reason = "a global allocator can only be written with unsafe code")]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    ops::Sub,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
};

static ON: AtomicBool = AtomicBool::new(false);
static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);
static FREED: AtomicU64 = AtomicU64::new(0);
static BYTES: AtomicU64 = AtomicU64::new(0);
static BYTES_FREED: AtomicU64 = AtomicU64::new(0);

/// What was asked for, not what the system's allocator rounds it up to.
pub(crate) struct Counting;

#[global_allocator]
static COUNTING: Counting = Counting;

// SAFETY: every call is passed on to `System` as it came, and `System` keeps the contract; counting neither allocates nor
// panics.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        // SAFETY: the caller keeps to the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        taken(layout.size());
        // SAFETY: the caller keeps to the contract of `alloc_zeroed`.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        freed(layout.size());
        // SAFETY: the caller keeps to the contract of `dealloc`, and the block came from `System`.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // A block that grows counts as one more: it is a call, and most often a copy.
        freed(layout.size());
        taken(size);
        // SAFETY: the caller keeps to the contract of `realloc`, and the block came from `System`.
        unsafe { System.realloc(block, layout, size) }
    }
}

fn taken(size: usize) {
    if ON.load(Relaxed) {
        ALLOCATIONS.fetch_add(1, Relaxed);
        BYTES.fetch_add(size as u64, Relaxed);
    }
}

fn freed(size: usize) {
    if ON.load(Relaxed) {
        FREED.fetch_add(1, Relaxed);
        BYTES_FREED.fetch_add(size as u64, Relaxed);
    }
}

/// The counters at one moment, or between two.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Count {
    pub(crate) allocations: u64,
    pub(crate) freed: u64,
    pub(crate) bytes: u64,
    pub(crate) bytes_freed: u64,
}

impl Sub for Count {
    type Output = Count;

    fn sub(self, before: Count) -> Count {
        Count {
            allocations: self.allocations - before.allocations,
            freed: self.freed - before.freed,
            bytes: self.bytes - before.bytes,
            bytes_freed: self.bytes_freed - before.bytes_freed,
        }
    }
}

/// All zero, or the same twice, unless it is called inside of [`counting`].
pub(crate) fn count() -> Count {
    Count {
        allocations: ALLOCATIONS.load(Relaxed),
        freed: FREED.load(Relaxed),
        bytes: BYTES.load(Relaxed),
        bytes_freed: BYTES_FREED.load(Relaxed),
    }
}

/// Runs `body` with the counters on, in every thread. What it measures of time is worth nothing then.
pub(crate) fn counting<T>(body: impl FnOnce() -> T) -> T {
    ON.store(true, Relaxed);
    let result = body();
    ON.store(false, Relaxed);
    result
}
