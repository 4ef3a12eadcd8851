//! Who waits for whom, as a report tells it.

use std::fmt;

use crate::id::ActorRef;

/// What an actor's code waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WaitKind {
    /// For the reply to an ask. Its message is in the mailbox, or in its handler.
    Reply,
    /// For a reply that a handler has taken, to give it later.
    DeferredReply,
    /// For room in the mailbox.
    Room,
    /// For the exit.
    Exit,
    /// For the outcome of the start.
    Start,
}

/// One actor that waits for another.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Waiting {
    /// Who waits.
    pub actor: ActorRef,
    /// The handler, timer or hook of it that waits.
    pub during: Option<&'static str>,
    /// In which way.
    pub kind: WaitKind,
    /// For whom.
    pub target: ActorRef,
    /// What that one is in itself: a handler, timer or hook, if it is in one.
    pub target_during: Option<&'static str>,
}

/// Who waits for whom: an actor with all that it waits for, those with all that they wait for, and so on, depth first,
/// each actor once.
///
/// A snapshot of actors that go on meanwhile: each [`Waiting`] was there, but not all at one moment perhaps. Only what
/// the code of actors waits for is seen, and only where that is an actor: neither a caller outside all actors nor the
/// socket that a handler reads from is in it.
///
/// ```
/// use actor_core::{observe::{self, Observer, Overdue}, prelude::*, rt};
/// use std::{sync::{Arc, Mutex}, time::Duration};
///
/// #[derive(Default)]
/// struct Texts(Mutex<Vec<String>>);
/// impl Observer for Texts {
///     fn overdue(&self, report: &Overdue) { self.0.lock().unwrap().push(report.waits_for.to_string()); }
/// }
///
/// struct Net;
/// #[actor]
/// impl Net { pub async fn fetch(&self) { rt::sleep(Duration::from_secs(60)).await } }
/// struct Db { net: NetHandle }
/// #[actor]
/// impl Db { pub async fn load(&self) { let _ = self.net.fetch().await; } }
///
/// # actor_core::rt::test::run(async {
/// let texts = Arc::new(Texts::default());
/// let _installed = observe::install(texts.clone());
/// let net = Net.spawn();
/// let db = Db { net: net.clone() }.spawn();
/// db.load().await.unwrap();
/// # let (db, net) = (db.id(), net.id());
/// let text = format!("`Db{db}` in `load` waits for a reply of `Net{net}`, which is in `fetch`");
/// assert!(texts.0.lock().unwrap().contains(&text));
/// # });
/// ```
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct WaitGraph {
    waits: Vec<Waiting>,
    cut: bool,
}

impl WaitGraph {
    /// The most that one report tells.
    pub const LIMIT: usize = 16;

    /// Each of them: after one comes what its target waits for, if that was not told before.
    pub fn waits(&self) -> &[Waiting] {
        &self.waits
    }

    /// Whether nobody in it waits for an actor.
    pub fn is_empty(&self) -> bool {
        self.waits.is_empty()
    }

    /// Whether there was more than [`LIMIT`](Self::LIMIT).
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// `false` if it has enough.
    pub(crate) fn push(&mut self, waiting: Waiting) -> bool {
        self.cut = self.waits.len() == Self::LIMIT;
        if !self.cut {
            self.waits.push(waiting);
        }
        !self.cut
    }

    /// Writes it, where everybody knows that `it` is meant and what that is in.
    pub(super) fn write(&self, f: &mut fmt::Formatter<'_>, it: Option<&ActorRef>) -> fmt::Result {
        for (at, waiting) in self.waits.iter().enumerate() {
            let Waiting { actor, during, kind, target, target_during } = waiting;
            let before = at.checked_sub(1).and_then(|before| self.waits.get(before));
            match before {
                Some(before) if before.target == *actor => f.write_str(", which")?,
                Some(_) => f.write_str("; ")?,
                None => {}
            }
            let goes_on = before.is_some_and(|before| before.target == *actor);
            match (goes_on, it == Some(actor), during) {
                (false, true, _) => f.write_str("it")?,
                (false, false, Some(during)) => write!(f, "`{actor}` in `{during}`")?,
                (false, false, None) => write!(f, "`{actor}`")?,
                (true, _, Some(during)) => write!(f, " in `{during}`")?,
                (true, _, None) => {}
            }
            match kind {
                WaitKind::Reply => write!(f, " waits for a reply of `{target}`")?,
                WaitKind::DeferredReply => write!(f, " waits for a reply that `{target}` has deferred")?,
                WaitKind::Room => write!(f, " waits for room in the mailbox of `{target}`")?,
                WaitKind::Exit => write!(f, " waits for the exit of `{target}`")?,
                WaitKind::Start => write!(f, " waits for the start of `{target}`")?,
            }
            // What one is in who waits is told with what it waits for.
            let is_told = it == Some(target) || self.waits.iter().any(|other| other.actor == *target);
            if let Some(during) = target_during.filter(|_| !is_told) {
                write!(f, ", which is in `{during}`")?;
            }
        }
        if self.cut { f.write_str("; and so on") } else { Ok(()) }
    }
}

impl fmt::Display for WaitGraph {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, None)
    }
}
