//! What travels between threads: arguments, replies, the state. Each type that may not is one error, at
//! the type.
//!
//! A hidden trait asks for `Send + 'static` and is implemented for each of the types, whether or not they
//! fulfil that: where one does not, the impl is the error. As predicates of the other impls these impls are
//! what those may assume, so that the futures and the enum built from such a type give no errors of their
//! own; and since nothing is asked of the impls in turn, neither does the code that uses the actor.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, format_ident, quote};
use syn::ext::IdentExt;
use syn::{Attribute, Type};

use super::piece;
use crate::model::{Actor, Method, Reply, Role};

/// One type that travels, with the `cfg`s of the handler it belongs to.
struct Traveller<'a> {
    ty: TokenStream,
    cfgs: &'a [Attribute],
}

/// `pub trait __CacheMessageTravels<M, const N: usize>: Send + 'static {}`
///
/// `M` binds the actor's parameters, `N` tells two types apart that may be one behind an alias.
pub(super) fn definition(actor: &Actor) -> TokenStream {
    let name = trait_name(actor);
    quote! {
        #[doc(hidden)]
        pub trait #name<M, const N: usize>: ::core::marker::Send + 'static {}
    }
}

/// The impls, of which those for types that may not travel are the errors.
pub(super) fn impls(actor: &Actor) -> Vec<TokenStream> {
    let name = trait_name(actor);
    let message = actor.message_ty();
    let travellers = travellers(actor);
    let mut impls: Vec<TokenStream> = travellers
        .iter()
        .enumerate()
        .map(|(index, traveller)| {
            let ty = underlined(traveller.ty.clone());
            piece(traveller.cfgs, actor.full_impl(&quote!(#name<#message, #index> for #ty), Vec::new(), &quote!()))
        })
        .collect();
    if travellers.iter().any(|traveller| !traveller.cfgs.is_empty()) {
        let header = quote!(#name<#message, { ::core::primitive::usize::MAX }> for #message);
        impls.push(actor.full_impl(&header, assumed(actor, &travellers), &quote!()));
    }
    impls
}

/// What an impl may assume: a predicate for each type that travels. A predicate cannot stand under a
/// `cfg`; where one would have to, that for the message as a whole does.
pub(super) fn assumptions(actor: &Actor) -> Vec<TokenStream> {
    let travellers = travellers(actor);
    let mut predicates = assumed(actor, &travellers);
    if travellers.iter().any(|traveller| !traveller.cfgs.is_empty()) {
        let (name, message) = (trait_name(actor), actor.message_ty());
        predicates.push(quote!(#message: #name<#message, { ::core::primitive::usize::MAX }>));
    }
    predicates
}

fn assumed(actor: &Actor, travellers: &[Traveller<'_>]) -> Vec<TokenStream> {
    let (name, message) = (trait_name(actor), actor.message_ty());
    let free = travellers.iter().enumerate().filter(|(_, traveller)| traveller.cfgs.is_empty());
    free.map(|(index, Traveller { ty, .. })| quote!(#ty: #name<#message, #index>)).collect()
}

/// The state and, each once, what the handlers take and give.
fn travellers(actor: &Actor) -> Vec<Traveller<'_>> {
    let mut found = vec![Traveller { ty: actor.self_ty.to_token_stream(), cfgs: &[] }];
    for (method, _) in actor.handlers() {
        for ty in carried(method) {
            let ty = ty.to_token_stream();
            let text = ty.to_string();
            let known = found.iter().any(|known| known.cfgs.is_empty() && known.ty.to_string() == text);
            if !known {
                found.push(Traveller { ty, cfgs: &method.cfgs });
            }
        }
    }
    found
}

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

/// The type with its last `>` moved to its first token: rustc then underlines `Rc` of `Rc<u32>`, and
/// errors about what is inside stay where they are.
fn underlined(ty: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = ty.into_iter().collect();
    let first = tokens.first().map(TokenTree::span);
    if let (Some(first), Some(TokenTree::Punct(last))) = (first, tokens.last_mut()) {
        last.set_span(last.span().located_at(first));
    }
    tokens.into_iter().collect()
}

fn trait_name(actor: &Actor) -> Ident {
    format_ident!("__{}Travels", actor.message.unraw(), span = proc_macro2::Span::call_site())
}
