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
        stall,
        waits::Running,
    },
    error::AskError,
    exit::{Exit, Panic},
    piece::Piece,
    reply,
    sync::Arc,
};

/// Whose code is awaited.
pub(crate) struct Scene<M> {
    pub(crate) cell: Arc<cell::Cell<M>>,
    pub(crate) incarnation: u32,
}

impl<M> Clone for Scene<M> {
    fn clone(&self) -> Self {
        Scene { cell: Arc::clone(&self.cell), incarnation: self.incarnation }
    }
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
    /// Whether no other incarnation has begun since, for which this one was left behind.
    pub(crate) fn is_present(&self) -> bool {
        self.cell.latest() == self.incarnation
    }

    /// What this incarnation is asked to do.
    pub(crate) fn level(&self) -> Level {
        self.cell.level(self.incarnation)
    }
}

impl<M: Send + 'static> Scene<M> {
    /// What a frame needs to know of the actor.
    #[expect(clippy::unnecessary_box_returns, reason = "it moves into frames and back as one word")]
    pub(crate) fn inside(&self) -> Box<Inside> {
        Box::new(Inside::new(Arc::clone(&self.cell) as Arc<dyn Running>, self.incarnation))
    }

    /// Runs `f` as this actor's code and catches its panic. `during` names the piece of code, before and after: `f` may
    /// go on to another.
    #[inline]
    pub(crate) fn catch<T>(
        &self,
        inside: &mut Option<Box<Inside>>,
        during: &Cell<Piece>,
        f: impl FnOnce() -> T,
    ) -> Result<T, Panic> {
        // Around the catch: what a panic drops is dropped as this actor's code too, and its piece is still known after it.
        let _frame = frame::push(inside, self.cell.running_on(), during);
        stall::begin();
        let result =
            reply::catching(f, |payload| Panic::new(payload, Some(self.cell.who.clone()), frame::piece().name()));
        stall::check();
        result
    }

    /// Drops something that holds asks, which end with `error`; a panic of that drop is caught.
    pub(crate) fn discard(
        &self,
        inside: &mut Option<Box<Inside>>,
        during: Piece,
        error: AskError,
        f: impl FnOnce(),
    ) -> Result<(), Panic> {
        self.catch(inside, &Cell::new(during), || {
            reply::failing(error, f);
        })
    }

    /// Awaits `future`, as long as the incarnation is not killed. `during` names it; it may itself say what it goes on
    /// to, and [`IDLE`](Piece::IDLE) where it waits for something to do.
    ///
    /// One catch and one frame for each poll, not for each message. A stop that arrives while it is suspended makes for
    /// one more poll, so that it may look for itself.
    pub(crate) fn attend<'a, F: Future>(
        &'a self,
        inside: &'a mut Option<Box<Inside>>,
        during: Piece,
        future: F,
    ) -> Attend<'a, M, F> {
        Attend { scene: self, inside, future: Some(future), during: Cell::new(during), begun: false }
    }
}

pin_project_lite::pin_project! {
    /// The future of [`Scene::attend`]. Written by hand, since an `async fn` keeps its arguments a second time.
    pub(crate) struct Attend<'a, M, F> {
        scene: &'a Scene<M>,
        inside: &'a mut Option<Box<Inside>>,
        #[pin]
        future: Option<F>,
        during: Cell<Piece>,
        begun: bool,
    }
}

impl<M: Send + 'static, F: Future> Future for Attend<'_, M, F> {
    type Output = Result<F::Output, Broken>;

    fn poll(self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Self::Output> {
        let mut this = self.project();
        let (scene, during) = (*this.scene, &*this.during);
        loop {
            // What was taken to be run is begun: the first poll comes before the first look for a kill.
            let level = scene.level();
            if level == Level::Kill && *this.begun {
                let _ = scene.discard(this.inside, during.get(), AskError::Killed, || this.future.set(None));
                return Poll::Ready(ended(this.inside.as_deref(), Err(Broken::Killed)));
            }
            *this.begun = true;
            let polled = scene.catch(this.inside, during, || match this.future.as_mut().as_pin_mut() {
                Some(future) => future.poll(task),
                None => Poll::Pending,
            });
            match polled {
                // It is parked, and has looked at the level since.
                Ok(Poll::Pending) if during.get().is_idle() => return Poll::Pending,
                Ok(Poll::Pending) => suspend(scene, during.get(), task),
                Ok(Poll::Ready(output)) => return Poll::Ready(ended(this.inside.as_deref(), Ok(output))),
                Err(panic) => {
                    let error = AskError::Panicked(panic.clone());
                    let _ = scene.discard(this.inside, during.get(), error, || this.future.set(None));
                    return Poll::Ready(ended(this.inside.as_deref(), Err(Broken::Panicked(panic))));
                }
            }
            // A request that came before the waker was in place woke nobody: look once more.
            if scene.level() == level && level != Level::Kill {
                return Poll::Pending;
            }
        }
    }
}

/// The code that is awaited waits for something else than messages.
pub(super) fn suspend<M>(scene: &Scene<M>, during: Piece, task: &Context<'_>) {
    let during = if during.is_yield() { Piece::IDLE } else { during };
    scene.cell.mailbox.suspend(task.waker(), during);
}

/// Nothing of the piece of code is left but how it ended.
fn ended<T>(inside: Option<&Inside>, how: Result<T, Broken>) -> Result<T, Broken> {
    if let Some(inside) = inside {
        inside.piece_ended();
    }
    how
}
