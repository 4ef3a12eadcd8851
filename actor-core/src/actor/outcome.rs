//! What running one piece of an actor came to: the glue between generated dispatch and the loop.

use std::{error::Error, fmt, fmt::Display, sync::Arc};

use crate::{
    exit::{Exit, SharedError},
    reply::Reply,
};

/// What a hook gives.
pub type HookResult = Result<(), SharedError>;

/// What a handler, a timer or an event came to.
#[derive(Debug)]
pub struct Outcome(pub(crate) What);

/// Two words, so that it travels through the loop in registers: what is rare is boxed.
#[derive(Debug)]
pub(crate) enum What {
    Done,
    /// It was not run: nobody waits for it any more.
    Skipped,
    /// It was not run: its time was up.
    Late,
    Rare(Box<Rare>),
}

#[derive(Debug)]
pub(crate) enum Rare {
    /// It gave an error, and nobody waits for it.
    Unheard(SharedError),
    /// A timer gave an error.
    TickFailed(SharedError),
    /// The actor is to end, like this.
    End(Exit),
}

impl Outcome {
    pub(crate) const DONE: Self = Outcome(What::Done);

    pub(crate) fn rare(rare: Rare) -> Self {
        Outcome(What::Rare(Box::new(rare)))
    }
}

/// The text of an error whose type need not be an `Error`.
#[derive(Debug)]
struct Text(String);

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Error for Text {}

fn text(error: &impl Display) -> SharedError {
    Arc::new(Text(error.to_string()))
}

/// Answers with the handler's value.
pub fn answer<R>(reply: Reply<R>, value: R) -> Outcome {
    reply.send(value);
    Outcome::DONE
}

/// Answers with the handler's result; an error that nobody waits for is reported.
pub fn answer_result<T, E: Display>(reply: Reply<Result<T, E>>, result: Result<T, E>) -> Outcome {
    if let Err(error) = &result
        && !reply.is_wanted()
    {
        return Outcome::rare(Rare::Unheard(text(error)));
    }
    answer(reply, result)
}

/// Not run: what [`begin`](crate::__private::begin) has said of this reply's message.
#[cold]
pub fn skipped<R>(reply: &Reply<R>) -> Outcome {
    Outcome(if reply.is_late() { What::Late } else { What::Skipped })
}

/// A message was given to the wrong one of the two ways to run a handler.
///
/// # Panics
/// Always. The loop asks first, so this is never called; it is there for the match to be whole.
#[cold]
pub fn misled() -> Outcome {
    unreachable!("the loop has mistaken a handler that is async for one that is not, or the other way round")
}

/// The handler has taken its reply and answers when it likes.
pub fn deferred() -> Outcome {
    Outcome::DONE
}

/// What a `#[tell]` handler may return: nothing, or a `Result` whose error is reported.
#[diagnostic::on_unimplemented(
    message = "a `#[tell]` handler cannot return `{Self}`: nobody waits for it",
    note = "return nothing, or `Result<(), E>` with `E: Display`, whose error is reported"
)]
pub trait ToldResult {
    #[doc(hidden)]
    fn outcome(self) -> Outcome;
}

impl ToldResult for () {
    fn outcome(self) -> Outcome {
        Outcome::DONE
    }
}

impl<E: Display> ToldResult for Result<(), E> {
    fn outcome(self) -> Outcome {
        match self {
            Ok(()) => Outcome::DONE,
            Err(error) => Outcome::rare(Rare::Unheard(text(&error))),
        }
    }
}

/// The outcome of a `#[tell]` handler.
pub fn told(value: impl ToldResult) -> Outcome {
    value.outcome()
}

/// What a hook or a timer may return: nothing, or a `Result` whose error ends the actor.
#[diagnostic::on_unimplemented(
    message = "a hook or timer cannot return `{Self}`",
    note = "return nothing, or `Result<(), E>` with `E: Into<Box<dyn Error + Send + Sync>>`"
)]
pub trait HookReturn {
    #[doc(hidden)]
    fn result(self) -> HookResult;
}

impl HookReturn for () {
    fn result(self) -> HookResult {
        Ok(())
    }
}

impl<E: Into<Box<dyn Error + Send + Sync>>> HookReturn for Result<(), E> {
    fn result(self) -> HookResult {
        self.map_err(|error| SharedError::from(error.into()))
    }
}

/// The result of a hook.
pub fn hook(value: impl HookReturn) -> HookResult {
    value.result()
}

/// The outcome of a timer.
pub fn tick(value: impl HookReturn) -> Outcome {
    match value.result() {
        Ok(()) => Outcome::DONE,
        Err(error) => Outcome::rare(Rare::TickFailed(error)),
    }
}
