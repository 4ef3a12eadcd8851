//! The task around an incarnation: exactly one exit is reported, whatever happens.

use std::{
    fmt,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use crate::{
    actor::cell::Cell,
    error::AskError,
    exit::{Exit, Panic},
    observe::{self, CrashReport},
    reply,
    sync::Arc,
};

pin_project_lite::pin_project! {
    /// Polls `body` to its exit, tells the observers of an abnormal one and hands it to `on_exit`. Dropped before (the
    /// runtime is gone, or throws the task away), it drops the body and reports [`Exit::Lost`].
    pub(crate) struct Guarded<M, F, C>
    where
        C: FnOnce(&Cell<M>, Exit),
    {
        #[pin]
        body: Option<F>,
        cell: Arc<Cell<M>>,
        incarnation: u32,
        on_exit: Option<C>,
    }

    impl<M, F, C: FnOnce(&Cell<M>, Exit)> PinnedDrop for Guarded<M, F, C> {
        fn drop(this: Pin<&mut Self>) {
            let mut this = this.project();
            if let Some(on_exit) = this.on_exit.take() {
                drop_body(this.body.as_mut(), &Exit::Lost);
                end(this.cell, *this.incarnation, Exit::Lost, on_exit);
            }
        }
    }
}

impl<M, F: Future<Output = Exit>, C: FnOnce(&Cell<M>, Exit)> Guarded<M, F, C> {
    pub(crate) fn new(cell: Arc<Cell<M>>, incarnation: u32, body: F, on_exit: C) -> Self {
        Guarded { body: Some(body), cell, incarnation, on_exit: Some(on_exit) }
    }
}

fn end<M>(cell: &Cell<M>, incarnation: u32, exit: Exit, on_exit: impl FnOnce(&Cell<M>, Exit)) {
    if exit.is_abnormal() {
        observe::crash(&CrashReport { actor: cell.who.clone(), incarnation, exit: exit.clone() });
    }
    on_exit(cell, exit);
}

/// Drops the body in place. User code runs in such a drop, so its panic ends here.
fn drop_body<F>(mut body: Pin<&mut Option<F>>, exit: &Exit) {
    let dropped = catch_unwind(AssertUnwindSafe(|| {
        reply::failing(AskError::Stopped(exit.clone()), || body.set(None));
    }));
    drop(dropped);
}

impl<M, F: Future<Output = Exit>, C: FnOnce(&Cell<M>, Exit)> Future for Guarded<M, F, C> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let mut this = self.project();
        let Some(body) = this.body.as_mut().as_pin_mut() else { return Poll::Ready(()) };
        // The body catches its user's panics itself; this is for one of ours, which must not look like silence.
        let exit = match catch_unwind(AssertUnwindSafe(|| body.poll(cx))) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(exit)) => {
                // It has dropped what is the user's.
                this.body.set(None);
                exit
            }
            Err(payload) => {
                let exit = Exit::Panicked(Panic::new(&*payload, None, "loop"));
                drop_body(this.body.as_mut(), &exit);
                exit
            }
        };
        if let Some(on_exit) = this.on_exit.take() {
            end(this.cell, *this.incarnation, exit, on_exit);
        }
        Poll::Ready(())
    }
}

impl<M, F, C: FnOnce(&Cell<M>, Exit)> fmt::Debug for Guarded<M, F, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guarded")
    }
}
