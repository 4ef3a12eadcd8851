//! What each crate is asked to do, through its public API.

use std::{future::Future, sync::Arc};

use tokio::{runtime::Builder, sync::mpsc, task::JoinHandle};

/// Messages a mailbox holds, where it has a bound.
pub(crate) const CAPACITY: usize = 64;

/// What a tell carries: 16 bytes.
pub(crate) type Pair = [u64; 2];

/// One way to write actors. Everything runs on one thread; the futures are `Send` all the same, because most of the
/// crates want that of what calls them.
pub(crate) trait Peer: 'static {
    /// As in `Cargo.lock`.
    const CRATE: &'static str;
    /// Which mailbox it is given, and how.
    const MAILBOX: &'static str;
    /// Whether a tell waits while the mailbox is full. Where it does not, the driver lets the actor run after each
    /// [`CAPACITY`] tells: a queue of all messages at once would be measured otherwise.
    const BOUNDED: bool;

    /// What actors are spawned in, if the crate wants that.
    type System: Send + Sync;
    /// An actor with a sum, and handlers to add to it and to ask for it.
    type Counter: Clone + Send + Sync + 'static;
    /// What its end is waited for with, beside the handle.
    type End: Send;
    /// An actor that passes balls on to others of its kind.
    type Node: Clone + Send + Sync + 'static;

    /// Runs the workload as a task on a runtime with one thread.
    fn run<T: Send + 'static>(body: impl Future<Output = T> + Send + 'static) -> T {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async { tokio::spawn(body).await.expect("a workload does not panic") })
    }

    /// One more task beside it.
    fn task(body: impl Future<Output = ()> + Send + 'static) -> JoinHandle<()> {
        tokio::spawn(body)
    }

    fn system() -> impl Future<Output = Self::System> + Send;

    fn counter(system: &Self::System) -> impl Future<Output = (Self::Counter, Self::End)> + Send;
    /// A tell: nobody waits for the handler.
    fn add(counter: &Self::Counter, numbers: Pair) -> impl Future<Output = ()> + Send;
    /// An ask: adds, and answers with the sum.
    fn next(counter: &Self::Counter, number: u64) -> impl Future<Output = u64> + Send;
    /// Stops it and waits for its end.
    fn stop(counter: Self::Counter, end: Self::End) -> impl Future<Output = ()> + Send;

    /// With room for [`ROOM`] messages.
    fn node(system: &Self::System, place: Place<Self::Node>) -> impl Future<Output = Self::Node> + Send;
    fn meet(node: &Self::Node, others: Others<Self::Node>) -> impl Future<Output = ()> + Send;
    fn ball(node: &Self::Node, ball: Ball) -> impl Future<Output = ()> + Send;
}

/// Room for every ball at once: nobody waits for room while somebody waits for it, which no mailbox could resolve.
pub(crate) const ROOM: usize = 128;

pub(crate) type Others<N> = Arc<Vec<N>>;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Ball {
    /// Hits until it has arrived.
    pub(crate) left: u32,
    pub(crate) luck: u32,
}

/// The state of a node, with the same decisions in each crate.
pub(crate) struct Place<N> {
    pub(crate) me: usize,
    pub(crate) others: Others<N>,
    pub(crate) arrived: mpsc::UnboundedSender<()>,
}

impl<N> Place<N> {
    /// Who gets it next, which is never the one who has it. `None` where it has arrived.
    pub(crate) fn next(&mut self, ball: Ball) -> Option<(&N, Ball)> {
        let Some(left) = ball.left.checked_sub(1) else {
            self.arrived.send(()).expect("somebody waits");
            return None;
        };
        let luck = ball.luck.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        // The lower bits of such a generator have short periods.
        let skip = 1 + (luck >> 16) as usize % (self.others.len() - 1);
        Some((&self.others[(self.me + skip) % self.others.len()], Ball { left, luck }))
    }
}
