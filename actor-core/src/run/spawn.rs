//! Starting an actor that nobody supervises.

use std::fmt;

use super::{attend::Scene, launch_born};
use crate::{
    actor::{Actor, HandleOf, cell::Cell, handle::Handle, settings::Settings},
    error::SpawnError,
    id::ActorRef,
    mailbox::Overflow,
    rt::{self, AsRuntime, RuntimeHandle},
    sync::Arc,
};

/// What can be done with the state of an actor: start it. Implemented for every [`Actor`].
///
/// A spawned actor lives until it is stopped, fails, or its last handle is gone. To have it started again after a
/// failure, put it under a [`Supervisor`](crate::Supervisor) instead.
pub trait Spawn: Actor {
    /// Starts the actor on the ambient runtime: that of the actor which calls this, else tokio's, else the process
    /// default.
    ///
    /// # Panics
    /// When there is no runtime; the message names the three cures. [`try_spawn`](Self::try_spawn) gives an error
    /// instead.
    ///
    /// ```
    /// use actor_core::prelude::*;
    /// # struct Greeter;
    /// # #[actor] impl Greeter { pub fn hello(&self, name: String) -> String { format!("hello, {name}") } }
    /// # actor_core::rt::test::run(async {
    /// let h = Greeter.spawn();
    /// assert_eq!(h.hello("world".to_owned()).await.unwrap(), "hello, world");
    /// # });
    /// ```
    #[must_use = "an actor ends when its last handle is dropped"]
    #[track_caller]
    fn spawn(self) -> HandleOf<Self> {
        match self.try_spawn() {
            Ok(handle) => handle,
            Err(error) => panic!("{error}"),
        }
    }

    /// As [`spawn`](Self::spawn), with an error where there is no runtime.
    ///
    /// # Errors
    /// [`SpawnError::NoRuntime`], which lists the three cures.
    fn try_spawn(self) -> Result<HandleOf<Self>, SpawnError> {
        self.options().spawn()
    }

    /// Starts the actor on the runtime that is named.
    #[must_use = "an actor ends when its last handle is dropped"]
    fn spawn_on<R: AsRuntime + ?Sized>(self, runtime: &R) -> HandleOf<Self> {
        self.options().start(runtime.as_runtime())
    }

    /// Sets a label, a mailbox capacity or an overflow policy for this one actor.
    ///
    /// ```
    /// use actor_core::prelude::*;
    /// # struct Greeter;
    /// # #[actor] impl Greeter { pub fn hello(&self) {} }
    /// # actor_core::rt::test::run(async {
    /// let h = Greeter.options().name("front door").mailbox(8).spawn().unwrap();
    /// assert_eq!((h.name(), h.mailbox().capacity), ("front door", 8));
    /// # });
    /// ```
    fn options(self) -> Options<Self> {
        Options { actor: self, settings: Self::SETTINGS, name: None }
    }
}

impl<A: Actor> Spawn for A {}

/// The label of an actor type that says nothing about it: the type's own name.
pub(crate) fn label<A: Actor>() -> &'static str {
    A::SETTINGS.name.unwrap_or_else(|| type_label(std::any::type_name::<A>()))
}

/// `a::b::Cache<a::Key>` as `Cache`.
fn type_label(path: &'static str) -> &'static str {
    let bytes = path.as_bytes();
    let end = bytes.iter().position(|byte| *byte == b'<').unwrap_or(bytes.len());
    let start = bytes.iter().take(end).rposition(|byte| *byte == b':').map_or(0, |colon| colon + 1);
    path.get(start..end).unwrap_or(path)
}

/// How to start one actor; made by [`Spawn::options`].
#[must_use = "options start nothing by themselves: call `spawn` or `spawn_on`"]
pub struct Options<A: Actor> {
    actor: A,
    settings: Settings,
    name: Option<Arc<str>>,
}

impl<A: Actor> Options<A> {
    /// A label for logs and errors. It may repeat.
    pub fn name(mut self, name: impl Into<Arc<str>>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// How many messages wait at most.
    ///
    /// # Panics
    /// When `capacity` is zero.
    pub fn mailbox(mut self, capacity: usize) -> Self {
        self.settings = self.settings.mailbox(capacity);
        self
    }

    /// What a full mailbox does.
    pub fn overflow(mut self, overflow: Overflow) -> Self {
        self.settings = self.settings.overflow(overflow);
        self
    }

    /// Starts the actor on the ambient runtime.
    ///
    /// # Errors
    /// [`SpawnError::NoRuntime`], which lists the three cures.
    pub fn spawn(self) -> Result<HandleOf<A>, SpawnError> {
        Ok(self.start(rt::require()?))
    }

    /// Starts the actor on the runtime that is named.
    ///
    /// # Errors
    /// None today; the type leaves room for a name that is taken.
    pub fn spawn_on<R: AsRuntime + ?Sized>(self, runtime: &R) -> Result<HandleOf<A>, SpawnError> {
        Ok(self.start(runtime.as_runtime()))
    }

    fn start(self, runtime: RuntimeHandle) -> HandleOf<A> {
        let who = match self.name {
            Some(name) => ActorRef::new(name),
            None => ActorRef::of_type(label::<A>),
        };
        // With its handle from the first moment: a cell without one is taken for abandoned.
        let handle = Handle::counted(Cell::<A::Message>::of_one_life(who, &self.settings, runtime));
        let cell = handle.cell();
        let scene = Scene { cell: Arc::clone(cell), incarnation: cell.begin() };
        launch_born(scene, cell.running_on(), self.actor, |cell, exit| cell.end(&exit));
        HandleOf::<A>::from(handle)
    }
}

impl<A: Actor> fmt::Debug for Options<A> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Options({}, {:?})", self.name.as_deref().unwrap_or("unnamed"), self.settings)
    }
}
