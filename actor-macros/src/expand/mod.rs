//! From the model to code: one function per emitted item, listed in order.

mod actor;
mod call;
mod dispatch;
mod handle;
mod hooks;
mod message;
mod probe;
mod settings;
mod standin;
mod timers;
mod travel;
mod user;

use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote};
use syn::{Attribute, Generics, WherePredicate};

use crate::model::{Actor, Method, Reply};
use crate::parse::Block;
use crate::parse::attribute::is_cfg;
use crate::span;

pub(crate) use settings::state;
pub(crate) use user::block as user_block;

/// All items of an actor, the user's own first.
pub(crate) fn expand(block: &Block, actor: &Actor) -> TokenStream {
    let items = [
        Some(probe::second_block(actor)),
        Some(message::definition(actor)),
        message::debug(actor),
        Some(message::message_impl(actor)),
        Some(handle::definition(actor)),
        Some(handle::clone(actor)),
        Some(handle::partial_eq(actor)),
        Some(handle::eq(actor)),
        Some(handle::hash(actor)),
        Some(handle::debug(actor)),
        Some(handle::from(actor)),
        Some(handle::deref(actor)),
        Some(handle::methods(actor)),
        probe::splits(actor),
        Some(actor::actor_impl(actor)),
        travel::probe(actor),
        probe::capacity(&actor.krate, &actor.headers.full, &actor.options),
    ];
    let cfgs: Vec<Attribute> = block.attributes.iter().filter(|attribute| is_cfg(attribute)).cloned().collect();
    let items = items.into_iter().flatten().map(|item| piece(&cfgs, item));
    let user = user_block(block);
    quote!(#user #(#items)*)
}

/// Code that stands under the user's `cfg`s. It is the only way to emit a piece that belongs to a
/// method or to the block, so that no site is forgotten.
fn piece(cfgs: &[Attribute], code: impl ToTokens) -> TokenStream {
    quote!(#(#cfgs)* #code)
}

/// What several items say alike.
impl Actor {
    /// `CacheMessage<K, V>`
    fn message_ty(&self) -> TokenStream {
        let message = &self.message;
        let (_, arguments, _) = self.headers.bare.split_for_impl();
        quote!(#message #arguments)
    }

    /// `CacheHandle<K, V>`
    fn handle_ty(&self) -> TokenStream {
        let handle = &self.handle;
        let (_, arguments, _) = self.headers.bare.split_for_impl();
        quote!(#handle #arguments)
    }

    /// `impl<..> #header where ..`, with all bounds and the demands of [`travel`] beside them.
    fn full_impl(&self, header: &TokenStream, demands: Vec<TokenStream>, body: &TokenStream) -> TokenStream {
        let mut generics: Generics = self.headers.full.clone();
        let clause = generics.make_where_clause();
        // What cannot be read as a predicate is a type that rustc reports elsewhere.
        clause.predicates.extend(demands.into_iter().filter_map(|one| syn::parse2::<WherePredicate>(one).ok()));
        let (parameters, _, clause) = generics.split_for_impl();
        quote! {
            #[automatically_derived]
            impl #parameters #header #clause { #body }
        }
    }

    /// `impl<K, V> #header { .. }` without bounds.
    fn bare_impl(&self, header: &TokenStream, body: &TokenStream) -> TokenStream {
        let (parameters, _, clause) = self.headers.bare.split_for_impl();
        quote! {
            #[automatically_derived]
            impl #parameters #header #clause { #body }
        }
    }

    /// `::actor_core::__private`
    fn private(&self) -> TokenStream {
        let krate = &self.krate;
        quote!(#krate::__private)
    }
}

impl Method {
    /// The variant's field for the reply, out of the way of an argument of the same name.
    fn reply_field(&self) -> Ident {
        let taken = self.carried().any(|carried| carried.field == "reply");
        Ident::new(if taken { "__reply" } else { "reply" }, proc_macro2::Span::call_site())
    }

    /// The handler's name, shown where it is written.
    fn called(&self) -> Ident {
        span::ours(self.name())
    }
}

impl Reply {
    /// The type of the variant's reply field, if it has one.
    fn carrier(&self, actor: &Actor) -> Option<TokenStream> {
        let krate = &actor.krate;
        match self {
            Reply::Nothing => None,
            Reply::Value { ty, .. } => Some(quote!(#krate::Reply<#ty>)),
            Reply::Deferred { carrier, .. } => Some(carrier.to_token_stream()),
        }
    }
}
