//! `on_start` and `on_stop`.

use proc_macro2::TokenStream;
use quote::quote;

use super::{call::call, piece};
use crate::model::{Actor, Method, Role};
use crate::span;

/// Before the first message.
pub(super) fn on_start(actor: &Actor) -> TokenStream {
    let hooks = actor.sound(|role| matches!(role, Role::Start).then_some(()));
    hooks.map(|(method, ())| hook(actor, method, &quote!(on_start), &TokenStream::new())).collect()
}

/// After the last message.
pub(super) fn on_stop(actor: &Actor) -> TokenStream {
    let (krate, exit) = (&actor.krate, span::local("exit"));
    let hooks = actor.sound(|role| matches!(role, Role::Stop).then_some(()));
    hooks.map(|(method, ())| hook(actor, method, &quote!(on_stop), &quote!(#exit: &#krate::Exit,))).collect()
}

fn hook(actor: &Actor, method: &Method, name: &TokenStream, exit: &TokenStream) -> TokenStream {
    let (krate, private) = (&actor.krate, actor.private());
    let (cx, value) = (span::local("cx"), span::local("value"));
    let call = call(actor, method);
    let hook = span::respan(quote!(#private::hook(#value)), span::at(method.output_place()));
    piece(
        &method.cfgs,
        quote! {
            #[allow(unused_variables)]
            async fn #name(&mut self, #exit #cx: &mut #krate::Context<Self>) -> #private::HookResult {
                let #value = #call;
                #hook
            }
        },
    )
}
