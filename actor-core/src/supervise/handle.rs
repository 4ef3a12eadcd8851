//! The handle of a running supervisor, and what can be asked of it.

use std::{fmt, ops::Deref};

use super::{
    child::{Child, ChildKind, Spec},
    error::ChildError,
    plan::Restart,
};
use crate::{
    actor::{Message, ask::Ask, handle::Handle},
    error::AskError,
    id::ActorId,
    piece::Piece,
    reply::Reply,
    sync::Arc,
};

/// A request to a supervisor.
pub struct SupervisorMessage(pub(super) Request);

pub(super) enum Request {
    List(Reply<Vec<ChildInfo>>),
    Count(Reply<ChildCount>),
    Start(Spec, Reply<Result<(), ChildError>>),
    Stop(Arc<str>, Reply<Result<(), ChildError>>),
    Restart(Arc<str>, Reply<Result<(), ChildError>>),
    Remove(Arc<str>, Reply<Result<(), ChildError>>),
}

impl Message for SupervisorMessage {
    type Handle = SupervisorHandle;

    fn piece(&self) -> Piece {
        Piece::new(match self.0 {
            Request::List(_) => &"children",
            Request::Count(_) => &"count",
            Request::Start(..) => &"start_child",
            Request::Stop(..) => &"stop_child",
            Request::Restart(..) => &"restart_child",
            Request::Remove(..) => &"remove_child",
        })
    }
}

impl fmt::Debug for SupervisorMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a supervisor tells of a child.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ChildInfo {
    /// Its id under this supervisor.
    pub id: Arc<str>,
    /// Its identity, the same across restarts.
    pub actor: ActorId,
    /// Whether it is a supervisor.
    pub kind: ChildKind,
    /// When it is started again.
    pub restart: Restart,
    /// What it is doing.
    pub state: ChildState,
    /// How often it was started again by this incarnation of the supervisor.
    pub restarts: u64,
}

/// What a child is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChildState {
    /// Its factory or its `on_start` runs.
    Starting,
    /// It is up.
    Running,
    /// It is down, and stays down until it is restarted by request.
    Stopped,
}

/// How many children a supervisor has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct ChildCount {
    /// All of them.
    pub specs: usize,
    /// Those that are up.
    pub active: usize,
    /// Those that are supervisors.
    pub supervisors: usize,
    /// Those that are not.
    pub workers: usize,
}

/// The handle of a supervisor. Derefs to [`Handle`]: `stop`, `stopped`, `monitor`, `is_alive` as on every handle.
///
/// ```
/// use actor_core::prelude::*;
/// # struct Session(u32);
/// # #[actor] impl Session { pub fn number(&self) -> u32 { self.0 } }
/// # actor_core::rt::test::run(async {
/// let app = Supervisor::one_for_one().start().await?;
/// let child = Child::new("session 1", || Session(1)).restart(Restart::Temporary);
/// let session = app.start_child(child).await?;
/// assert_eq!(session.number().await?, 1);
/// assert_eq!(app.count().await.active, 1);
/// app.stop_child("session 1").await?;
/// assert_eq!(app.count().await.specs, 0);          // temporary children are forgotten
/// # Ok::<_, Box<dyn std::error::Error>>(()) }).unwrap();
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct SupervisorHandle(Handle<SupervisorMessage>);

impl From<Handle<SupervisorMessage>> for SupervisorHandle {
    fn from(handle: Handle<SupervisorMessage>) -> Self {
        SupervisorHandle(handle)
    }
}

impl Deref for SupervisorHandle {
    type Target = Handle<SupervisorMessage>;

    fn deref(&self) -> &Self::Target {
        &self.0
    }
}

/// Stops a tree if whoever runs it is dropped, even if somebody else has a handle to it.
pub(crate) struct StopOnDrop(Option<SupervisorHandle>);

impl StopOnDrop {
    pub(crate) fn new(app: SupervisorHandle) -> Self {
        StopOnDrop(Some(app))
    }

    pub(crate) fn handle(&self) -> &SupervisorHandle {
        let Some(app) = &self.0 else { unreachable!("only `keep` takes it, and that ends the guard") };
        app
    }

    /// The handle, and nobody is stopped.
    pub(crate) fn keep(mut self) -> SupervisorHandle {
        let Some(app) = self.0.take() else { unreachable!("only `keep` takes it, and that ends the guard") };
        app
    }
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        if let Some(app) = &self.0 {
            drop(app.stop());
        }
    }
}

impl SupervisorHandle {
    /// The children, in the order of their start. Empty once the supervisor has ended.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn children(&self) -> Vec<ChildInfo> {
        self.ask(Request::List(Reply::none())).await.unwrap_or_default()
    }

    /// How many children there are. All zero once the supervisor has ended.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub async fn count(&self) -> ChildCount {
        self.ask(Request::Count(Reply::none())).await.unwrap_or_default()
    }

    /// Starts a child after those that are there, and waits for its `on_start`.
    ///
    /// Such a child is not brought back when its supervisor is itself started again. While its `on_start` runs the
    /// supervisor does nothing else: it heals nobody and answers nobody. In particular, an `on_start` that asks its own
    /// supervisor waits for ever; leave that to the first message.
    ///
    /// # Errors
    /// [`ChildError::AlreadyStarted`] or [`AlreadyPresent`](ChildError::AlreadyPresent) if the id is taken,
    /// [`Start`](ChildError::Start) if it does not start (it is then not kept), [`Stopped`](ChildError::Stopped) if
    /// the supervisor has ended.
    ///
    /// # Cancel safety
    /// Dropped before it is ready, the child was not started, or it is and stays.
    pub async fn start_child<H>(&self, child: Child<H>) -> Result<H, ChildError> {
        let Child { spec, handle, .. } = child;
        self.order(Request::Start(spec, Reply::none())).await?;
        Ok(handle)
    }

    /// Stops a child by its own rule. Its specification stays for [`restart_child`](Self::restart_child), unless it
    /// is temporary. Stopping one that is not running is no error.
    ///
    /// # Errors
    /// [`ChildError::NotFound`], [`ChildError::Stopped`].
    ///
    /// # Cancel safety
    /// A request that the supervisor has begun is finished.
    pub async fn stop_child(&self, id: impl Into<Arc<str>>) -> Result<(), ChildError> {
        self.order(Request::Stop(id.into(), Reply::none())).await
    }

    /// Starts a child that is not running; its handles are valid again.
    ///
    /// # Errors
    /// [`ChildError::NotFound`], [`ChildError::Running`], [`ChildError::Start`], [`ChildError::Stopped`].
    ///
    /// # Cancel safety
    /// A request that the supervisor has begun is finished.
    pub async fn restart_child(&self, id: impl Into<Arc<str>>) -> Result<(), ChildError> {
        self.order(Request::Restart(id.into(), Reply::none())).await
    }

    /// Forgets a child that is not running.
    ///
    /// # Errors
    /// [`ChildError::NotFound`], [`ChildError::Running`], [`ChildError::Stopped`].
    ///
    /// # Cancel safety
    /// A request that the supervisor has begun is finished.
    pub async fn remove_child(&self, id: impl Into<Arc<str>>) -> Result<(), ChildError> {
        self.order(Request::Remove(id.into(), Reply::none())).await
    }

    async fn order(&self, request: Request) -> Result<(), ChildError> {
        // Whatever keeps the supervisor from answering is its end.
        self.ask(request).await.unwrap_or(Err(ChildError::Stopped))
    }

    async fn ask<R: Send + 'static>(&self, request: Request) -> Result<R, AskError>
    where
        Request: Attach<R>,
    {
        Ask::<_, R>::new(&self.0, SupervisorMessage(request), |message, reply| message.0.attach(reply)).await
    }
}

/// Puts a reply into a request.
trait Attach<R: 'static> {
    fn attach(&mut self, reply: Reply<R>);
}

impl Attach<Vec<ChildInfo>> for Request {
    fn attach(&mut self, with: Reply<Vec<ChildInfo>>) {
        if let Request::List(reply) = self {
            *reply = with;
        }
    }
}

impl Attach<ChildCount> for Request {
    fn attach(&mut self, with: Reply<ChildCount>) {
        if let Request::Count(reply) = self {
            *reply = with;
        }
    }
}

impl Attach<Result<(), ChildError>> for Request {
    fn attach(&mut self, with: Reply<Result<(), ChildError>>) {
        match self {
            Request::Start(_, reply)
            | Request::Stop(_, reply)
            | Request::Restart(_, reply)
            | Request::Remove(_, reply) => *reply = with,
            Request::List(_) | Request::Count(_) => {}
        }
    }
}
