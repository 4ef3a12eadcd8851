//! Awaiting a piece of user code: a kill drops it, a panic of it is caught.

use std::{
    cell::Cell,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

use crate::{
    actor::{
        cell::{self, Level},
        frame::{self, Inside},
        waits::Running,
    },
    error::AskError,
    exit::{Exit, Panic},
    reply,
    sync::Arc,
};

/// What is running while the loop lets others run: messages are at hand, so it is suspended rather than parked.
pub(super) const YIELD: &str = "yield";

/// Whose code is awaited.
pub(crate) struct Scene<M> {
    pub(crate) cell: Arc<cell::Cell<M>>,
    pub(crate) incarnation: u32,
}

/// Why a piece of code did not come to its end. The state that it borrowed is free again.
pub(crate) enum Broken {
    Killed,
    Panicked(Panic),
}

impl From<Broken> for Exit {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Killed => Exit::Killed,
            Broken::Panicked(panic) => Exit::Panicked(panic),
        }
    }
}

impl<M> Scene<M> {
    /// What this incarnation is asked to do.
    pub(crate) fn level(&self) -> Level {
        self.cell.level(self.incarnation)
    }
}

impl<M: Send + 'static> Scene<M> {
    /// What a frame needs to know of the actor.
    pub(crate) fn inside(&self) -> Inside {
        Inside::new(Arc::clone(&self.cell) as Arc<dyn Running>)
    }

    /// Runs `f` as this actor's code and catches its panic. `during` names the piece of code, before and after: `f` may
    /// go on to another.
    pub(crate) fn catch<T>(
        &self,
        inside: &mut Option<Inside>,
        during: &Cell<&'static str>,
        f: impl FnOnce() -> T,
    ) -> Result<T, Panic> {
        let who = &self.cell.who;
        reply::catching(
            || {
                let _frame = frame::push(inside, self.incarnation, self.cell.running_on(), during);
                f()
            },
            |payload| Panic::new(payload, Some(who.clone()), during.get()),
        )
    }

    /// Drops `value`, which holds asks that end with `error`; a panic of that drop is caught.
    pub(crate) fn discard(&self, during: &'static str, error: AskError, f: impl FnOnce()) -> Result<(), Panic> {
        self.catch(&mut Some(self.inside()), &Cell::new(during), || {
            reply::failing(error, f);
        })
    }

    /// Awaits `future`, as long as the incarnation is not killed. `during` names it; it may itself say what it goes on
    /// to, and [`IDLE`](frame::IDLE) where it waits for something to do.
    ///
    /// One catch and one frame for each poll, not for each message. A stop that arrives while it is suspended makes for
    /// one more poll, so that it may look for itself.
    pub(crate) fn attend<F: Future>(&self, during: &'static str, future: F) -> Attend<'_, M, F> {
        Attend {
            scene: self,
            future: Some(future),
            inside: Some(self.inside()),
            during: Cell::new(during),
            begun: false,
        }
    }
}

pin_project_lite::pin_project! {
    /// The future of [`Scene::attend`]. Written by hand, since an `async fn` keeps its arguments a second time.
    pub(crate) struct Attend<'a, M, F> {
        scene: &'a Scene<M>,
        #[pin]
        future: Option<F>,
        inside: Option<Inside>,
        during: Cell<&'static str>,
        begun: bool,
    }
}

impl<M: Send + 'static, F: Future> Future for Attend<'_, M, F> {
    type Output = Result<F::Output, Broken>;

    fn poll(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        let ended = std::task::ready!(self.as_mut().poll_piece(task));
        if let Some(inside) = &self.inside {
            inside.piece_ended(self.scene.incarnation);
        }
        Poll::Ready(ended)
    }
}

impl<M: Send + 'static, F: Future> Attend<'_, M, F> {
    fn poll_piece(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Result<F::Output, Broken>> {
        let mut this = self.project();
        let (scene, during) = (*this.scene, &*this.during);
        loop {
            // What was taken to be run is begun: the first poll comes before the first look for a kill.
            let level = scene.level();
            if level == Level::Kill && *this.begun {
                let _ = scene.discard(during.get(), AskError::Killed, || this.future.set(None));
                return Poll::Ready(Err(Broken::Killed));
            }
            *this.begun = true;
            let polled = scene.catch(this.inside, during, || match this.future.as_mut().as_pin_mut() {
                Some(future) => future.poll(task),
                None => Poll::Pending,
            });
            match polled {
                Ok(Poll::Ready(output)) => return Poll::Ready(Ok(output)),
                // It is parked, and has looked at the level since.
                Ok(Poll::Pending) if during.get() == frame::IDLE => return Poll::Pending,
                Ok(Poll::Pending) if during.get() == YIELD => scene.cell.mailbox.suspend(task.waker(), frame::IDLE),
                Ok(Poll::Pending) => scene.cell.mailbox.suspend(task.waker(), during.get()),
                Err(panic) => {
                    let error = AskError::Panicked(panic.clone());
                    let _ = scene.discard(during.get(), error, || this.future.set(None));
                    return Poll::Ready(Err(Broken::Panicked(panic)));
                }
            }
            // A request that came before the waker was in place woke nobody: look once more.
            if scene.level() == level && level != Level::Kill {
                return Poll::Pending;
            }
        }
    }
}
