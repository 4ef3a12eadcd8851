//! From a message to the handler and from its value to the answer.

use proc_macro2::TokenStream;
use quote::quote;

use super::{call::call, message, piece};
use crate::model::{Actor, Handler, Method, Reply};
use crate::span;

/// The match from variant to handler.
pub(super) fn dispatch(actor: &Actor) -> TokenStream {
    let (krate, private) = (&actor.krate, actor.private());
    let (message, cx) = (span::local("message"), span::local("cx"));
    let arms = actor.handlers().map(|(method, handler)| arm(actor, method, handler));
    let phantom = message::phantom_arm(actor, &quote!(match never {}));
    quote! {
        #[allow(unused_variables)]
        async fn dispatch(&mut self, #message: Self::Message, #cx: &mut #krate::Context<Self>) -> #private::Outcome {
            match #message { #(#arms)* #phantom }
        }
    }
}

fn arm(actor: &Actor, method: &Method, handler: &Handler) -> TokenStream {
    let (message, variant, private) = (&actor.message, &handler.variant, actor.private());
    let (reply, cx, value) = (span::local("reply"), span::local("cx"), span::local("value"));
    let fields = method.carried().map(|carried| &carried.field);
    let field = method.reply_field();
    let call = call(actor, method);
    let place = span::at(method.output_place());
    let begin = if matches!(handler.reply, Reply::Deferred { .. }) { quote!(begin_deferred) } else { quote!(begin) };
    let skip = quote!(if !#private::#begin(&#reply, #cx) { return #private::skipped(&#reply); });
    let (pattern, body) = match &handler.reply {
        Reply::Nothing => {
            let told = span::respan(quote!(#private::told(#value)), place);
            (quote!(), quote!(let #value = #call; #told))
        }
        Reply::Deferred { .. } => (quote!(#field: #reply), quote!(#skip #call; #private::deferred())),
        Reply::Value { fallible, .. } => {
            let how = if *fallible { quote!(answer_result) } else { quote!(answer) };
            let answer = span::respan(quote!(#private::#how(#reply, #value)), place);
            (quote!(#field: #reply), quote!(#skip let #value = #call; #answer))
        }
    };
    piece(&method.cfgs, quote!(#message::#variant { #(#fields,)* #pattern } => { #body }))
}
