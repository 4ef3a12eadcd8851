//! The errors a user meets: one small enum per operation.

use std::{convert::Infallible, error::Error, fmt, sync::Arc};

use crate::{
    exit::{Exit, Panic, SharedError},
    id::ActorRef,
    sync::Mutex,
};

/// Why an ask gave no reply.
///
/// `E` is the handler's own error; a handler that cannot fail has `E = Infallible`. Every ask ends with a reply or
/// with one of these: it never hangs on a dead actor and never panics the caller.
///
/// `Panicked` and `Killed` mean *while it ran this message*; [`Stopped`](AskError::Stopped) means *before*:
/// the message was refused or returned, so it did not run.
///
/// An infallible ask's error fits a fallible function by [`AskError::lift`], and `?` works into `Box<dyn Error>`,
/// `anyhow::Error` and any type with `From<AskError<E>>`.
///
/// ```
/// use actor_core::prelude::*;
/// # #[derive(Default)] struct Counter { n: u32 }
/// # #[actor] impl Counter {
/// #     pub fn add(&mut self, n: u32) -> Result<u32, String> { self.n += n; if self.n > 9 { Err("too much".into()) } else { Ok(self.n) } }
/// # }
/// # actor_core::rt::test::run(async {
/// let h = Counter::default().spawn();
/// assert_eq!(h.add(5).await, Ok(5));
/// assert_eq!(h.add(5).await, Err(AskError::Handler("too much".to_owned())));
/// # });
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum AskError<E = Infallible> {
    /// The handler ran and returned this error.
    Handler(E),
    /// The mailbox was full, and the call or the mailbox's overflow policy does not wait.
    Full,
    /// No reply within the time limit.
    Timeout,
    /// The actor had ended, or ended before it began this message.
    Stopped(Exit),
    /// The handler panicked while it ran this message.
    Panicked(Panic),
    /// The actor was killed while it ran this message.
    Killed,
    /// The handler dropped its [`Reply`](crate::Reply) unanswered.
    NoReply,
    /// Waiting for this reply would never end: the actors named wait for each other.
    Deadlock(Cycle),
}

impl<E> AskError<E> {
    /// Applies `f` to the handler's own error and leaves the others as they are.
    pub fn map<F>(self, f: impl FnOnce(E) -> F) -> AskError<F> {
        match self {
            AskError::Handler(error) => AskError::Handler(f(error)),
            AskError::Full => AskError::Full,
            AskError::Timeout => AskError::Timeout,
            AskError::Stopped(exit) => AskError::Stopped(exit),
            AskError::Panicked(panic) => AskError::Panicked(panic),
            AskError::Killed => AskError::Killed,
            AskError::NoReply => AskError::NoReply,
            AskError::Deadlock(cycle) => AskError::Deadlock(cycle),
        }
    }
}

impl AskError<Infallible> {
    /// Turns the error of an infallible ask into that of a fallible one: `.map_err(AskError::lift)?`.
    pub fn lift<E>(self) -> AskError<E> {
        self.map(|never| match never {})
    }
}

impl<E: fmt::Display> fmt::Display for AskError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AskError::Handler(error) => error.fmt(f),
            AskError::Full => f.write_str("ask refused: the mailbox is full"),
            AskError::Timeout => f.write_str("ask timed out: no reply within the time limit"),
            AskError::Stopped(exit) => write!(f, "ask not handled: the actor {exit}"),
            AskError::Panicked(panic) => write!(f, "ask failed: the handler panicked: {panic}"),
            AskError::Killed => f.write_str("ask failed: the actor was killed while it ran this message"),
            AskError::NoReply => f.write_str("ask failed: the handler dropped its reply unanswered"),
            AskError::Deadlock(cycle) => write!(f, "ask refused: it would never end: {cycle}"),
        }
    }
}

// No `source()` for `Handler`: `E` need not be an `Error` (`String` and `anyhow::Error` are allowed).
impl<E: fmt::Debug + fmt::Display> Error for AskError<E> {}

/// A message that was not taken, on its way back to the sender.
///
/// `Send + Sync` for every `M: Send`, so that `?` works into `anyhow::Error`: the message sits in a mutex that is
/// never locked, only opened.
pub struct Unsent<M>(Box<UnsentParts<M>>);

struct UnsentParts<M> {
    message: Mutex<M>,
    name: &'static str,
    actor: ActorRef,
}

impl<M> Unsent<M> {
    pub(crate) fn new(message: M, name: &'static str, actor: ActorRef) -> Self {
        Unsent(Box::new(UnsentParts { message: Mutex::new(message), name, actor }))
    }

    /// The message.
    pub fn into_message(self) -> M {
        self.0.message.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// The name of the message: its handler's.
    pub fn name(&self) -> &'static str {
        self.0.name
    }

    /// The actor it was meant for.
    pub fn actor(&self) -> &ActorRef {
        &self.0.actor
    }
}

impl<M> fmt::Debug for Unsent<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unsent(`{}` to `{}`)", self.0.name, self.0.actor)
    }
}

/// Why a tell was not taken. Each variant gives the message back: [`TellError::into_message`], and
/// [`Handle::send`](crate::Handle::send) sends it again.
///
/// ```
/// use actor_core::prelude::*;
/// # #[derive(Default)] struct Log;
/// # #[actor] impl Log { #[tell] pub fn line(&mut self, text: String) {} }
/// # actor_core::rt::test::run(async {
/// let h = Log.options().mailbox(1).spawn().unwrap();
/// h.line("one".to_owned()).await?;
/// let Err(full) = h.line("two".to_owned()).try_tell() else { panic!("there was room") };
/// assert!(full.to_string().starts_with("tell `line` to `Log#"));
/// h.send(full.into_message()).await?;          // now it waits for room
/// # Ok::<_, Box<dyn std::error::Error>>(()) }).unwrap();
/// ```
#[non_exhaustive]
pub enum TellError<M> {
    /// The mailbox was full, and the call or the mailbox's overflow policy does not wait.
    Full(Unsent<M>),
    /// There was no room within the time limit.
    Timeout(Unsent<M>),
    /// The actor has ended, or takes no more messages.
    Stopped(Unsent<M>),
    /// Waiting for room would never end: the actors named wait for each other.
    Deadlock(Unsent<M>, Cycle),
}

impl<M> TellError<M> {
    /// The message that was not taken.
    pub fn into_message(self) -> M {
        self.into_unsent().into_message()
    }

    /// The message that was not taken, with its name and its destination.
    pub fn into_unsent(self) -> Unsent<M> {
        match self {
            TellError::Full(unsent)
            | TellError::Timeout(unsent)
            | TellError::Stopped(unsent)
            | TellError::Deadlock(unsent, _) => unsent,
        }
    }
}

impl<M> fmt::Display for TellError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unsent, why): (_, &dyn fmt::Display) = match self {
            TellError::Full(unsent) => (unsent, &"the mailbox is full"),
            TellError::Timeout(unsent) => (unsent, &"no room within the time limit"),
            TellError::Stopped(unsent) => (unsent, &"the actor takes no more messages"),
            TellError::Deadlock(unsent, cycle) => (unsent, cycle),
        };
        write!(f, "tell `{}` to `{}`: {why}", unsent.name(), unsent.actor())
    }
}

impl<M> fmt::Debug for TellError<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            TellError::Full(unsent) => f.debug_tuple("Full").field(unsent).finish(),
            TellError::Timeout(unsent) => f.debug_tuple("Timeout").field(unsent).finish(),
            TellError::Stopped(unsent) => f.debug_tuple("Stopped").field(unsent).finish(),
            TellError::Deadlock(unsent, cycle) => f.debug_tuple("Deadlock").field(unsent).field(cycle).finish(),
        }
    }
}

impl<M> Error for TellError<M> {}

impl<M, E> From<TellError<M>> for AskError<E> {
    /// The message is dropped; only the reason stays.
    fn from(error: TellError<M>) -> Self {
        match error {
            TellError::Full(_) => AskError::Full,
            TellError::Timeout(_) => AskError::Timeout,
            TellError::Stopped(_) => AskError::Stopped(Exit::Stopped),
            TellError::Deadlock(_, cycle) => AskError::Deadlock(cycle),
        }
    }
}

/// A ring of actors of which each waits for the next.
#[derive(Clone, PartialEq, Eq)]
pub struct Cycle(Arc<[ActorRef]>);

impl Cycle {
    pub(crate) fn new(path: impl Into<Arc<[ActorRef]>>) -> Self {
        Cycle(path.into())
    }

    /// The actors on the ring, in the order in which each waits for the next; the last waits for the first.
    pub fn path(&self) -> &[ActorRef] {
        &self.0
    }
}

impl fmt::Display for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("deadlock: ")?;
        for actor in self.path() {
            write!(f, "`{actor}` waits for ")?;
        }
        match self.path().first() {
            Some(first) => write!(f, "`{first}`"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Cycle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cycle({self})")
    }
}

/// Why an actor was not spawned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SpawnError {
    /// No runtime was found: neither that of a running actor, nor tokio's, nor a process default.
    #[error(
        "no async runtime was found: spawn from inside one (tokio, or an actor), name one with `spawn_on(&runtime)`, \
         or set a process default with `actor_core::rt::set_default`"
    )]
    NoRuntime,
}

/// Why an actor or a supervision tree did not start.
///
/// ```
/// use actor_core::prelude::*;
/// struct Db;
/// #[actor]
/// impl Db {
///     #[on_start]
///     fn open(&mut self) -> Result<(), std::io::Error> { Err(std::io::ErrorKind::NotFound.into()) }
///     pub fn query(&self) {}
/// }
/// # actor_core::rt::test::run(async {
/// let mut tree = Supervisor::one_for_one();
/// tree.child("db", || Db);
/// let error = tree.start().await.unwrap_err();
/// assert_eq!(error.child(), Some("db"));
/// assert_eq!(error.to_string(), "child `db` did not start: failed: entity not found");
/// # });
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct StartError {
    child: Option<Arc<str>>,
    cause: Exit,
}

impl StartError {
    pub(crate) fn new(child: Option<Arc<str>>, cause: Exit) -> Self {
        StartError { child, cause }
    }

    /// The child that did not start; `None` where no supervisor is involved.
    pub fn child(&self) -> Option<&str> {
        self.child.as_deref()
    }

    /// How its start ended.
    pub fn cause(&self) -> &Exit {
        &self.cause
    }

    /// The error that `on_start` or the factory gave, if it was one.
    pub fn error(&self) -> Option<&SharedError> {
        match &self.cause {
            Exit::Failed(error) => Some(error),
            _ => None,
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.child {
            Some(child) => write!(f, "child `{child}` did not start: {}", self.cause),
            None => write!(f, "the actor did not start: {}", self.cause),
        }
    }
}

impl Error for StartError {}
