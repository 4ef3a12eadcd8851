//! The ladder of a shutdown: drain, then stop now, then kill.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use super::{
    cell::{Cell, Level},
    letters::Tally,
    life::Monitor,
    message::Message,
};
use crate::{
    exit::Exit,
    rt,
    rt::Timer,
    sync::{Arc, Ordering},
};

/// How long a kill may take to have effect.
pub(crate) const KILL_LIMIT: Duration = Duration::from_secs(1);

/// How a shutdown went.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ShutdownReport {
    /// How the incarnation ended.
    pub exit: Exit,
    /// Messages handled since the shutdown began.
    pub handled: u64,
    /// Asks given back to their callers with [`Stopped`](crate::AskError::Stopped).
    pub returned: u64,
    /// Tells that were accepted and not handled.
    pub discarded: u64,
}

/// A future of the [`ShutdownReport`], made by [`Handle::shutdown`](crate::Handle::shutdown).
#[must_use = "the later steps of a shutdown are taken by polling it"]
pub struct ShuttingDown {
    ladder: Pin<Box<dyn Future<Output = ShutdownReport> + Send>>,
}

impl ShuttingDown {
    pub(crate) fn new<M: Message>(cell: Arc<Cell<M>>, limit: Duration) -> Self {
        let before = Totals::of(&cell);
        // Requested here, not in the future: a stop takes effect when it is called.
        let (exit, incarnation) = cell.ask_to_end(Level::Drain);
        let ladder = Box::pin(async move {
            let exit = match incarnation {
                Some(incarnation) => descend(exit, &cell, incarnation, limit).await,
                None => exit.await,
            };
            before.report(&cell, exit)
        });
        ShuttingDown { ladder }
    }
}

async fn descend<M: Message>(mut exit: Monitor, cell: &Cell<M>, incarnation: u32, limit: Duration) -> Exit {
    let runtime = rt::clock(cell.runtime());
    for (share, level) in [(limit * 4 / 5, Level::Now), (limit / 5, Level::Kill)] {
        match until(&mut exit, runtime.sleep(share)).await {
            Some(exit) => return exit,
            None => cell.request_of(incarnation, level),
        }
    }
    // Nothing can stop code that does not yield: after the kill limit it is left behind.
    until(&mut exit, runtime.sleep(KILL_LIMIT)).await.unwrap_or(Exit::Lost)
}

/// The exit, unless the time is up first.
pub(crate) async fn until(exit: &mut Monitor, mut timer: Timer) -> Option<Exit> {
    exit.limit();
    std::future::poll_fn(|cx| {
        if let Poll::Ready(exit) = Pin::new(&mut *exit).poll(cx) {
            return Poll::Ready(Some(exit));
        }
        Pin::new(&mut timer).poll(cx).map(|()| None)
    })
    .await
}

struct Totals {
    handled: u64,
    tally: Tally,
}

impl Totals {
    fn of<M>(cell: &Cell<M>) -> Self {
        Totals { handled: cell.handled.load(Ordering::Relaxed), tally: cell.life.tally() }
    }

    fn report<M>(&self, cell: &Cell<M>, exit: Exit) -> ShutdownReport {
        let now = Totals::of(cell);
        ShutdownReport {
            exit,
            handled: now.handled - self.handled,
            returned: now.tally.returned - self.tally.returned,
            discarded: now.tally.discarded - self.tally.discarded,
        }
    }
}

impl Future for ShuttingDown {
    type Output = ShutdownReport;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<ShutdownReport> {
        self.ladder.as_mut().poll(cx)
    }
}

impl fmt::Debug for ShuttingDown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ShuttingDown")
    }
}
