//! From what the user wrote to the model, on a copy: what is emitted for the user are their own tokens.
//!
//! Nothing here is an error: what makes no sense gets the nearest plain shape, and `check` says so.

mod headers;
mod method;
mod names;
mod param;

pub(crate) use headers::add_send;
pub(crate) use names::variant;

use syn::visit_mut::VisitMut;
use syn::{GenericParam, Lifetime, Type, parse_quote};

use crate::model::Actor;
use crate::parse::{Block, Options};
use crate::span;
use crate::types::{MakeStatic, ReplaceSelf};

/// Makes the block plain. `None` when its type has no name, which `check_self_type` reports.
pub(crate) fn normalise(block: &Block, options: Options) -> Option<Actor> {
    let name = crate::types::last_segment(&block.self_ty)?.ident.clone();
    let lifetimes: Vec<Lifetime> = block
        .generics
        .params
        .iter()
        .filter_map(|param| match param {
            GenericParam::Lifetime(param) => Some(param.lifetime.clone()),
            _ => None,
        })
        .collect();
    let mut self_ty = block.self_ty.clone();
    MakeStatic(&lifetimes).visit_type_mut(&mut self_ty);
    let plain = Plain { self_ty: &self_ty, lifetimes: &lifetimes };
    let methods: Vec<_> = block.methods().map(|(place, method)| method::normalise(method, place, &plain)).collect();
    Some(Actor {
        handle: options.handle.clone().unwrap_or_else(|| names::suffixed(&name, "Handle")),
        message: options.message.clone().unwrap_or_else(|| names::suffixed(&name, "Message")),
        headers: headers::headers(&block.generics, &methods, &plain),
        krate: options.krate.clone().unwrap_or_else(|| parse_quote!(::actor_core)),
        name: span::ours(&name),
        self_ty,
        lifetimes,
        options,
        methods,
    })
}

/// How a type of the user's is made fit for an item outside of their `impl`.
pub(crate) struct Plain<'a> {
    pub self_ty: &'a Type,
    pub lifetimes: &'a [Lifetime],
}

impl Plain<'_> {
    /// Without `Self` and without the header's lifetimes.
    pub(crate) fn ty(&self, ty: &Type) -> Type {
        let mut ty = ty.clone();
        ReplaceSelf(self.self_ty).visit_type_mut(&mut ty);
        if !self.lifetimes.is_empty() {
            MakeStatic(self.lifetimes).visit_type_mut(&mut ty);
        }
        ty
    }
}
