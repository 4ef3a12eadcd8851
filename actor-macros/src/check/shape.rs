//! What a signature must look like to be called by an actor.

use syn::ext::IdentExt;
use syn::{FnArg, GenericParam, Receiver, ReceiverKind, Safety};

use crate::errors::{Diagnostic, Errors};
use crate::model::Method;
use crate::span;

/// Methods that the handle has already, or that the actor's traits bring.
pub(super) fn check_name(method: &Method, errors: &mut Errors) {
    let name = method.name().unraw().to_string();
    let Some(receiver) = method.signature.receiver() else { return };
    let by_reference = matches!(receiver.kind, ReceiverKind::Reference(..));
    if by_reference && matches!(name.as_str(), "spawn" | "try_spawn" | "spawn_on" | "options") {
        let message = format!("a method called `{name}` is hidden by `Spawn::{name}`, which takes the actor by value");
        errors.push(
            Diagnostic::new(method.name(), message)
                .help("give it another name: Rust would call the trait's method where you mean this one"),
        );
        return;
    }
    if let (true, Some(why)) = (method.is_handler(), taken(&name)) {
        errors.push(
            Diagnostic::new(method.name(), format!("a handler cannot be called `{name}`: {why}"))
                .help("give it another name"),
        );
    }
}

/// Why the handle cannot have a handler's method of that name.
fn taken(name: &str) -> Option<&'static str> {
    Some(match name {
        "clone" => "it would hide the handle's own `clone`",
        "actor" => "the handle's `actor()` gives the untyped handle",
        "handle_as" => "the handle's `handle_as()` gives the handle of an interface",
        _ => return None,
    })
}

/// Whether the handle cannot have a handler's method of that name.
pub(crate) fn is_taken(name: &str) -> bool {
    taken(name).is_some()
}

/// The actor keeps its state and lends it to one method at a time.
pub(super) fn check_receiver(method: &Method, errors: &mut Errors) {
    let Some(part) = method.part() else { return };
    let name = method.name();
    match method.signature.receiver() {
        None if method.is_handler() => errors.push(
            Diagnostic::new(name, format!("handler `{name}` does not take `self`"))
                .help("add `&mut self` (or `&self`) as first parameter")
                .help("a constructor or helper needs no attribute: remove it"),
        ),
        None => errors
            .push(Diagnostic::new(name, format!("{} must borrow the actor", singular(part))).help("write `&mut self`")),
        Some(receiver) => check_self(method, part, receiver, errors),
    }
}

fn check_self(method: &Method, part: &str, receiver: &Receiver, errors: &mut Errors) {
    match &receiver.kind {
        ReceiverKind::Reference(_, lifetime, _) => {
            if let Some(lifetime) = lifetime {
                errors.push(
                    Diagnostic::new(lifetime, format!("{part} cannot name the lifetime of `self`"))
                        .help("write `&self` or `&mut self`"),
                );
            }
        }
        ReceiverKind::Typed(..) => errors.push(
            Diagnostic::new(receiver, format!("{part} cannot use a typed `self`"))
                .help("write `&self`, `&mut self`, or `self` for a handler that ends the actor"),
        ),
        _ if method.is_handler() => errors.push(
            Diagnostic::new(receiver, "a handler that takes `self` is not available in this version of actor-core")
                .help("write `&mut self` and call `cx.stop()` to end the actor"),
        ),
        _ => errors.push(
            Diagnostic::new(receiver, format!("{} must borrow the actor", singular(part))).help("write `&mut self`"),
        ),
    }
}

/// "`#[every]`" of "`#[every]` methods".
fn singular(part: &str) -> &str {
    part.split(' ').next().unwrap_or(part)
}

/// The macro calls the method from safe, ordinary, asynchronous Rust.
pub(super) fn check_qualifiers(method: &Method, errors: &mut Errors) {
    let Some(part) = method.part() else { return };
    let signature = &method.signature;
    if let Safety::Unsafe(token) = &signature.safety {
        errors.push(
            Diagnostic::new(token, format!("{part} cannot be `unsafe`: a message comes from safe code"))
                .help("check the conditions inside the method, in an `unsafe` block with a `// SAFETY:` line"),
        );
    }
    if let Some(token) = &signature.constness {
        errors.push(Diagnostic::new(token, format!("{part} cannot be `const`")).help("remove `const`"));
    }
    if let Some(abi) = &signature.abi {
        errors.push(Diagnostic::new(abi, format!("{part} cannot be `extern`")).help("remove `extern`"));
    }
    if let Some(variadic) = &signature.variadic {
        errors.push(Diagnostic::new(variadic, format!("{part} cannot take `...`")).help("take a `Vec`"));
    }
}

/// A message has one type for all its senders.
pub(super) fn check_generics(method: &Method, errors: &mut Errors) {
    let Some(part) = method.part() else { return };
    let generics = &method.signature.generics;
    for param in &generics.params {
        let error = match param {
            GenericParam::Lifetime(param) => {
                Diagnostic::new(&param.lifetime, format!("{part} cannot have lifetime parameters"))
                    .help("use owned types; `&str`, `&[T]` and `&Path` need no named lifetime")
            }
            GenericParam::Type(param) => generic(&param.ident, part),
            GenericParam::Const(param) => generic(&param.ident, part),
        };
        errors.push(error);
    }
    if let (true, Some(clause)) = (generics.params.is_empty(), &generics.where_clause) {
        errors.push(
            Diagnostic::new(clause, format!("{part} cannot have a where clause of their own"))
                .help("move it to the `impl` block"),
        );
    }
}

fn generic(name: &proc_macro2::Ident, part: &str) -> Diagnostic {
    Diagnostic::new(name, format!("generic {part} are not available in this version of actor-core"))
        .help("take a concrete type, an enum of the types you need, or `Box<dyn Trait + Send>`")
}

/// A `cfg` on one argument would have to change the message too, and attribute macros on one are not ours.
pub(super) fn check_param_attributes(method: &Method, errors: &mut Errors) {
    if method.part().is_none() {
        return;
    }
    for input in &method.signature.inputs {
        let attributes = match input {
            FnArg::Receiver(receiver) => &receiver.attrs,
            FnArg::Typed(typed) => &typed.attrs,
        };
        for attribute in attributes {
            let name = span::text(attribute.path());
            if matches!(name.as_str(), "cfg" | "cfg_attr") {
                errors.push(
                    Diagnostic::new(attribute, format!("`#[{name}]` on a parameter is not accepted"))
                        .help("write the method twice, each under its own `#[cfg(..)]`"),
                );
            }
        }
    }
}
