//! What a handler can answer.

use syn::{ReturnType, Type};

use crate::errors::{Diagnostic, Errors};
use crate::model::{Method, ParamKind, Reply, Role};
use crate::parse::MarkKind;
use crate::parse::mark::Arguments;
use crate::span;
use crate::types::{self, Loan};

/// One ask, one answer.
pub(super) fn check_one_reply(method: &Method, errors: &mut Errors) {
    let replies = method.params.iter().filter(|param| matches!(param.kind, ParamKind::Reply)).count();
    if method.is_handler() && replies > 1 {
        errors.push(
            Diagnostic::new(&method.signature.inputs, "a handler has one reply")
                .help("remove the second `Reply<_>` parameter"),
        );
    }
}

/// With a `Reply<T>` in hand, the return value would be a second answer; without a caller who waits, the first.
pub(super) fn check_deferred(method: &Method, errors: &mut Errors) {
    let Role::Handler(_) = &method.role else { return };
    let Some(param) = method.params.iter().find(|param| matches!(param.kind, ParamKind::Reply)) else { return };
    if method.mark(MarkKind::Tell).is_some() {
        errors.push(
            Diagnostic::new(&param.source, "a `#[tell]` handler has no reply: nobody waits for it")
                .help("remove `#[tell]`, or the `Reply<_>` parameter"),
        );
    } else if let Some(output) = value(method) {
        errors.push(
            Diagnostic::new(&output, "a handler that takes its `Reply<_>` cannot return a value as well")
                .help("answer with `reply.send(..)`, or remove the `Reply<_>` parameter and return the value"),
        );
    }
}

/// A tell has no way back; only an error can be reported.
pub(super) fn check_tell(method: &Method, errors: &mut Errors) {
    let Role::Handler(handler) = &method.role else { return };
    let (Reply::Nothing, Some(output)) = (&handler.reply, value(method)) else { return };
    let ReturnType::Type(_, ty) = &output else { return };
    let only_errors = types::is_called(ty, "Result") && types::first_argument(ty).is_none_or(types::is_unit);
    if !only_errors && !matches!(types::peel(ty), Type::Never(_)) {
        errors.push(
            Diagnostic::new(&output, "a `#[tell]` handler cannot return a value: nobody waits for it")
                .help("remove `#[tell]`, or the return type"),
        );
    }
}

/// `#[ask(result)]` splits what the handler returns; there must be something to split.
pub(super) fn check_ask_result(method: &Method, errors: &mut Errors) {
    let Some(mark) = method.mark(MarkKind::Ask) else { return };
    let Role::Handler(handler) = &method.role else { return };
    if mark.arguments == Arguments::Result
        && value(method).is_none()
        && !matches!(handler.reply, Reply::Deferred { .. })
    {
        errors.push(
            Diagnostic::new(&mark.attribute, "`#[ask(result)]` needs a handler that returns a `Result`")
                .help("write `#[ask]`, or return a `Result<T, E>`"),
        );
    }
}

/// The actor keeps its state: what it answers leaves its task for good.
pub(super) fn check_output(method: &Method, errors: &mut Errors) {
    if method.has_lifetimes() {
        return;
    }
    let Role::Handler(handler) = &method.role else { return };
    let ty = match (&handler.reply, &method.signature.output) {
        (Reply::Deferred { ty, .. }, _) | (_, ReturnType::Type(_, ty)) => ty,
        (_, ReturnType::Default) => return,
    };
    if matches!(types::peel(ty), Type::Never(_)) {
        errors.push(
            Diagnostic::new(&method.signature.output, "a handler cannot return `!`: the actor waits for it to end")
                .help("return a value, or end the actor with `cx.stop()`"),
        );
        return;
    }
    let Some(loan) = types::loan(ty) else { return };
    errors.push(match loan {
        Loan::Exclusive(text) | Loan::Shared(text) => {
            Diagnostic::new(ty, format!("`{text}` borrows from the actor, which stays in its own task"))
                .help("return an owned value (`.clone()`, `.to_owned()`, or an `Arc`)")
        }
        Loan::Pointer => {
            Diagnostic::new(ty, "a raw pointer cannot be sent by an actor").help("wrap it in a type that is `Send`")
        }
        Loan::Opaque => Diagnostic::new(
            ty,
            format!("a reply of type `{}` is not available in this version of actor-core", span::text(ty)),
        )
        .help("return a concrete type: a `Vec<T>` for a stream, `Box<dyn Trait + Send>` for anything else"),
    });
}

/// The return type, unless it is `()`.
fn value(method: &Method) -> Option<ReturnType> {
    match &method.signature.output {
        ReturnType::Type(_, ty) if !types::is_unit(ty) => Some(method.signature.output.clone()),
        _ => None,
    }
}
