//! What there is to know of an actor's life. Plain data: the lock around it is in `life`.

use super::{audience::Audience, kept::Kept, letters::Tally};
use crate::{exit::Exit, sync::Arc};

/// Two words: every actor has one.
pub(super) struct State {
    rare: Option<Box<Rare>>,
    pub(super) incarnation: u32,
    pub(super) station: Station,
    pub(super) start: Start,
    last: Last,
}

/// What most actors do not need before their end. Made by the first who does, and small for who is stopped: it is filled
/// and dropped then.
#[derive(Default)]
struct Rare {
    audience: Audience,
    rarer: Option<Box<Rarer>>,
}

/// What most actors never need.
#[derive(Default)]
pub(super) struct Rarer {
    pub(super) tally: Tally,
    /// Messages to handle before a permanent child that was asked to stop ends; what comes later is for the next one.
    pub(super) drain: usize,
    /// The last exit, if it carries something.
    exit: Option<Exit>,
    /// What is handled and not answered. It has a lock of its own.
    pub(super) kept: Option<Arc<Kept>>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Station {
    Declared,
    Starting,
    Running,
    Down,
    Ended,
}

/// How the latest start went.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Start {
    Undecided,
    Succeeded,
    /// The last exit says why.
    Failed,
}

/// The last exit, as far as it fits.
#[derive(Clone, Copy)]
enum Last {
    None,
    Normal,
    Stopped,
    Killed,
    Lost,
    /// It carries something, and stands with what is rare.
    Told,
}

impl State {
    pub(super) fn new(station: Station, incarnation: u32) -> Self {
        State { rare: None, incarnation, station, start: Start::Undecided, last: Last::None }
    }

    pub(super) fn audience(&mut self) -> &mut Audience {
        &mut self.rare.get_or_insert_default().audience
    }

    pub(super) fn rarer(&mut self) -> &mut Rarer {
        self.rare.get_or_insert_default().rarer.get_or_insert_default()
    }

    /// The audience, if there ever was one.
    pub(super) fn known_audience(&mut self) -> Option<&mut Audience> {
        self.rare.as_mut().map(|rare| &mut rare.audience)
    }

    pub(super) fn known_rarer(&mut self) -> Option<&mut Rarer> {
        self.rare.as_mut()?.rarer.as_deref_mut()
    }

    /// Whether an incarnation is starting or running.
    pub(super) fn is_up(&self) -> bool {
        matches!(self.station, Station::Starting | Station::Running)
    }

    pub(super) fn last_exit(&self) -> Option<Exit> {
        match self.last {
            Last::None => None,
            Last::Normal => Some(Exit::Normal),
            Last::Stopped => Some(Exit::Stopped),
            Last::Killed => Some(Exit::Killed),
            Last::Lost => Some(Exit::Lost),
            Last::Told => self.rare.as_ref().and_then(|rare| rare.rarer.as_ref()?.exit.clone()),
        }
    }

    /// The exit for good, if it has come.
    pub(super) fn ended(&self) -> Option<Exit> {
        if self.station == Station::Ended { self.last_exit() } else { None }
    }

    /// Gives the exit before it back if that carries something: it is to be dropped outside the lock.
    #[must_use = "an error of the user's is not dropped under the lock"]
    pub(super) fn note_exit(&mut self, exit: &Exit) -> Option<Exit> {
        self.last = match exit {
            Exit::Normal => Last::Normal,
            Exit::Stopped => Last::Stopped,
            Exit::Killed => Last::Killed,
            Exit::Lost => Last::Lost,
            Exit::Failed(_) | Exit::Panicked(_) | Exit::GaveUp { .. } => {
                self.last = Last::Told;
                return self.rarer().exit.replace(exit.clone());
            }
        };
        self.known_rarer().and_then(|rarer| rarer.exit.take())
    }
}

/// The incarnation that is up. None begins or ends while this exists.
pub(super) struct Up<'a>(pub(super) &'a mut State);

impl Up<'_> {
    pub(super) fn incarnation(&self) -> u32 {
        self.0.incarnation
    }

    /// It is to handle so many messages before it ends.
    pub(super) fn set_drain(&mut self, messages: usize) {
        self.0.rarer().drain = messages;
    }
}
