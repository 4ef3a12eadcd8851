//! What travels between threads: arguments, replies, the state. Each type that may not is one error, at
//! the type.
//!
//! The demands stand as predicates on the impls that are generated, for there they are at the same time
//! what the impls may assume: the futures and the enum built from a type that may not travel give no errors
//! of their own, and equal errors at one place are shown once.
//!
//! Two kinds of types need a probe besides. A predicate cannot stand under a `cfg`; and one that names a
//! parameter of the actor is no error in its definition but a demand on its users.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::Type;

use super::piece;
use crate::model::{Actor, Method, Reply, Role};
use crate::span;

/// `Ty: MessageArg` for the state and all that the messages carry: what the actor's impl may assume.
pub(super) fn demands(actor: &Actor) -> Vec<TokenStream> {
    let mut demands = message_demands(actor);
    demands.push(demand(actor, &actor.self_ty));
    demands
}

/// `Ty: MessageArg`, each once, for all that the messages carry.
pub(super) fn message_demands(actor: &Actor) -> Vec<TokenStream> {
    let mut seen: Vec<String> = Vec::new();
    let mut demands = Vec::new();
    for (method, _) in actor.handlers().filter(|(method, _)| method.cfgs.is_empty()) {
        for ty in carried(method) {
            let text = ty.to_token_stream().to_string();
            if !seen.contains(&text) {
                seen.push(text);
                demands.push(demand(actor, ty));
            }
        }
    }
    demands
}

fn demand(actor: &Actor, ty: &Type) -> TokenStream {
    let private = actor.private();
    let bound = span::respan(quote!(: #private::MessageArg), span::at(span::first(ty)));
    quote!(#ty #bound)
}

/// The arguments and the reply.
fn carried(method: &Method) -> impl Iterator<Item = &Type> {
    let reply = match &method.role {
        Role::Handler(handler) => match &handler.reply {
            Reply::Nothing => None,
            Reply::Value { ty, .. } | Reply::Deferred { ty, .. } => Some(&**ty),
        },
        _ => None,
    };
    method.carried().map(|carried| &carried.ty).chain(reply)
}

/// The probe for what the predicates do not cover; nothing when they cover all.
pub(super) fn probe(actor: &Actor) -> Option<TokenStream> {
    let generic = !actor.headers.full.params.is_empty();
    let mut calls: Vec<TokenStream> = Vec::new();
    if generic {
        calls.push(call(&actor.self_ty));
    }
    for (method, _) in actor.handlers().filter(|(method, _)| generic || !method.cfgs.is_empty()) {
        calls.extend(carried(method).map(|ty| piece(&method.cfgs, call(ty))));
    }
    if calls.is_empty() {
        return None;
    }
    let (parameters, _, clause) = actor.headers.full.split_for_impl();
    Some(quote! {
        const _: () = {
            #[allow(dead_code)]
            fn __travels<T: ::core::marker::Send + 'static>() {}
            #[allow(dead_code)]
            fn __all_travel #parameters () #clause { #(#calls)* }
        };
    })
}

fn call(ty: &Type) -> TokenStream {
    span::respan(quote!(__travels::<#ty>();), span::at(span::first(ty)))
}
