//! The task around an incarnation: exactly one exit is reported, whatever happens.

use std::{
    fmt,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use crate::{
    error::AskError,
    exit::{Exit, Panic},
    reply,
};

pin_project_lite::pin_project! {
    /// Polls `body` to its exit and hands that to `on_exit`. Dropped before (the runtime is gone, or throws the task
    /// away), it drops the body and reports [`Exit::Lost`].
    pub(crate) struct Guarded<F, C>
    where
        C: FnOnce(Exit),
    {
        #[pin]
        body: Option<F>,
        on_exit: Option<C>,
    }

    impl<F, C: FnOnce(Exit)> PinnedDrop for Guarded<F, C> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(on_exit) = this.on_exit.take() {
                drop_body(this.body.as_mut(), &Exit::Lost);
                on_exit(Exit::Lost);
            }
        }
    }
}

impl<F: Future<Output = Exit>, C: FnOnce(Exit)> Guarded<F, C> {
    pub(crate) fn new(body: F, on_exit: C) -> Self {
        Guarded { body: Some(body), on_exit: Some(on_exit) }
    }
}

/// Drops the body in place. User code runs in such a drop, so its panic ends here.
fn drop_body<F>(mut body: Pin<&mut Option<F>>, exit: &Exit) {
    let dropped = catch_unwind(AssertUnwindSafe(|| {
        reply::failing(AskError::Stopped(exit.clone()), || body.set(None));
    }));
    drop(dropped);
}

impl<F: Future<Output = Exit>, C: FnOnce(Exit)> Future for Guarded<F, C> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let Some(body) = this.body.as_mut().as_pin_mut() else { return Poll::Ready(()) };
        // The body catches its user's panics itself; this is for one of ours, which must not look like silence.
        let exit = match catch_unwind(AssertUnwindSafe(|| body.poll(cx))) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(exit)) => exit,
            Err(payload) => Exit::Panicked(Panic::new(&*payload, None, "loop")),
        };
        drop_body(this.body.as_mut(), &exit);
        if let Some(on_exit) = this.on_exit.take() {
            on_exit(exit);
        }
        Poll::Ready(())
    }
}

impl<F, C: FnOnce(Exit)> fmt::Debug for Guarded<F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guarded")
    }
}
