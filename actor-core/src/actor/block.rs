//! Waiting for a future on a thread of no runtime.

use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Wake, Waker},
    thread::Thread,
};

use super::frame;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.unpark();
    }
}

/// Polls `future` on this thread, parked in between.
pub(super) fn block_on<F: Future>(future: F) -> F::Output {
    if let Some(actor) = frame::current() {
        panic!(
            "`.blocking()` inside a handler of `{actor}` would block the thread its own reply may need: `.await` it \
             instead"
        );
    }
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut cx = Context::from_waker(&waker);
    loop {
        // A wake between the poll and the park leaves a token that makes `park` return at once.
        if let Poll::Ready(output) = future.as_mut().poll(&mut cx) {
            return output;
        }
        std::thread::park();
    }
}
