//! The program as a whole: a tree, the signal that ends it, and how that went.

use std::{
    fmt,
    future::Future,
    pin::{Pin, pin},
    task::Poll,
};

use crate::{
    actor::life::Stopped,
    error::StartError,
    exit::Exit,
    supervise::{Supervisor, SupervisorHandle},
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
    /// Whether a signal, a future or the system's own handle asked for the end; otherwise the tree ended by itself.
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
    /// is left.
    ///
    /// # Errors
    /// [`SystemError::Start`] if the tree does not start, [`SystemError::NoSignals`] outside a tokio runtime.
    ///
    /// # Cancel safety
    /// Dropped, it stops the tree without waiting for it.
    #[cfg(feature = "tokio")]
    pub async fn run_until_signal(self) -> Result<SystemReport, SystemError> {
        let mut signals = crate::rt::signal::Signals::new().ok_or(SystemError::NoSignals)?;
        let app = self.tree.start().await?;
        let requested = first(app.stopped(), signals.next()).await.is_none();
        run_down(&app, requested, signals.next()).await
    }

    /// Runs until `end` is ready, or until the tree ends by itself.
    ///
    /// # Errors
    /// [`SystemError::Start`] if the tree does not start.
    ///
    /// # Cancel safety
    /// Dropped, it stops the tree without waiting for it.
    pub async fn run_until(self, end: impl Future<Output = ()>) -> Result<SystemReport, SystemError> {
        let app = self.tree.start().await?;
        let requested = first(app.stopped(), end).await.is_none();
        run_down(&app, requested, std::future::pending()).await
    }
}

/// The tree's exit, unless there is a reason to end it first.
async fn first(mut stopped: Stopped, reason: impl Future<Output = ()>) -> Option<Exit> {
    let mut reason = pin!(reason);
    std::future::poll_fn(|cx| {
        if let Poll::Ready(exit) = Pin::new(&mut stopped).poll(cx) {
            return Poll::Ready(Some(exit));
        }
        reason.as_mut().poll(cx).map(|()| None)
    })
    .await
}

/// Stops the tree; `force` kills it on the way.
async fn run_down(
    app: &SupervisorHandle,
    requested: bool,
    force: impl Future<Output = ()>,
) -> Result<SystemReport, SystemError> {
    drop(app.stop());
    let ended = first(app.stopped(), force).await;
    let forced = ended.is_none();
    let exit = if let Some(exit) = ended {
        exit
    } else {
        drop(app.kill());
        app.stopped().await
    };
    Ok(SystemReport { exit, requested, forced })
}
