//! `#[actor]` from its first token to its last.

use proc_macro2::TokenStream;

use crate::errors::Errors;
use crate::parse::options::Place;
use crate::parse::target::{self, Target};
use crate::parse::{self, options, state};
use crate::{check, expand, fallback, normalise};

/// The attribute on whatever it was put on.
pub(crate) fn actor(options: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    match target::target(&item) {
        Target::State => state(options, &item, errors),
        Target::Block => block(options, item, errors),
        Target::Interface => {
            errors.push(target::interface(&item));
            fallback::with_errors(item, errors)
        }
        Target::Other(noun) => {
            errors.push(target::wrong_target(&item, noun));
            fallback::with_errors(item, errors)
        }
    }
}

/// The struct or enum, and its settings.
fn state(options: TokenStream, item: &TokenStream, mut errors: Errors) -> TokenStream {
    let options = options::parse(options, Place::State, &mut errors);
    let mut code = item.clone();
    match state::parse(item) {
        Ok(state) => code.extend(expand::state(&state, &options)),
        Err(error) => errors.push(error),
    }
    code.extend(errors.finish());
    code
}

/// The impl, and all that makes it an actor.
fn block(options: TokenStream, item: TokenStream, mut errors: Errors) -> TokenStream {
    let options = options::parse(options, Place::Block, &mut errors);
    let block = match parse::block::parse(item.clone(), &mut errors) {
        Ok(block) => block,
        Err(error) => {
            errors.push(error);
            return fallback::with_errors(item, errors);
        }
    };
    check::check_trait_impl(&block, &mut errors);
    check::check_self_type(&block, &mut errors);
    let actor = if block.of_trait.is_some() { None } else { normalise::normalise(&block, options) };
    let mut code = match actor {
        None => expand::user_block(&block),
        Some(mut actor) => {
            check::check(&mut actor, &block, &mut errors);
            expand::expand(&block, &actor)
        }
    };
    code.extend(errors.finish());
    code
}
