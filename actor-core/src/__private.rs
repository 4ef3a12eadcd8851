//! The only names, beside the public types, that generated code may use. Not under semver.

pub use crate::actor::{
    checked::{Checked, checked},
    context::{begin, begin_deferred},
    outcome::{
        HookResult, HookReturn, Outcome, ToldResult, answer, answer_result, deferred, hook, misled, skipped, tick, told,
    },
    settings::{DefaultSettings, Missed, Settings, Timer},
};

pub use crate::piece::Piece;

/// The markers by which a factory's return types are told apart.
pub use crate::supervise::factory::{Awaited, AwaitedTried, Plain, Tried};

/// Nothing to say.
pub const DONE: Outcome = Outcome::DONE;

/// What a message may carry: an argument, a reply, an actor's state.
pub trait MessageArg: Send + 'static {}

impl<T: Send + 'static> MessageArg for T {}
