//! What a message can carry.

use syn::Type;

use crate::errors::{Diagnostic, Errors};
use crate::model::{Method, ParamKind};
use crate::span;
use crate::types::{self, Loan};

/// There is one context per turn, and it belongs to the loop.
pub(super) fn check_context(method: &Method, errors: &mut Errors) {
    if method.part().is_none() {
        return;
    }
    let mut seen = false;
    for param in &method.params {
        let ty = &param.source.ty;
        match &param.kind {
            ParamKind::Context if seen => errors.push(
                Diagnostic::new(&param.source, "a method has one context")
                    .help("remove the second `&mut Context<_>` parameter"),
            ),
            ParamKind::Context => seen = true,
            ParamKind::Carried(_) if types::is_called(ty, "Context") => errors.push(
                Diagnostic::new(ty, "the context cannot be taken by value").help("write `cx: &mut Context<Self>`"),
            ),
            _ => {}
        }
    }
}

/// Streamed replies are known, and not there yet.
pub(super) fn check_stream_reply(method: &Method, errors: &mut Errors) {
    if !method.is_handler() {
        return;
    }
    for param in method.params.iter().filter(|param| types::is_called(&param.source.ty, "StreamReply")) {
        errors.push(
            Diagnostic::new(&param.source.ty, "`StreamReply<_>` is not available in this version of actor-core")
                .help("return a `Vec<T>`, or take a channel's sender as an argument"),
        );
    }
}

/// A message outlives the call that sends it and crosses threads.
pub(super) fn check_arguments(method: &Method, errors: &mut Errors) {
    if !method.is_handler() || method.has_lifetimes() {
        return;
    }
    for param in &method.params {
        let ParamKind::Carried(carried) = &param.kind else { continue };
        if carried.lent || types::is_called(&param.source.ty, "Context") {
            continue;
        }
        if let Some(error) = argument(&param.source.ty) {
            errors.push(error);
        }
    }
}

fn argument(ty: &Type) -> Option<Diagnostic> {
    if let Type::Reference(reference) = types::peel(ty)
        && types::is_called(&reference.elem, "Reply")
    {
        return Some(Diagnostic::new(ty, "the reply is taken by value").help("write `reply: Reply<T>`"));
    }
    if matches!(types::peel(ty), Type::Never(_)) {
        return Some(
            Diagnostic::new(ty, "a message cannot carry `!`: nobody could send it").help("remove the parameter"),
        );
    }
    Some(match types::loan(ty)? {
        Loan::Exclusive(_) => {
            Diagnostic::new(ty, "a message cannot carry `&mut`: the caller and the actor live in different tasks")
                .help("take the value and return it: `fn f(&mut self, mut v: T) -> T`")
        }
        Loan::Shared(text) => {
            Diagnostic::new(ty, format!("`{text}` borrows from the caller, but a message outlives the call"))
                .help("use an owned type (`String` for `&str`, `Vec<T>` for `&[T]`), or `'static`")
        }
        Loan::Pointer => {
            Diagnostic::new(ty, "a raw pointer cannot be sent to an actor").help("wrap it in a type that is `Send`")
        }
        Loan::Opaque => opaque(ty),
    })
}

fn opaque(ty: &Type) -> Diagnostic {
    Diagnostic::new(
        ty,
        format!("an argument of type `{}` is not available in this version of actor-core", span::text(ty)),
    )
    .help("take a concrete type, or `Box<dyn Trait + Send>`")
}
