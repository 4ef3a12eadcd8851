//! Asking work to stop: the token that supervised and owned tasks are given.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll, Waker},
};

use crate::{
    sync::{Arc, AtomicBool, Mutex, Ordering, lock},
    wake::WakeList,
};

/// A request to stop, seen by everyone who holds a clone.
///
/// A supervised task is given one: it should end soon after [`requested`](Stop::requested) is ready; at its time
/// limit it is dropped.
///
/// ```
/// use actor_core::prelude::*;
/// # actor_core::rt::test::run(async {
/// let mut tree = Supervisor::one_for_one();
/// tree.task("ticker", |stop: Stop| async move {
///     stop.requested().await;
/// });
/// let app = tree.start().await.unwrap();
/// assert_eq!(app.stop().await, Exit::Stopped);
/// # });
/// ```
#[derive(Clone)]
pub struct Stop(Arc<Shared>);

struct Shared {
    requested: AtomicBool,
    waiting: Mutex<WakeList>,
}

impl Default for Stop {
    fn default() -> Self {
        Self::new()
    }
}

impl Stop {
    /// A token that nobody has asked to stop yet.
    pub fn new() -> Self {
        Stop(Arc::new(Shared { requested: AtomicBool::new(false), waiting: Mutex::new(WakeList::default()) }))
    }

    /// Asks everyone who holds a clone to stop. Cannot be taken back; a second call does nothing.
    pub fn request(&self) {
        if !self.0.requested.swap(true, Ordering::AcqRel) {
            let wakers = lock(&self.0.waiting).take();
            if let Some(wakers) = wakers {
                wakers.wake();
            }
        }
    }

    /// Whether the stop was requested.
    pub fn is_requested(&self) -> bool {
        self.0.requested.load(Ordering::Acquire)
    }

    /// Is ready once the stop was requested.
    ///
    /// # Cancel safety
    /// Cancel safe: dropping the future forgets nothing.
    pub fn requested(&self) -> Requested {
        Requested { stop: self.clone(), key: None, known: None }
    }
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stop(requested: {})", self.is_requested())
    }
}

/// The future of [`Stop::requested`].
#[derive(Debug)]
#[must_use = "futures do nothing unless polled"]
pub struct Requested {
    stop: Stop,
    key: Option<usize>,
    /// The waker on the list, where it stays until the request.
    known: Option<Waker>,
}

impl Future for Requested {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.stop.is_requested() {
            return Poll::Ready(());
        }
        let this = &mut *self;
        if this.known.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
            return Poll::Pending;
        }
        this.known = Some(cx.waker().clone());
        let waker = cx.waker().clone();
        let old = lock(&this.stop.0.waiting).register(&mut this.key, waker);
        drop(old);
        // `request` sets the flag before it takes the list: a registration it missed sees the flag here.
        if this.stop.is_requested() { Poll::Ready(()) } else { Poll::Pending }
    }
}

impl Drop for Requested {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            let waker = lock(&self.stop.0.waiting).remove(key);
            drop(waker);
        }
    }
}
