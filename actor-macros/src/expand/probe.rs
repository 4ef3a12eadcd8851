//! Items that exist to fail, each with one error at the user's token.

use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{Path, Type};

use super::piece;
use crate::model::{Actor, Method, Reply, Role};
use crate::parse::state::State;
use crate::span;

/// Two blocks define it twice, and its name in rustc's first error says what to do.
pub(super) fn second_block(actor: &Actor) -> Option<TokenStream> {
    let name = actor.name.unraw();
    // Two blocks of one type are two actors when handle and message have names of their own.
    let own = actor.options.handle.as_ref().map(|handle| format!("__{}", handle.unraw())).unwrap_or_default();
    let guard = format_ident!("__second_actor_block_needs__actor_extend__{name}{own}", span = proc_macro2::Span::call_site());
    Some(quote! {
        #[doc(hidden)]
        #[allow(non_upper_case_globals, dead_code)]
        const #guard: () = ();
    })
}

/// `#[actor]` on a struct alone does nothing; on a generic one it cannot be told.
pub(super) fn lonely(krate: &Path, state: &State) -> Option<TokenStream> {
    if !state.generics.params.is_empty() {
        return None;
    }
    let name = &state.name;
    let call = span::respan(quote!(__is_actor::<#name>()), span::at(name.span()));
    Some(quote! {
        const _: fn() = || {
            fn __is_actor<A: #krate::Actor>() {}
            #call
        };
    })
}

/// `Ty: MessageArg` for each type that travels, all at the type.
///
/// As predicates of the impls they are at the same time what the impls may assume: the futures and
/// the enum built from a type that is not `Send` give no errors of their own.
/// A predicate cannot stand under a `cfg`; what does is probed by [`sendable`].
pub(super) fn message_demands(actor: &Actor) -> Vec<TokenStream> {
    let mut seen: Vec<String> = Vec::new();
    let mut demands = Vec::new();
    for (method, _) in actor.handlers().filter(|(method, _)| method.cfgs.is_empty()) {
        for ty in travelling(method) {
            let text = ty.to_token_stream().to_string();
            if !seen.contains(&text) {
                seen.push(text);
                demands.push(demand(actor, ty));
            }
        }
    }
    demands
}

/// The state moves to the actor's task.
pub(super) fn state_demand(actor: &Actor) -> TokenStream {
    demand(actor, &actor.self_ty)
}

fn demand(actor: &Actor, ty: &Type) -> TokenStream {
    let private = actor.private();
    let bound = span::respan(quote!(: #private::MessageArg), span::at(span::first(ty)));
    quote!(#ty #bound)
}

/// The arguments and the reply.
fn travelling(method: &Method) -> impl Iterator<Item = &Type> {
    let reply = match &method.role {
        Role::Handler(handler) => match &handler.reply {
            Reply::Nothing => None,
            Reply::Value { ty, .. } | Reply::Deferred { ty, .. } => Some(&**ty),
        },
        _ => None,
    };
    method.carried().map(|carried| &carried.ty).chain(reply)
}

/// What the predicates do not cover: types under a `cfg`, and the types of a generic actor, whose
/// predicates are demands on the user of the actor rather than errors in its definition.
pub(super) fn sendable(actor: &Actor) -> Option<TokenStream> {
    let generic = !actor.headers.full.params.is_empty();
    let mut calls: Vec<TokenStream> = Vec::new();
    if generic {
        calls.push(probe(&actor.self_ty));
    }
    for (method, _) in actor.handlers().filter(|(method, _)| generic || !method.cfgs.is_empty()) {
        calls.extend(travelling(method).map(|ty| piece(&method.cfgs, probe(ty))));
    }
    if calls.is_empty() {
        return None;
    }
    let private = actor.private();
    let (parameters, _, clause) = actor.headers.full.split_for_impl();
    Some(quote! {
        const _: () = {
            #[allow(dead_code)]
            fn __travels<T: #private::MessageArg + ?::core::marker::Sized>() {}
            #[allow(dead_code)]
            fn __all_travel #parameters () #clause { #(#calls)* }
        };
    })
}

fn probe(ty: &Type) -> TokenStream {
    span::respan(quote!(__travels::<#ty>();), span::at(span::first(ty)))
}
