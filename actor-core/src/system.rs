//! The program as a whole: a tree, the signal that ends it, and how that went.

use std::{
    fmt,
    future::Future,
    pin::{Pin, pin},
    task::Poll,
};

use crate::{
    error::StartError,
    exit::Exit,
    supervise::{StopOnDrop, Supervisor, SupervisorHandle},
};

/// Runs a supervision tree as a program: starts it, waits for a reason to end, stops it in reverse order.
///
/// ```
/// use actor_core::prelude::*;
/// use std::time::Duration;
/// # actor_core::rt::test::run(async {
/// let mut tree = Supervisor::one_for_one();
/// tree.task("ticker", |stop: Stop| async move { stop.requested().await });
/// let report = System::new(tree).run_until(actor_core::rt::test::sleep(Duration::from_secs(60))).await?;
/// assert_eq!(report.exit, Exit::Stopped);
/// assert!(report.requested);
/// # Ok::<_, Box<dyn std::error::Error>>(()) }).unwrap();
/// ```
#[derive(Debug)]
#[must_use = "a system does nothing until it is run"]
pub struct System {
    tree: Supervisor,
}

/// How a system ended.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct SystemReport {
    /// How its tree ended: [`Exit::Stopped`] after a shutdown, [`Exit::GaveUp`] when it could not go on.
    pub exit: Exit,
    /// Whether a signal or the future that was given asked for the end. Otherwise the tree ended by itself, or was
    /// stopped through a handle.
    pub requested: bool,
    /// Whether a second signal cut the shutdown short.
    pub forced: bool,
}

impl fmt::Display for SystemReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let how = if self.forced { " (forced by a second signal)" } else { "" };
        write!(f, "the system {}{how}", self.exit)
    }
}

/// Why a system did not run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SystemError {
    /// Its tree did not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// Signals cannot be waited for: they are the operating system's through tokio, and this is not a tokio runtime.
    #[error("signals need a tokio runtime; use `run_until` with a future of your own")]
    NoSignals,
}

impl System {
    /// A system with this tree.
    pub fn new(tree: Supervisor) -> Self {
        System { tree }
    }

    /// Runs until Ctrl-C or SIGTERM, or until the tree ends by itself. A second signal during the shutdown kills what
    /// is left. Signals are heard from the start on, while the tree starts too.
    ///
    /// # Errors
    /// [`SystemError::Start`] if the tree does not start, [`SystemError::NoSignals`] outside a tokio runtime.
    ///
    /// # Cancel safety
    /// Dropped, it stops the tree without waiting for it.
    #[cfg(feature = "tokio")]
    pub async fn run_until_signal(self) -> Result<SystemReport, SystemError> {
        let signals = crate::rt::signal::Signals::new().ok_or(SystemError::NoSignals)?;
        let signals = std::sync::Mutex::new(signals);
        // Polled by one at a time: first as the reason to end, then as the reason to force it.
        let next = || {
            std::future::poll_fn(|cx| signals.lock().unwrap_or_else(std::sync::PoisonError::into_inner).poll_next(cx))
        };
        self.run(next(), next()).await
    }

    /// Runs until `end` is ready, or until the tree ends by itself.
    ///
    /// # Errors
    /// [`SystemError::Start`] if the tree does not start.
    ///
    /// # Cancel safety
    /// Dropped, it stops the tree without waiting for it.
    pub async fn run_until(self, end: impl Future<Output = ()>) -> Result<SystemReport, SystemError> {
        self.run(end, std::future::pending()).await
    }

    async fn run(
        mut self,
        end: impl Future<Output = ()>,
        force: impl Future<Output = ()>,
    ) -> Result<SystemReport, SystemError> {
        let app = StopOnDrop::new(self.tree.handle());
        let mut end = pin!(end);
        let started = first(pin!(self.tree.start()), end.as_mut()).await;
        let requested = match started {
            First::Left(Err(error)) => return Err(error.into()),
            First::Left(Ok(_)) => matches!(first(pin!(app.handle().stopped()), end).await, First::Right),
            First::Right => true,
        };
        Ok(run_down(app.handle(), requested, force).await)
    }
}

enum First<T> {
    Left(T),
    Right,
}

/// The one of two that is ready first; the left one, if both are.
async fn first<T>(
    mut left: Pin<&mut impl Future<Output = T>>,
    mut right: Pin<&mut impl Future<Output = ()>>,
) -> First<T> {
    std::future::poll_fn(|cx| {
        if let Poll::Ready(output) = left.as_mut().poll(cx) {
            return Poll::Ready(First::Left(output));
        }
        right.as_mut().poll(cx).map(|()| First::Right)
    })
    .await
}

/// Stops the tree; `force` kills it on the way.
async fn run_down(app: &SupervisorHandle, requested: bool, force: impl Future<Output = ()>) -> SystemReport {
    drop(app.stop());
    let mut stopped = pin!(app.stopped());
    let (exit, forced) = match first(stopped.as_mut(), pin!(force)).await {
        First::Left(exit) => (exit, false),
        First::Right => {
            drop(app.kill());
            (stopped.await, true)
        }
    };
    SystemReport { exit: unless_cut_short(exit, requested), requested, forced }
}

/// A start that was cut short by the request to end has not failed.
fn unless_cut_short(exit: Exit, requested: bool) -> Exit {
    let Exit::Failed(error) = &exit else { return exit };
    let cut = error.downcast_ref::<StartError>().is_some_and(|error| *error.cause() == Exit::Stopped);
    if cut && requested { Exit::Stopped } else { exit }
}
