//! The `#[actor]` macro of `actor-core`; use it through `actor_core::prelude`.
//!
//! # Layout
//!
//! An attribute travels down one line, and each stage knows nothing of the next:
//!
//! | stage | turns | into |
//! |---|---|---|
//! | `parse` | tokens | what the user wrote: a block, its methods, their marks; bodies stay tokens |
//! | `normalise` | what the user wrote | the `model`: roles, arguments with names, owned types, no `Self` |
//! | `check` | the model | errors, all of them, each at the user's own token |
//! | `expand` | the sound part of the model | code, one function per emitted item |
//!
//! `fallback` stands around the line: whatever goes wrong, the user's own `impl` is emitted without
//! our marks, so that one mistake is one error. `errors` collects, `span` decides what an error underlines.
#![deny(missing_docs)]
#![cfg_attr(not(test), deny(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

mod check;
mod errors;
mod expand;
mod fallback;
mod model;
mod normalise;
mod outside;
mod parse;
mod pipeline;
mod span;
#[cfg(test)]
mod tests;
mod types;

use proc_macro::TokenStream;

#[doc = include_str!("actor.md")]
#[proc_macro_attribute]
pub fn actor(options: TokenStream, item: TokenStream) -> TokenStream {
    fallback::guard(options.into(), item.into(), pipeline::actor).into()
}

/// Exports each mark as an attribute of its own, so that a mark outside an actor explains itself.
macro_rules! marks {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        ///
        /// It has a meaning only inside an `#[actor]` impl block, where `#[actor]` reads and removes it;
        /// anywhere else it is a compile error that says so.
        #[proc_macro_attribute]
        pub fn $name(_: TokenStream, item: TokenStream) -> TokenStream {
            outside::explain(stringify!($name), item.into()).into()
        }
    )*};
}

marks! {
    /// A private method is a message handler.
    handler
    /// A `pub` method is not a message handler.
    skip
    /// How a handler's reply is sent: `#[ask(value)]` whole, `#[ask(result)]` split into value and error.
    ask
    /// A handler without a reply: the handle's method gives a `Tell`.
    tell
    /// A time limit for a handler's reply. Not available in this version.
    timeout
    /// A handler in the priority lane. Not available in this version.
    priority
    /// A timer: `#[every("5s")]`.
    every
    /// A timer that fires once. Not available in this version.
    after
    /// A handler of a stream's items. Not available in this version.
    stream
    /// A handler of a channel's messages. Not available in this version.
    recv
    /// A handler of a watched value's changes. Not available in this version.
    watch
    /// A handler of a broadcast channel's messages. Not available in this version.
    broadcast
    /// Runs before the first message.
    on_start
    /// Runs after the last message, unless the actor is killed.
    on_stop
    /// Runs after a handler panicked. Not available in this version.
    on_panic
    /// Runs when a monitored actor ended. Not available in this version.
    on_exit
    /// Runs when no message came for a while. Not available in this version.
    on_idle
    /// A handler whose arguments are boxed in the message. Not available in this version.
    boxed
}
