//! What is wrong with an actor. Each `check_*` looks for one mistake and says why it is one.
//!
//! A method with an error is left out of the expansion; the others are expanded, so that nothing
//! else in the user's crate fails because of it.

mod argument;
mod block;
mod hook;
mod marks;
mod reply;
mod shape;

use crate::errors::Errors;
use crate::model::{Actor, Method, Role};
use crate::parse::{Block, MarkKind};

pub(crate) use block::{check_self_type, check_trait_impl};
pub(crate) use shape::is_taken;

type Check = fn(&Method, &mut Errors);

/// First the marks: while they contradict each other it is not known what the method should be.
const MARKS: &[Check] =
    &[marks::check_skip, marks::check_one_role, marks::check_modifiers, marks::check_available, marks::check_twice];

/// Then what each part asks of a method.
const SHAPE: &[Check] = &[
    shape::check_name,
    shape::check_receiver,
    shape::check_qualifiers,
    shape::check_generics,
    shape::check_param_attributes,
    argument::check_context,
    argument::check_stream_reply,
    argument::check_arguments,
    reply::check_one_reply,
    reply::check_deferred,
    reply::check_tell,
    reply::check_ask_result,
    reply::check_output,
    hook::check_params,
];

/// Runs all checks and marks the methods that failed one.
pub(crate) fn check(actor: &mut Actor, block: &Block, errors: &mut Errors) {
    for method in &mut actor.methods {
        errors.look_at(method.place);
        method.sound = method.sound && passes(method, MARKS, errors) && passes(method, SHAPE, errors);
    }
    errors.look_at(0);
    block::check_lifetimes(actor, errors);
    block::check_elided(block, errors);
    for twice in [
        block::check_one_hook(actor, &Role::Start, MarkKind::OnStart, errors),
        block::check_one_hook(actor, &Role::Stop, MarkKind::OnStop, errors),
        block::check_messages(actor, errors),
    ] {
        for index in twice {
            if let Some(method) = actor.methods.get_mut(index) {
                method.sound = false;
            }
        }
    }
}

/// Whether none of the checks has anything to say.
fn passes(method: &Method, checks: &[Check], errors: &mut Errors) -> bool {
    let before = errors.len();
    for check in checks {
        check(method, errors);
    }
    errors.len() == before
}

impl Method {
    /// The method's part in words, for an error: "a handler", "`#[every]` methods".
    fn part(&self) -> Option<&'static str> {
        match &self.role {
            Role::Handler(_) => Some("handlers"),
            Role::Timer(_) => Some("`#[every]` methods"),
            Role::Start => Some("`#[on_start]` methods"),
            Role::Stop => Some("`#[on_stop]` methods"),
            Role::Helper | Role::Later => None,
        }
    }

    /// Whether it names lifetimes of its own: that is the error then, and not what they are used for.
    fn has_lifetimes(&self) -> bool {
        self.signature.generics.lifetimes().next().is_some()
    }

    fn is_handler(&self) -> bool {
        matches!(self.role, Role::Handler(_))
    }
}
