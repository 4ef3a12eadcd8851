//! The task around an incarnation: exactly one exit is reported, whatever happens.

use std::{
    fmt,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
};

use super::attend::Scene;
use crate::{
    actor::cell::Cell,
    error::AskError,
    exit::{Exit, Panic},
    observe::{self, CrashReport},
    reply,
};

/// What the task of an incarnation runs to its exit.
pub(crate) trait Body<M> {
    fn poll_exit(self: Pin<&mut Self>, scene: &Scene<M>, task: &mut Context<'_>) -> Poll<Exit>;

    /// It will be dropped before it has come to its exit: what is not its own is given back.
    fn leave(self: Pin<&mut Self>, scene: &Scene<M>) {
        let _ = scene;
    }
}

pin_project_lite::pin_project! {
    /// A body that is a future, and has brought along what it needs.
    pub(crate) struct Awaiting<F> {
        #[pin]
        future: F,
    }
}

impl<F> Awaiting<F> {
    pub(crate) fn new(future: F) -> Self {
        Awaiting { future }
    }
}

impl<M, F: Future<Output = Exit>> Body<M> for Awaiting<F> {
    fn poll_exit(self: Pin<&mut Self>, _scene: &Scene<M>, task: &mut Context<'_>) -> Poll<Exit> {
        self.project().future.poll(task)
    }
}

/// Polls `body` to its exit, tells the observers of an abnormal one and hands it to `on_exit`. Dropped before (the runtime
/// is gone, or throws the task away), it drops the body and reports [`Exit::Lost`].
///
/// The body is boxed: it is moved once, and the task around it stays small.
pub(crate) struct Guarded<M, B: Body<M>, C: FnOnce(&Cell<M>, Exit)> {
    scene: Scene<M>,
    /// Until the exit. Two in one option: what is to be called is most often known by its type alone, and takes no space.
    work: Option<Work<B, C>>,
}

struct Work<B, C> {
    body: Pin<Box<B>>,
    on_exit: C,
}

// Nothing in it is pinned but what the box holds.
impl<M, B: Body<M>, C: FnOnce(&Cell<M>, Exit)> Unpin for Guarded<M, B, C> {}

impl<M, B: Body<M>, C: FnOnce(&Cell<M>, Exit)> Guarded<M, B, C> {
    pub(crate) fn new(scene: Scene<M>, body: B, on_exit: C) -> Self {
        Guarded { scene, work: Some(Work { body: Box::pin(body), on_exit }) }
    }
}

impl<M, B: Body<M>, C: FnOnce(&Cell<M>, Exit)> Drop for Guarded<M, B, C> {
    fn drop(&mut self) {
        if let Some(Work { body, on_exit }) = self.work.take() {
            drop_body(body, &self.scene, &Exit::Lost);
            end(&self.scene, Exit::Lost, on_exit);
        }
    }
}

fn end<M>(scene: &Scene<M>, exit: Exit, on_exit: impl FnOnce(&Cell<M>, Exit)) {
    let Scene { cell, incarnation } = scene;
    if exit.is_abnormal() {
        observe::crash(&CrashReport { actor: cell.who.clone(), incarnation: *incarnation, exit: exit.clone() });
    }
    on_exit(cell, exit);
}

/// Drops the body. User code runs in such a drop, so its panic ends here.
fn drop_body<M, B: Body<M>>(mut body: Pin<Box<B>>, scene: &Scene<M>, exit: &Exit) {
    let dropped = catch_unwind(AssertUnwindSafe(|| {
        reply::failing(AskError::Stopped(exit.clone()), || {
            body.as_mut().leave(scene);
            drop(body);
        });
    }));
    drop(dropped);
}

impl<M, B: Body<M>, C: FnOnce(&Cell<M>, Exit)> Future for Guarded<M, B, C> {
    type Output = ();

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = self.get_mut();
        let Some(work) = &mut this.work else { return Poll::Ready(()) };
        // The body catches its user's panics itself; this is for one of ours, which must not look like silence.
        let ended = match catch_unwind(AssertUnwindSafe(|| work.body.as_mut().poll_exit(&this.scene, cx))) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(exit)) => Ok(exit),
            Err(payload) => Err(Exit::Panicked(Panic::new(&*payload, None, "loop"))),
        };
        let Some(Work { body, on_exit }) = this.work.take() else { return Poll::Ready(()) };
        let exit = match ended {
            Ok(exit) => {
                // It has dropped what is the user's.
                drop(body);
                exit
            }
            Err(exit) => {
                drop_body(body, &this.scene, &exit);
                exit
            }
        };
        end(&this.scene, exit, on_exit);
        Poll::Ready(())
    }
}

impl<M, B: Body<M>, C: FnOnce(&Cell<M>, Exit)> fmt::Debug for Guarded<M, B, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Guarded")
    }
}
