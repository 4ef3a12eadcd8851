//! The supervisor as it is declared: its rules, its children in order, and how it is started.

use std::{collections::HashSet, fmt, future::Future, time::Duration};

use super::{
    child::{Child, ChildKind, Declared, Shutdown, Spec},
    factory::Product,
    handle::{StopOnDrop, SupervisorHandle, SupervisorMessage},
    plan::{Intensity, Rules},
    tree::Tree,
    worker::{OnExit, Supervised, Worker},
};
use crate::{
    actor::{
        HandleOf,
        cell::{Cell, Level, Tenure},
        context::TaskHandle,
        handle::Handle,
        life::{Monitor, Started},
        outcome::HookReturn,
        settings::Settings,
    },
    error::StartError,
    exit::{Exit, SharedError},
    id::ActorRef,
    rt::{self, RuntimeHandle},
    run::launch,
    stop::Stop,
    sync::{Arc, Mutex, lock},
};

/// Children with rules: started in order, started again when they fail, stopped in reverse.
///
/// Declare it, keep the handles, start it:
///
/// ```
/// use actor_core::prelude::*;
/// use std::time::Duration;
/// # struct Db;
/// # #[actor] impl Db { pub fn get(&mut self, k: u32) -> u32 { assert!(k > 0, "no key 0"); k } }
/// # actor_core::rt::test::run(async {
/// let mut tree = Supervisor::one_for_one().intensity(3, Duration::from_secs(5));
/// let db = tree.child("db", || Db);                 // a handle, before anything runs
/// let app = tree.start().await?;
/// assert!(db.get(0).await.is_err());                // panics its handler
/// assert_eq!(db.get(1).await?, 1);                  // the same handle, the next incarnation
/// app.stop().await;
/// # Ok::<_, Box<dyn std::error::Error>>(()) }).unwrap();
/// ```
///
/// # Rules
/// * `one_for_one`: a child's exit touches no sibling.
/// * More than [`intensity`](Self::intensity) restarts within the period, and the supervisor gives up: it stops its
///   children in reverse order and ends with [`Exit::GaveUp`], which is a failure for *its* supervisor. An attempt to
///   start a child that fails counts as a restart.
/// * A child's handle is valid from its declaration and across restarts. What is queued at a crash is kept for the next
///   incarnation; the message in the handler fails with [`AskError::Panicked`](crate::AskError::Panicked).
/// * The tree stops when it is asked to, or when the last [`SupervisorHandle`] is dropped.
#[must_use = "a supervisor does nothing until it is started"]
pub struct Supervisor {
    cell: Arc<Cell<SupervisorMessage>>,
    /// Somebody has a handle to it already, so its label stays.
    known: bool,
    rules: Rules,
    specs: Vec<Spec>,
}

impl Supervisor {
    /// A supervisor in which each child stands alone. By default it survives 3 restarts within 5 s.
    pub fn one_for_one() -> Self {
        let who = ActorRef::new("root");
        let cell = Cell::new(who, &Settings::DEFAULT, Tenure::Own);
        Supervisor { cell, known: false, rules: Rules { intensity: Intensity::default() }, specs: Vec::new() }
    }

    /// How many restarts within which period are survived; one more, and it gives up. The window slides.
    /// `intensity(0, _)` gives up at the first crash.
    ///
    /// # Panics
    /// When `period` is zero.
    pub fn intensity(mut self, restarts: u32, period: Duration) -> Self {
        assert!(!period.is_zero(), "the period of an intensity must be longer than zero");
        self.rules.intensity = Intensity { restarts, period };
        self
    }

    /// Adds a permanent actor with the defaults of [`Child`]. The factory makes the state of each incarnation: it
    /// returns the actor, a `Result` of it, or a future of either.
    pub fn child<F, O, K>(&mut self, id: impl Into<Arc<str>>, factory: F) -> HandleOf<O::Actor>
    where
        F: FnMut() -> O + Send + 'static,
        O: Product<K> + 'static,
        K: 'static,
    {
        self.add(Child::new(id, factory))
    }

    /// Adds a child and gives its handle.
    pub fn add<H>(&mut self, child: Child<H>) -> H {
        self.specs.push(child.spec);
        child.handle
    }

    /// Adds a permanent task: the closure makes the future of each incarnation and is given the token that asks it
    /// to stop.
    ///
    /// A task that returns is started again, and that counts as a restart. For one that may end, add
    /// [`Child::task`] with [`Restart::Transient`](crate::Restart::Transient) or
    /// [`Temporary`](crate::Restart::Temporary).
    pub fn task<F, T>(&mut self, id: impl Into<Arc<str>>, body: F) -> TaskHandle
    where
        F: FnMut(Stop) -> T + Send + 'static,
        T: Future<Output: HookReturn> + Send + 'static,
    {
        self.add(Child::task(id, body))
    }

    /// Adds a permanent supervisor, which has as long as it takes to stop.
    pub fn supervisor(&mut self, id: impl Into<Arc<str>>, supervisor: Supervisor) -> SupervisorHandle {
        self.add(Child::supervisor(id, supervisor))
    }

    /// Its own handle, before it is started: for a child that is to stop the whole tree, for example.
    ///
    /// While somebody keeps one, the tree does not end by the loss of the others. A supervisor that is then put under
    /// another keeps the label `root`.
    pub fn handle(&mut self) -> SupervisorHandle {
        self.known = true;
        SupervisorHandle::from(Handle::new(Arc::clone(&self.cell)))
    }

    /// Starts the children in the order in which they were added, each when the one before has run its `on_start`.
    ///
    /// # Errors
    /// [`StartError`] with the first child that did not start and why. Those started before it are then stopped in
    /// reverse order, those after it are never tried, and all handles of the tree end with
    /// [`Stopped`](crate::AskError::Stopped). Two children of one id are found before anything is started.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, it stops what it had started.
    pub async fn start(self) -> Result<SupervisorHandle, StartError> {
        let runtime = rt::require().map_err(|error| StartError::new(None, Exit::failed(error)))?;
        let app = StopOnDrop::new(SupervisorHandle::from(Handle::new(Arc::clone(&self.cell))));
        let mut worker = self.into_worker();
        let retired = worker.cell();
        worker.start(&runtime, Box::new(move |exit| retired.retire(&exit)));
        match app.handle().started().await {
            Ok(()) => Ok(app.keep()),
            Err(error) => {
                app.handle().stopped().await;
                Err(unwrap_start_error(error))
            }
        }
    }

    fn into_worker(self) -> SupervisorWorker {
        let declared = Arc::new(Mutex::new(self.specs));
        SupervisorWorker { cell: Arc::new(SupervisorCell { cell: self.cell, declared }), rules: self.rules }
    }
}

impl Child<()> {
    /// A supervisor, with its own children. Permanent, and it has as long as it takes to stop.
    pub fn supervisor(id: impl Into<Arc<str>>, mut supervisor: Supervisor) -> Child<SupervisorHandle> {
        let id = id.into();
        if !supervisor.known {
            supervisor.cell = Cell::new(ActorRef::new(Arc::clone(&id)), &Settings::DEFAULT, Tenure::Permanent);
        }
        supervisor.cell.set_tenure(Tenure::Permanent);
        let handle = SupervisorHandle::from(Handle::new(Arc::clone(&supervisor.cell)));
        let worker = Box::new(supervisor.into_worker());
        Child::from_spec(Spec::new(id, ChildKind::Supervisor, Shutdown::Infinity, worker), handle)
    }
}

/// The start error of a supervisor's own child, which travelled as the error of its `on_start`.
fn unwrap_start_error(error: StartError) -> StartError {
    error.error().and_then(|inner| inner.downcast_ref::<StartError>().cloned()).unwrap_or(error)
}

/// A supervisor as a child: its cell, and what becomes of its declared children when it is retired.
struct SupervisorCell {
    cell: Arc<Cell<SupervisorMessage>>,
    declared: Declared,
}

struct SupervisorWorker {
    cell: Arc<SupervisorCell>,
    rules: Rules,
}

impl Worker for SupervisorWorker {
    fn start(&mut self, runtime: &RuntimeHandle, on_exit: OnExit) {
        let tree = Tree::new(self.rules, Arc::clone(&self.cell.declared), runtime.clone());
        let birth = std::future::ready(duplicate(&self.cell.declared).map_or(Ok(tree), Err));
        launch(&self.cell.cell, runtime, birth, move |_, exit| on_exit(exit));
    }

    fn cell(&self) -> Arc<dyn Supervised> {
        Arc::clone(&self.cell) as Arc<dyn Supervised>
    }
}

/// The error of two children with one id.
fn duplicate(declared: &Declared) -> Option<SharedError> {
    let specs = lock(declared);
    let mut seen = HashSet::new();
    let twice = specs.iter().find(|spec| !seen.insert(Arc::clone(&spec.id)))?;
    let cause = Exit::failed("two children have this id");
    Some(Arc::new(StartError::new(Some(Arc::clone(&twice.id)), cause)))
}

impl Supervised for SupervisorCell {
    fn who(&self) -> &ActorRef {
        &self.cell.who
    }

    fn request(&self, level: Level) {
        self.cell.request(level);
    }

    fn set_tenure(&self, tenure: Tenure) {
        self.cell.set_tenure(tenure);
    }

    fn is_running(&self) -> bool {
        self.cell.life.is_running()
    }

    fn incarnation(&self) -> u32 {
        self.cell.life.incarnation()
    }

    fn exited(&self, incarnation: u32, exit: &Exit) {
        self.cell.life.exited(incarnation, exit);
    }

    fn is_ended(&self) -> bool {
        self.cell.life.ended().is_some()
    }

    fn last_exit(&self) -> Option<Exit> {
        self.cell.life.last_exit()
    }

    /// Its children go with it: nothing will start them either.
    fn retire(&self, exit: &Exit) {
        let children: Vec<_> = lock(&self.declared).iter().map(Spec::cell).collect();
        for child in children.iter().rev() {
            child.settle();
        }
        self.cell.retire(exit);
    }

    fn revive(&self) {
        self.cell.revive();
    }

    fn return_queued(&self, exit: &Exit) {
        self.cell.return_queued(exit);
    }

    fn present_exit(self: Arc<Self>) -> Monitor {
        Cell::present_exit(&self.cell)
    }

    fn started(self: Arc<Self>) -> Started {
        Started::new(Arc::clone(&self.cell) as _)
    }
}

impl fmt::Debug for Supervisor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.specs.iter().map(|spec| &*spec.id).collect();
        write!(f, "Supervisor({ids:?}, {:?})", self.rules)
    }
}
