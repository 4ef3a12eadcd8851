//! Handlers with an error have no message, but code that sends them should not fail a second time: their
//! methods stand on the handle all the same, taking anything and giving what they probably should.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;
use syn::visit_mut::{self, VisitMut};
use syn::{Lifetime, Type, parse_quote};

use super::piece;
use crate::check::is_taken;
use crate::model::{Actor, Method, ParamKind, Reply, Role};
use crate::types;

/// The methods of all handlers that were left out.
pub(super) fn methods(actor: &Actor) -> Vec<TokenStream> {
    let mut names: Vec<String> = actor.handlers().map(|(method, _)| method.name().unraw().to_string()).collect();
    let mut methods = Vec::new();
    for method in actor.methods.iter().filter(|method| !method.sound) {
        let name = method.name().unraw().to_string();
        let Role::Handler(handler) = &method.role else { continue };
        if !is_taken(&name) && !names.contains(&name) {
            methods.push(self::method(actor, method, &handler.reply));
            names.push(name);
        }
    }
    methods
}

fn method(actor: &Actor, method: &Method, reply: &Reply) -> TokenStream {
    let (krate, message, visibility, name) = (&actor.krate, actor.message_ty(), &method.visibility, method.called());
    let travels =
        |kind: &ParamKind, ty: &Type| matches!(kind, ParamKind::Carried(_)) && !types::is_called(ty, "Context");
    let parameters = method
        .params
        .iter()
        .filter(|param| travels(&param.kind, &param.source.ty))
        .map(|_| quote!(_: impl ::core::marker::Sized));
    let output = match reply {
        Reply::Nothing => quote!(#krate::Tell<'_, #message>),
        Reply::Value { ty, fallible } | Reply::Deferred { ty, fallible, .. } => {
            let mode = fallible.then(|| quote!(, #krate::Fallible));
            let ty = owned(method, ty);
            quote!(#krate::Ask<'_, #message, #ty #mode>)
        }
    };
    piece(
        &method.cfgs,
        quote! {
            #[doc(hidden)]
            #visibility fn #name(&self, #(#parameters),*) -> #output { ::core::unreachable!() }
        },
    )
}

/// The reply without what cannot be in one.
fn owned(method: &Method, ty: &Type) -> Type {
    if !method.signature.generics.params.is_empty() {
        return parse_quote!(());
    }
    let mut ty = ty.clone();
    Own.visit_type_mut(&mut ty);
    ty
}

struct Own;

impl VisitMut for Own {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        *ty = match &*ty {
            Type::Ptr(_) | Type::ImplTrait(_) | Type::Never(_) => parse_quote!(()),
            Type::Reference(reference) => match types::peel(&reference.elem) {
                Type::Path(path) if path.path.is_ident("str") => parse_quote!(::std::string::String),
                Type::Slice(slice) => {
                    let elem = &slice.elem;
                    parse_quote!(::std::vec::Vec<#elem>)
                }
                elem => elem.clone(),
            },
            ty => ty.clone(),
        };
        visit_mut::visit_type_mut(self, ty);
    }

    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" {
            *lifetime = Lifetime::new("'static", lifetime.span());
        }
    }
}
