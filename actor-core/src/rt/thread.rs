//! Timers for code outside any runtime: a thread that sleeps.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, OnceLock, PoisonError},
    task::{Context, Poll, Waker},
    time::{Duration, Instant},
};

use super::{Runtime, Task, Timestamp};

/// Only ever asked for the time: no task is spawned here.
pub(super) struct Clock;

impl Runtime for Clock {
    fn spawn(&self, task: Task) {
        // Dropped: whatever it was reports that it is lost.
        drop(task);
    }

    fn sleep(&self, duration: Duration) -> Task {
        Box::pin(Sleep { until: Instant::now() + duration, state: None })
    }

    fn now(&self) -> Timestamp {
        static ORIGIN: OnceLock<Instant> = OnceLock::new();
        let origin = *ORIGIN.get_or_init(Instant::now);
        Timestamp::ZERO + origin.elapsed()
    }
}

struct Sleep {
    until: Instant,
    state: Option<Arc<Mutex<Option<Waker>>>>,
}

impl Future for Sleep {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Poll::Ready(());
        }
        let waker = Some(cx.waker().clone());
        if let Some(state) = &self.state {
            *state.lock().unwrap_or_else(PoisonError::into_inner) = waker;
            return Poll::Pending;
        }
        let state = Arc::new(Mutex::new(waker));
        self.state = Some(Arc::clone(&state));
        let ring = move || {
            std::thread::sleep(left);
            let waker = state.lock().unwrap_or_else(PoisonError::into_inner).take();
            waker.into_iter().for_each(Waker::wake);
        };
        // Without a thread there is no timer; trying again at once keeps the time limit, at the price of a busy poll.
        if std::thread::Builder::new().name("actor-timer".to_owned()).spawn(ring).is_err() {
            cx.waker().wake_by_ref();
            self.state = None;
        }
        Poll::Pending
    }
}
