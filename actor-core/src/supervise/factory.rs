//! What a child's factory may return: an actor, a `Result` of one, or a future of either.

use std::{error::Error, future::Future};

use crate::{actor::Actor, exit::SharedError};

/// What a factory returns. The marker `K` is inferred and tells the four forms apart.
#[diagnostic::on_unimplemented(
    message = "a child's factory cannot return `{Self}`",
    label = "this factory gives no actor",
    note = "return the actor's state, a `Result` of it, or a future of either (the type needs an `#[actor]` impl block)"
)]
pub trait Product<K>: Send {
    /// The actor it makes.
    type Actor: Actor;
    #[doc(hidden)]
    fn make(self) -> impl Future<Output = Result<Self::Actor, SharedError>> + Send + 'static;
}

/// The factory returns the actor.
#[derive(Debug)]
pub enum Plain {}
/// The factory returns a `Result` of the actor.
#[derive(Debug)]
pub enum Tried {}
/// The factory returns a future of the actor.
#[derive(Debug)]
pub enum Awaited {}
/// The factory returns a future of a `Result` of the actor.
#[derive(Debug)]
pub enum AwaitedTried {}

impl<A: Actor> Product<Plain> for A {
    type Actor = A;

    fn make(self) -> impl Future<Output = Result<A, SharedError>> + Send + 'static {
        std::future::ready(Ok(self))
    }
}

impl<A: Actor, E: Into<Box<dyn Error + Send + Sync>> + Send> Product<Tried> for Result<A, E> {
    type Actor = A;

    fn make(self) -> impl Future<Output = Result<A, SharedError>> + Send + 'static {
        std::future::ready(self.map_err(|error| SharedError::from(error.into())))
    }
}

impl<A: Actor, F: Future<Output = A> + Send + 'static> Product<Awaited> for F {
    type Actor = A;

    async fn make(self) -> Result<A, SharedError> {
        Ok(self.await)
    }
}

impl<A, E, F> Product<AwaitedTried> for F
where
    A: Actor,
    E: Into<Box<dyn Error + Send + Sync>> + 'static,
    F: Future<Output = Result<A, E>> + Send + 'static,
{
    type Actor = A;

    async fn make(self) -> Result<A, SharedError> {
        self.await.map_err(|error| SharedError::from(error.into()))
    }
}
