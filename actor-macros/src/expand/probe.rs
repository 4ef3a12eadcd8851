//! Items that exist to fail, each with one error at the user's token.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::ext::IdentExt;
use syn::{Expr, Generics, Path};

use crate::model::Actor;
use crate::parse::Options;
use crate::parse::state::State;
use crate::span;

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
