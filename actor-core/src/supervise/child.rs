//! The specification of a child: what it is, when it is started again, how it is stopped.

use std::{fmt, future::Future, marker::PhantomData, time::Duration};

use super::{
    factory::Product,
    plan::Restart,
    worker::{ActorWorker, Supervised, TaskWorker, Worker},
};
use crate::{
    actor::{
        Actor, HandleOf,
        cell::{Cell, Tenure},
        context::TaskHandle,
        handle::Handle,
        outcome::HookReturn,
        settings::Settings,
    },
    id::ActorRef,
    mailbox::Overflow,
    stop::Stop,
    sync::{Arc, Mutex},
};

/// How a child is stopped by its supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Shutdown {
    /// Killed at once.
    Brutal,
    /// Within this time, as [`Handle::shutdown`] does: it handles what it had accepted for up to four fifths of it,
    /// finishes its handler in progress, and is killed at the limit.
    Within(Duration),
    /// As long as it takes. The default for supervisors.
    Infinity,
}

impl Default for Shutdown {
    /// Five seconds.
    fn default() -> Self {
        Shutdown::Within(Duration::from_secs(5))
    }
}

/// What becomes of the messages that are queued when a child crashes and is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Queue {
    /// The next incarnation handles them, in order.
    #[default]
    Keep,
    /// They are given back: asks end with [`Stopped`](crate::AskError::Stopped).
    Return,
}

/// Whether a child is itself a supervisor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChildKind {
    /// An actor or a task.
    Worker,
    /// A supervisor.
    Supervisor,
}

/// One child, type-erased.
pub(super) struct Spec {
    pub(super) id: Arc<str>,
    pub(super) restart: Restart,
    pub(super) shutdown: Shutdown,
    pub(super) queue: Queue,
    pub(super) kind: ChildKind,
    pub(super) worker: Box<dyn Worker>,
}

/// The declared children while their supervisor is not running; a running one takes them out and puts them back.
pub(super) type Declared = Arc<Mutex<Vec<Spec>>>;

impl Spec {
    pub(super) fn cell(&self) -> Arc<dyn Supervised> {
        self.worker.cell()
    }

    /// Who decides what comes after its exits.
    pub(super) fn tenure(&self) -> Tenure {
        if self.restart == Restart::Permanent { Tenure::Permanent } else { Tenure::Finite }
    }
}

impl Drop for Spec {
    /// Nothing will start it again: whoever waits on its handles is told.
    fn drop(&mut self) {
        self.cell().settle();
    }
}

/// A child to be [added](crate::Supervisor::add) to a supervisor, or
/// [started](crate::SupervisorHandle::start_child) under a running one. `H` is the handle it will have.
///
/// By default a child is permanent, has 5 s to stop (a supervisor: as long as it takes) and keeps its queue.
///
/// ```
/// use actor_core::prelude::*;
/// use std::time::Duration;
/// # struct Cache;
/// # #[actor] impl Cache { pub fn len(&self) -> usize { 0 } }
/// # actor_core::rt::test::run(async {
/// let mut tree = Supervisor::one_for_one();
/// let cache = tree.add(
///     Child::new("cache", || Cache).restart(Restart::Transient).shutdown(Shutdown::Within(Duration::from_secs(2))),
/// );
/// let _app = tree.start().await.unwrap();
/// assert_eq!(cache.len().await, Ok(0));
/// # });
/// ```
#[must_use = "a child does nothing until it is added to a supervisor"]
pub struct Child<H> {
    pub(super) spec: Spec,
    pub(super) handle: H,
    configure: Configure,
}

/// Changes capacity or policy of the child's mailbox.
type Configure = Box<dyn Fn(Option<usize>, Option<Overflow>) + Send>;

fn nothing_to_configure() -> Configure {
    Box::new(|_, _| {})
}

impl Child<()> {
    /// An actor. The factory makes the state of each incarnation: it returns the actor, a `Result` of it, or a
    /// future of either.
    pub fn new<F, O, K>(id: impl Into<Arc<str>>, factory: F) -> Child<HandleOf<O::Actor>>
    where
        F: FnMut() -> O + Send + 'static,
        O: Product<K> + 'static,
        K: 'static,
    {
        let id = id.into();
        let settings = O::Actor::SETTINGS;
        let cell = Cell::new(ActorRef::new(Arc::clone(&id)), &settings, Tenure::Permanent);
        let handle = HandleOf::<O::Actor>::from(Handle::new(Arc::clone(&cell)));
        let mailbox = Arc::clone(&cell);
        let worker = ActorWorker { cell, factory, kind: PhantomData };
        let spec = Spec::new(id, ChildKind::Worker, Shutdown::default(), Box::new(worker));
        Child { spec, handle, configure: Box::new(move |n, overflow| mailbox.mailbox.configure(n, overflow)) }
    }

    /// A task: the closure makes the future of each incarnation and is given the token that asks it to stop. A
    /// future that returns nothing has ended normally; it may also return a `Result<(), E>`.
    pub fn task<F, T>(id: impl Into<Arc<str>>, body: F) -> Child<TaskHandle>
    where
        F: FnMut(Stop) -> T + Send + 'static,
        T: Future<Output: HookReturn> + Send + 'static,
    {
        let id = id.into();
        let cell = Cell::new(ActorRef::new(Arc::clone(&id)), &Settings::DEFAULT, Tenure::Permanent);
        let handle = Handle::new(Arc::clone(&cell));
        let worker = TaskWorker { cell, body };
        let spec = Spec::new(id, ChildKind::Worker, Shutdown::default(), Box::new(worker));
        Child { spec, handle, configure: nothing_to_configure() }
    }
}

impl Spec {
    pub(super) fn new(id: Arc<str>, kind: ChildKind, shutdown: Shutdown, worker: Box<dyn Worker>) -> Self {
        Spec { id, restart: Restart::default(), shutdown, queue: Queue::default(), kind, worker }
    }
}

impl<H> Child<H> {
    pub(super) fn from_spec(spec: Spec, handle: H) -> Self {
        Child { spec, handle, configure: nothing_to_configure() }
    }

    /// When it is started again.
    pub fn restart(mut self, restart: Restart) -> Self {
        self.spec.restart = restart;
        self.spec.cell().set_tenure(self.spec.tenure());
        self
    }

    /// How it is stopped.
    pub fn shutdown(mut self, shutdown: Shutdown) -> Self {
        self.spec.shutdown = shutdown;
        self
    }

    /// What becomes of its queue when it crashes and is started again.
    pub fn on_restart(mut self, queue: Queue) -> Self {
        self.spec.queue = queue;
        self
    }

    /// The capacity of its mailbox, instead of what its type says. A task or supervisor has no mailbox to set.
    ///
    /// # Panics
    /// When `capacity` is zero.
    pub fn mailbox(self, capacity: usize) -> Self {
        assert!(capacity > 0, "a mailbox must hold at least 1 message");
        (self.configure)(Some(capacity), None);
        self
    }

    /// What its mailbox does when it is full, instead of what its type says.
    pub fn overflow(self, overflow: Overflow) -> Self {
        (self.configure)(None, Some(overflow));
        self
    }

    /// Its handle: valid from now on, before it is started and across every restart.
    pub fn handle(&self) -> &H {
        &self.handle
    }
}

impl<H> fmt::Debug for Child<H> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Child({}, {:?})", self.spec.id, self.spec.restart)
    }
}
