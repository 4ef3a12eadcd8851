//! The handle: what other code holds of the actor.

use proc_macro2::TokenStream;
use quote::quote;

use super::{piece, standin, travel};
use crate::model::{Actor, Handler, Method, Reply};

/// `pub struct CacheHandle<K, V>(Handle<CacheMessage<K, V>>);`
pub(super) fn definition(actor: &Actor) -> TokenStream {
    let (krate, handle, message) = (&actor.krate, &actor.handle, actor.message_ty());
    let generics = &actor.headers.bare;
    let clause = &generics.where_clause;
    let doc = format!(" Handle of `{}`: a method per handler, and by `Deref` what every handle can do.", actor.name);
    quote! {
        #[doc = #doc]
        pub struct #handle #generics (#krate::Handle<#message>) #clause;
    }
}

/// A clone is another handle of the same actor.
pub(super) fn clone(actor: &Actor) -> TokenStream {
    let handle = actor.handle_ty();
    actor.bare_impl(
        &quote!(::core::clone::Clone for #handle),
        &quote!(
            fn clone(&self) -> Self {
                Self(::core::clone::Clone::clone(&self.0))
            }
        ),
    )
}

/// Handles are equal when they lead to the same actor.
pub(super) fn partial_eq(actor: &Actor) -> TokenStream {
    let handle = actor.handle_ty();
    actor.bare_impl(
        &quote!(::core::cmp::PartialEq for #handle),
        &quote!(
            fn eq(&self, other: &Self) -> bool {
                self.0 == other.0
            }
        ),
    )
}

/// And that is an equivalence.
pub(super) fn eq(actor: &Actor) -> TokenStream {
    let handle = actor.handle_ty();
    actor.bare_impl(&quote!(::core::cmp::Eq for #handle), &TokenStream::new())
}

/// Equal handles have equal hashes.
pub(super) fn hash(actor: &Actor) -> TokenStream {
    let handle = actor.handle_ty();
    actor.bare_impl(
        &quote!(::core::hash::Hash for #handle),
        &quote! {
            fn hash<__H: ::core::hash::Hasher>(&self, state: &mut __H) { ::core::hash::Hash::hash(&self.0, state); }
        },
    )
}

/// As the untyped handle.
pub(super) fn debug(actor: &Actor) -> TokenStream {
    let handle = actor.handle_ty();
    actor.bare_impl(
        &quote!(::core::fmt::Debug for #handle),
        &quote! {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Debug::fmt(&self.0, f)
            }
        },
    )
}

/// From the untyped handle.
pub(super) fn from(actor: &Actor) -> TokenStream {
    let (krate, handle, message) = (&actor.krate, actor.handle_ty(), actor.message_ty());
    actor.bare_impl(
        &quote!(::core::convert::From<#krate::Handle<#message>> for #handle),
        &quote!(fn from(handle: #krate::Handle<#message>) -> Self { Self(handle) }),
    )
}

/// To the untyped handle; on a type that is no pointer it leaves all names to the user.
pub(super) fn deref(actor: &Actor) -> TokenStream {
    let (krate, handle, message) = (&actor.krate, actor.handle_ty(), actor.message_ty());
    actor.bare_impl(
        &quote!(::core::ops::Deref for #handle),
        &quote! {
            type Target = #krate::Handle<#message>;
            fn deref(&self) -> &Self::Target { &self.0 }
        },
    )
}

/// A method per handler, and the way to the untyped handle where one of them hides it.
pub(super) fn methods(actor: &Actor) -> TokenStream {
    let (krate, handle, message) = (&actor.krate, actor.handle_ty(), actor.message_ty());
    let methods = actor.handlers().map(|(method, handler)| self::method(actor, method, handler));
    let standins = standin::methods(actor);
    let methods = actor.full_impl(
        &handle,
        travel::message_demands(actor),
        &quote! {
            #(#methods)*
            #(#standins)*

            /// The untyped handle: `stop`, `kill`, `id` and so on, even where a handler of the same name hides them.
            pub fn actor(&self) -> &#krate::Handle<#message> { &self.0 }
        },
    );
    // A handler may be private, take private types, and be sent by nobody yet.
    quote!(#[allow(private_interfaces, private_bounds, dead_code)] #methods)
}

/// `pub fn get(&self, key: K) -> Ask<'_, CacheMessage<K, V>, Option<V>>`
fn method(actor: &Actor, method: &Method, handler: &Handler) -> TokenStream {
    let (krate, message, variant) = (&actor.krate, &actor.message, &handler.variant);
    let (visibility, name, field, docs) = (&method.visibility, method.called(), method.reply_field(), docs(method));
    let message_ty = actor.message_ty();
    let parameters: Vec<_> = method.carried().map(parameter).collect();
    let fields: Vec<_> = method.carried().map(field_value).collect();
    let output = match &handler.reply {
        Reply::Nothing => quote!(#krate::Tell<'_, #message_ty>),
        Reply::Value { ty, fallible } | Reply::Deferred { ty, fallible, .. } => {
            let mode = fallible.then(|| quote!(, #krate::Fallible));
            quote!(#krate::Ask<'_, #message_ty, #ty #mode>)
        }
    };
    let body = if matches!(handler.reply, Reply::Nothing) {
        quote!(#krate::Tell::new(&self.0, #message::#variant { #(#fields)* }))
    } else {
        let new = if matches!(handler.reply, Reply::Deferred { .. }) { quote!(deferred) } else { quote!(new) };
        quote! {
            #krate::Ask::#new(
                &self.0,
                #message::#variant { #(#fields)* #field: #krate::Reply::none() },
                |message, with| match message {
                    #message::#variant { #field: reply, .. } => *reply = with,
                    #[allow(unreachable_patterns)]
                    _ => {}
                },
            )
        }
    };
    piece(&method.cfgs, quote!(#docs #[inline] #visibility fn #name(&self, #(#parameters),*) -> #output { #body }))
}

/// The handler's docs, or words of our own where it has none.
fn docs(method: &Method) -> TokenStream {
    let docs = &method.docs;
    let own = (!docs.iter().any(|doc| doc.path().is_ident("doc"))).then(|| {
        let text = format!(" Sends `{}` to the actor.", method.name());
        quote!(#[doc = #text])
    });
    quote!(#own #(#docs)*)
}

fn parameter(carried: &crate::model::Carried) -> TokenStream {
    let (field, ty) = (&carried.field, &carried.ty);
    if carried.lent { quote!(#field: impl ::core::convert::Into<#ty>) } else { quote!(#field: #ty) }
}

fn field_value(carried: &crate::model::Carried) -> TokenStream {
    let field = &carried.field;
    if carried.lent { quote!(#field: ::core::convert::Into::into(#field),) } else { quote!(#field,) }
}
