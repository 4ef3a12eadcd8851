//! Items that exist to fail, each with one error at the user's token.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Expr, Generics, Path, PathArguments, Type, WherePredicate};

use super::piece;
use crate::model::{Actor, Method, Reply};
use crate::parse::Options;
use crate::parse::state::State;
use crate::{span, types};

/// Two blocks define it twice, and its name in rustc's first error says what to do.
pub(super) fn second_block(actor: &Actor) -> TokenStream {
    let name = actor.name.unraw();
    // Two blocks of one type are two actors when handle and message have names of their own.
    let own = actor.options.handle.as_ref().map(|handle| format!("__{}", handle.unraw())).unwrap_or_default();
    let guard =
        format_ident!("__second_actor_block_needs__actor_extend__{name}{own}", span = proc_macro2::Span::call_site());
    quote! {
        #[doc(hidden)]
        #[allow(non_upper_case_globals, dead_code)]
        const #guard: () = ();
    }
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

/// A capacity that is a constant is evaluated at once: a zero in it is found by `cargo check`, in an
/// actor that nobody spawns too.
pub(super) fn capacity(krate: &Path, generics: &Generics, options: &Options) -> Option<TokenStream> {
    let capacity = options.mailbox.as_ref().filter(|capacity| !matches!(capacity, Expr::Lit(_)))?;
    // What depends on the type's parameters has no value yet.
    if !generics.params.is_empty() {
        return None;
    }
    let settings = quote!(#krate::__private::Settings);
    let value = span::respan(quote!(#settings::DEFAULT.mailbox(#capacity)), span::at(span::first(capacity)));
    Some(quote!(const _: #settings = #value;))
}

/// A reply that is split must be a `Result`. With two arguments it is taken at its word; a type of another
/// shape may be an alias, or the user's own type of that name. As a predicate the demand is looked at before
/// any body is, and so before rustc finds that types differ.
pub(super) fn splits(actor: &Actor) -> Option<TokenStream> {
    let probes: Vec<TokenStream> = actor
        .handlers()
        .filter_map(|(method, handler)| match &handler.reply {
            Reply::Value { ty, fallible: true } | Reply::Deferred { ty, fallible: true, .. } if !is_plain(ty) => {
                Some(piece(&method.cfgs, split(actor, method, ty)))
            }
            _ => None,
        })
        .collect();
    (!probes.is_empty()).then(|| quote!(const _: () = { #(#probes)* };))
}

fn split(actor: &Actor, method: &Method, ty: &Type) -> TokenStream {
    let (krate, name) =
        (&actor.krate, format_ident!("__split_{}", method.name().unraw(), span = proc_macro2::Span::call_site()));
    let demand = span::respan(quote!(#krate::Fallible: #krate::Flatten<#ty>), span::at(span::first(ty)));
    let mut generics = actor.headers.full.clone();
    // What cannot be read as a predicate is a type that rustc reports elsewhere.
    generics.make_where_clause().predicates.extend(syn::parse2::<WherePredicate>(demand).ok());
    let (parameters, _, clause) = generics.split_for_impl();
    quote!(#[allow(dead_code)] fn #name #parameters () #clause {})
}

/// Whether the type is written with a value and an error.
fn is_plain(ty: &Type) -> bool {
    let arguments = types::last_segment(ty).map(|segment| &segment.arguments);
    matches!(arguments, Some(PathArguments::AngleBracketed(arguments)) if arguments.args.len() == 2)
}
