//! The seam between actors and the async runtime they run on.
//!
//! A runtime is four functions: [`spawn`](Runtime::spawn), [`sleep`](Runtime::sleep), [`now`](Runtime::now) and
//! [`spawn_blocking`](Runtime::spawn_blocking). Joining, aborting, catching panics, timeouts and the choice of the
//! ambient runtime live above this seam, so every runtime behaves alike.
//!
//! Which runtime an actor gets, without generics: the one named by `spawn_on(&rt)`; else that of the actor which
//! spawns it; else tokio's, if the code runs inside it; else the [process default](set_default); else
//! [`SpawnError::NoRuntime`].

mod ambient;
mod thread;
mod time;
mod timer;

#[cfg(feature = "tokio")]
pub(crate) mod signal;
#[cfg(any(test, feature = "test-util"))]
pub mod test;
#[cfg(feature = "tokio")]
mod tokio;

use std::{fmt, future::Future, pin::Pin, sync::Arc, time::Duration};

pub use ambient::set_default;
pub(crate) use ambient::{Entered, ambient, enter};
pub use time::Timestamp;
pub(crate) use timer::Timer;

use crate::error::SpawnError;

/// A detached piece of work.
pub type Task = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A blocking piece of work.
pub type Job = Box<dyn FnOnce() + Send>;

/// What the library needs of an async runtime. Object-safe; everything it starts is detached.
///
/// An adapter is about thirty lines. It must keep these rules:
///
/// * `spawn` may be called from any thread, from inside a poll, a wake or a `Drop`, and must never run the task
///   inside the call.
/// * A task is polled until it is ready or the runtime ends; a runtime that ends **drops** what is left (the actors
///   then report [`Exit::Lost`](crate::Exit::Lost)).
/// * `sleep` starts counting when it is called, or at the latest at the first poll.
/// * `now` never goes back.
/// * A `Runtime` that owns its executor would keep itself alive through its own tasks: hold a weak handle to it.
pub trait Runtime: Send + Sync + 'static {
    /// Starts a task.
    fn spawn(&self, task: Task);

    /// Is ready after `duration`.
    fn sleep(&self, duration: Duration) -> Task;

    /// The time on this runtime's clock.
    fn now(&self) -> Timestamp;

    /// Runs a job that blocks its thread, where it harms no task. By default on a new thread.
    fn spawn_blocking(&self, job: Job) {
        // A thread that cannot be started drops the job; whoever waits for it sees it as lost.
        let _ = std::thread::Builder::new().name("actor-blocking".to_owned()).spawn(job);
    }
}

/// A runtime, cheap to clone. What [`spawn_on`](crate::Spawn::spawn_on) takes, besides a tokio `Runtime` or `Handle`.
#[derive(Clone)]
pub struct RuntimeHandle(Kind);

#[derive(Clone)]
enum Kind {
    // The default runtime stays a concrete type, so that its tasks are not boxed a second time.
    #[cfg(feature = "tokio")]
    Tokio(::tokio::runtime::Handle),
    // One word, as tokio's beside its kind: every actor carries a handle, and so it is two words.
    Custom(Arc<Box<dyn Runtime>>),
}

impl RuntimeHandle {
    /// Wraps an adapter.
    pub fn new(runtime: impl Runtime) -> Self {
        RuntimeHandle(Kind::Custom(Arc::new(Box::new(runtime))))
    }

    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        match &self.0 {
            #[cfg(feature = "tokio")]
            Kind::Tokio(handle) => drop(handle.spawn(task)),
            Kind::Custom(runtime) => runtime.spawn(Box::pin(task)),
        }
    }

    /// Whether it is the same runtime. Two adapters that were wrapped each for itself are not.
    pub(crate) fn is_same(&self, other: &RuntimeHandle) -> bool {
        match (&self.0, &other.0) {
            #[cfg(feature = "tokio")]
            (Kind::Tokio(a), Kind::Tokio(b)) => a.id() == b.id(),
            (Kind::Custom(a), Kind::Custom(b)) => Arc::ptr_eq(a, b),
            #[cfg(feature = "tokio")]
            _ => false,
        }
    }

    /// Whether its own tasks can find it without our help.
    #[inline]
    fn announces_itself(&self) -> bool {
        match &self.0 {
            #[cfg(feature = "tokio")]
            Kind::Tokio(_) => true,
            Kind::Custom(_) => false,
        }
    }

    pub(crate) fn sleep(&self, duration: Duration) -> Timer {
        Timer::new(match &self.0 {
            #[cfg(feature = "tokio")]
            Kind::Tokio(handle) => self::tokio::sleep(handle, duration),
            Kind::Custom(runtime) => runtime.sleep(duration),
        })
    }

    /// The time on this runtime's clock.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            #[cfg(feature = "tokio")]
            Kind::Tokio(_) => self::tokio::now(),
            Kind::Custom(runtime) => runtime.now(),
        }
    }

    #[cfg_attr(not(any(test, feature = "test-util")), expect(dead_code, reason = "only `rt::test` blocks as yet"))]
    pub(crate) fn spawn_blocking(&self, job: Job) {
        match &self.0 {
            #[cfg(feature = "tokio")]
            Kind::Tokio(handle) => drop(handle.spawn_blocking(job)),
            Kind::Custom(runtime) => runtime.spawn_blocking(job),
        }
    }
}

impl fmt::Debug for RuntimeHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            #[cfg(feature = "tokio")]
            Kind::Tokio(_) => f.write_str("RuntimeHandle(tokio)"),
            Kind::Custom(_) => f.write_str("RuntimeHandle(custom)"),
        }
    }
}

/// What names a runtime in [`spawn_on`](crate::Spawn::spawn_on): a [`RuntimeHandle`], a tokio `Runtime` or `Handle`,
/// or the test runtime.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name a runtime",
    note = "pass a tokio `Runtime` or `Handle`, or wrap an adapter of your own: `RuntimeHandle::new(MyRuntime)`"
)]
pub trait AsRuntime {
    /// The runtime that is meant.
    fn as_runtime(&self) -> RuntimeHandle;
}

impl AsRuntime for RuntimeHandle {
    fn as_runtime(&self) -> RuntimeHandle {
        self.clone()
    }
}

/// Waits for `duration` of the ambient runtime's time, on whatever runtime that is: what code uses that is to run on
/// tokio and in the virtual time of [`test`](self) alike.
///
/// # Panics
/// When there is no ambient runtime.
///
/// # Cancel safety
/// Cancel safe: dropping it stops the timer.
///
/// ```
/// use actor_core::{prelude::*, rt};
/// # use std::time::Duration;
/// # struct Slow;
/// #[actor]
/// impl Slow {
///     pub async fn nap(&mut self) { rt::sleep(Duration::from_secs(3600)).await }
/// }
/// # actor_core::rt::test::run(async {
/// Slow.spawn().nap().await.unwrap();      // an hour of virtual time
/// # });
/// ```
pub async fn sleep(duration: Duration) {
    let runtime = ambient().expect("no runtime here: call this inside an actor or on a runtime");
    runtime.sleep(duration).await;
}

/// The ambient runtime, or the error that lists the cures.
pub(crate) fn require() -> Result<RuntimeHandle, SpawnError> {
    ambient().ok_or(SpawnError::NoRuntime)
}

/// A runtime to keep time with: the caller's own, else the actor's, else a thread per timer.
pub(crate) fn clock(actors: Option<&RuntimeHandle>) -> RuntimeHandle {
    ambient().or_else(|| actors.cloned()).unwrap_or_else(|| RuntimeHandle::new(thread::Clock))
}
