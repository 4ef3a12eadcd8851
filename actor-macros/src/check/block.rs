//! What concerns the block as a whole.

use syn::{GenericArgument, PathArguments};

use crate::errors::{Diagnostic, Errors};
use crate::model::{Actor, Method, Role};
use crate::parse::{Block, MarkKind};
use crate::types;

/// Handlers are inherent methods: a trait's methods have a meaning of their own.
pub(crate) fn check_trait_impl(block: &Block, errors: &mut Errors) {
    if let Some(of_trait) = &block.of_trait {
        errors.push(Diagnostic::new(of_trait, "`#[actor]` is not needed on a trait impl").help(
            "put `#[actor]` on the trait itself (the interface); every `impl` of it on an actor is then a message handler",
        ));
    }
}

/// The names of message and handle come from the type's name.
pub(crate) fn check_self_type(block: &Block, errors: &mut Errors) {
    if types::last_segment(&block.self_ty).is_none() {
        errors.push(
            Diagnostic::new(&block.self_ty, "an actor is a struct or an enum")
                .help("put this state into a struct of its own"),
        );
    }
}

/// The task of an actor may run for as long as the program.
pub(super) fn check_lifetimes(actor: &Actor, errors: &mut Errors) {
    for lifetime in &actor.lifetimes {
        errors.push(lifetime_error(lifetime));
    }
}

/// `impl Cache<'_>` has a lifetime parameter too, only without a name.
pub(super) fn check_elided(block: &Block, errors: &mut Errors) {
    let Some(segment) = types::last_segment(&block.self_ty) else { return };
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return };
    for argument in &arguments.args {
        if let GenericArgument::Lifetime(lifetime) = argument
            && lifetime.ident == "_"
        {
            errors.push(lifetime_error(lifetime));
        }
    }
}

fn lifetime_error(lifetime: &syn::Lifetime) -> Diagnostic {
    Diagnostic::new(lifetime, "an actor owns its state: lifetime parameters are not allowed")
        .help("an actor outlives the scope that spawns it, so it must be `'static`; use owned data or `Arc`")
}

/// Two methods of one hook would run in an order that nobody wrote down. Two under `cfg` may be two
/// versions of one. The result: the methods to leave out.
pub(super) fn check_one_hook(actor: &Actor, role: &Role, kind: MarkKind, errors: &mut Errors) -> Vec<usize> {
    let same = |method: &Method| std::mem::discriminant(&method.role) == std::mem::discriminant(role);
    later_ones(actor, errors, same, |first, second, errors| {
        let message = format!("an actor has one `#[{}]` method", kind.name());
        errors.push(
            Diagnostic::new(second.name(), message)
                .help(format!("`{}` is one already; call this from there", first.name())),
        );
    })
}

/// Two handlers are two variants of one enum, so their names in camel case must differ.
pub(super) fn check_messages(actor: &Actor, errors: &mut Errors) -> Vec<usize> {
    let mut out = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for (_, handler) in actor.handlers() {
        let variant = handler.variant.to_string();
        if seen.contains(&variant) {
            continue;
        }
        let same = |method: &Method| matches!(&method.role, Role::Handler(other) if other.variant == variant);
        out.extend(later_ones(actor, errors, same, |first, second, errors| {
            let (one, two) = (first.name(), second.name());
            let error = if one == two {
                Diagnostic::new(two, format!("there are two handlers called `{one}`"))
            } else {
                Diagnostic::new(two, format!("the messages of `{one}` and `{two}` are both called `{variant}`"))
            };
            errors.push(error.help("give one of them another name"));
        }));
        seen.push(variant);
    }
    out
}

/// All but the first of the sound methods that `same` picks; pairs of which both stand under a `cfg` may coexist.
fn later_ones(
    actor: &Actor,
    errors: &mut Errors,
    same: impl Fn(&Method) -> bool,
    report: impl Fn(&Method, &Method, &mut Errors),
) -> Vec<usize> {
    let mut found = actor.methods.iter().enumerate().filter(|(_, method)| method.sound && same(method));
    let Some((_, first)) = found.next() else { return Vec::new() };
    let mut out = Vec::new();
    for (index, method) in found {
        if first.cfgs.is_empty() || method.cfgs.is_empty() {
            errors.look_at(method.place);
            report(first, method, errors);
            out.push(index);
        }
    }
    out
}
