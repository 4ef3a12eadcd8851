//! The enum of messages.

use proc_macro2::TokenStream;
use quote::quote;
use syn::GenericParam;
use syn::ext::IdentExt;

use super::{piece, travel};
use crate::model::{Actor, Handler, Method};

/// `pub enum CacheMessage<K, V> { Get { key: K, reply: Reply<Option<V>> }, .. }`
pub(super) fn definition(actor: &Actor) -> TokenStream {
    let (message, generics) = (&actor.message, &actor.headers.bare);
    let clause = &generics.where_clause;
    let variants = actor.handlers().map(|(method, handler)| variant(actor, method, handler));
    let phantom = phantom(actor);
    let doc = format!(" Messages of `{}`: one variant per handler, named after it.", actor.name);
    let derive = actor.options.debug.then(|| quote!(#[derive(::core::fmt::Debug)]));
    quote! {
        #[doc = #doc]
        #[allow(private_interfaces, private_bounds, dead_code, clippy::large_enum_variant)]
        #derive
        pub enum #message #generics #clause { #(#variants,)* #phantom }
    }
}

fn variant(actor: &Actor, method: &Method, handler: &Handler) -> TokenStream {
    let name = &handler.variant;
    let doc = format!(" The message of `{}`.", method.name().unraw());
    let fields = method.carried().map(|carried| {
        let (field, ty) = (&carried.field, &carried.ty);
        let doc = format!(" The argument `{}`.", field.unraw());
        quote!(#[doc = #doc] #field: #ty,)
    });
    let reply = handler.reply.carrier(actor).map(|ty| {
        let field = method.reply_field();
        quote!(#[doc = " Where the answer goes."] #field: #ty,)
    });
    piece(&method.cfgs, quote!(#[doc = #doc] #name { #(#fields)* #reply }))
}

/// A variant that cannot exist, so that every type parameter is used whatever the handlers take.
fn phantom(actor: &Actor) -> Option<TokenStream> {
    let types: Vec<_> = type_params(actor);
    (!types.is_empty()).then(|| {
        quote! {
            #[doc(hidden)]
            __Phantom(
                ::core::convert::Infallible,
                // Behind `fn` and a pointer it asks nothing of the types, not even a size.
                ::core::marker::PhantomData<fn() -> (#(*const #types,)*)>,
            )
        }
    })
}

fn type_params(actor: &Actor) -> Vec<&syn::Ident> {
    actor
        .headers
        .bare
        .params
        .iter()
        .filter_map(|param| match param {
            GenericParam::Type(param) => Some(&param.ident),
            _ => None,
        })
        .collect()
}

/// The arm of the variant that cannot exist, given the code for its `never`.
pub(super) fn phantom_arm(actor: &Actor, never: &TokenStream) -> Option<TokenStream> {
    let message = &actor.message;
    (!type_params(actor).is_empty()).then(|| quote!(#message::__Phantom(never, _) => #never,))
}

/// `Debug` says the handler's name and asks nothing of the arguments; `debug` derives it instead.
pub(super) fn debug(actor: &Actor) -> Option<TokenStream> {
    if actor.options.debug {
        return None;
    }
    let message = actor.message_ty();
    let arms = arms(actor, &TokenStream::new(), |_, handler| handler.variant.to_string());
    Some(actor.bare_impl(
        &quote!(::core::fmt::Debug for #message),
        // Without handlers there is no message, and the call is never reached.
        &quote! {
            #[allow(unreachable_code)]
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.write_str(match *self { #arms })
            }
        },
    ))
}

/// `impl Message for CacheMessage<K, V>`
pub(super) fn message_impl(actor: &Actor) -> TokenStream {
    let (krate, private, message, handle) = (&actor.krate, actor.private(), actor.message_ty(), actor.handle_ty());
    let arms = arms(actor, &quote!(&), |method, _| method.name().unraw().to_string());
    actor.full_impl(
        &quote!(#krate::Message for #message),
        travel::message_demands(actor),
        &quote! {
            type Handle = #handle;
            // Without handlers there is no message, and the call is never reached.
            #[allow(unreachable_code)]
            fn piece(&self) -> #private::Piece { #private::Piece::new(match *self { #arms }) }
        },
    )
}

/// One arm per variant, each with a text, and what is to stand before it.
fn arms(actor: &Actor, before: &TokenStream, text: impl Fn(&Method, &Handler) -> String) -> TokenStream {
    let message = &actor.message;
    let arms = actor.handlers().map(|(method, handler)| {
        let (variant, text) = (&handler.variant, text(method, handler));
        piece(&method.cfgs, quote!(#message::#variant { .. } => #before #text,))
    });
    let phantom = phantom_arm(actor, &quote!(match never {}));
    quote!(#(#arms)* #phantom)
}
