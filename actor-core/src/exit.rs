//! Why an actor ended.

use std::{any::Any, error::Error, fmt, sync::Arc};

use crate::id::ActorRef;

/// The error of a hook, a factory or [`Context::fail`](crate::Context::fail), shared by everyone who is told.
pub type SharedError = Arc<dyn Error + Send + Sync>;

/// Why an actor (or a supervisor, or a supervised task) ended.
///
/// `==` compares kinds, not details: `Exit::Panicked(a) == Exit::Panicked(b)` for any two panics.
/// `Display` says why in one line.
///
/// [`Normal`](Exit::Normal) is an end by itself, [`Stopped`](Exit::Stopped) one by request; these two are clean,
/// the others are [abnormal](Exit::is_abnormal) and make a transient child restart.
///
/// ```
/// use actor_core::prelude::*;
/// assert!(!Exit::Stopped.is_abnormal());
/// assert!(Exit::Killed.is_abnormal());
/// assert_eq!(Exit::Lost.to_string(), "lost: the runtime dropped its task");
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Exit {
    /// It ended by itself: nobody held a handle any more, or a task returned.
    Normal,
    /// It was asked to stop, and did.
    Stopped,
    /// A hook, a factory, an owned task or [`Context::fail`](crate::Context::fail) gave an error.
    Failed(SharedError),
    /// A handler, hook, owned task or `Drop` panicked.
    Panicked(Panic),
    /// It was killed: the running handler was dropped at its await point and `on_stop` did not run.
    Killed,
    /// A supervisor gave up: `child` was restarted `restarts` times within the period.
    GaveUp {
        /// The child whose exit was one too many.
        child: Arc<str>,
        /// How many restarts the window held when that exit came.
        restarts: u32,
    },
    /// The runtime dropped its task, or it did not yield when it was killed and was left behind.
    Lost,
}

impl Exit {
    /// Whether this exit is a failure: everything but [`Normal`](Exit::Normal) and [`Stopped`](Exit::Stopped).
    pub fn is_abnormal(&self) -> bool {
        !matches!(self, Exit::Normal | Exit::Stopped)
    }

    /// An exit that carries `error`.
    pub fn failed(error: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Exit::Failed(Arc::from(error.into()))
    }
}

impl PartialEq for Exit {
    fn eq(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

impl fmt::Display for Exit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Exit::Normal => f.write_str("ended by itself"),
            Exit::Stopped => f.write_str("stopped by request"),
            Exit::Failed(error) => write!(f, "failed: {error}"),
            Exit::Panicked(panic) => write!(f, "panicked: {panic}"),
            Exit::Killed => f.write_str("killed"),
            Exit::GaveUp { child, restarts: 0 } => {
                write!(f, "gave up: child `{child}` ended, and no restart is allowed")
            }
            Exit::GaveUp { child, restarts } => {
                let times = if *restarts == 1 { "time" } else { "times" };
                write!(
                    f,
                    "gave up: child `{child}` ended again after it was restarted {restarts} {times} in the period"
                )
            }
            Exit::Lost => f.write_str("lost: the runtime dropped its task"),
        }
    }
}

/// A caught panic: its text, and who was doing what.
#[derive(Clone)]
pub struct Panic(Arc<PanicInfo>);

struct PanicInfo {
    text: String,
    actor: Option<ActorRef>,
    during: &'static str,
}

impl Panic {
    pub(crate) fn new(payload: &(dyn Any + Send), actor: Option<ActorRef>, during: &'static str) -> Self {
        let text = payload
            .downcast_ref::<&'static str>()
            .map(|text| (*text).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "a panic whose payload is no text".to_owned());
        Panic(Arc::new(PanicInfo { text, actor, during }))
    }

    /// What the panic said.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// The actor it happened in; `None` for a supervised task.
    pub fn actor(&self) -> Option<&ActorRef> {
        self.0.actor.as_ref()
    }

    /// What was running: the handler's name, or `on_start`, `on_stop`, `task`, `factory`, `drop`.
    pub fn during(&self) -> &'static str {
        self.0.during
    }
}

/// The same caught panic, not merely one with the same text.
impl PartialEq for Panic {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Panic {}

impl fmt::Display for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` (in `{}`", self.0.text, self.0.during)?;
        match &self.0.actor {
            Some(actor) => write!(f, " of `{actor}`)"),
            None => f.write_str(")"),
        }
    }
}

impl fmt::Debug for Panic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Panic({self})")
    }
}
