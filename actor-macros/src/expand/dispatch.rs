//! From a message to the handler and from its value to the answer.

use proc_macro2::TokenStream;
use quote::quote;

use super::{call::call, message, piece};
use crate::model::{Actor, Handler, Method, Reply};
use crate::span;

/// The handlers that are not async, which the loop calls, and the others, which it awaits: each in a match of its own, and
/// with it what says which is which. What an actor has none of is the trait's default.
pub(super) fn dispatch(actor: &Actor) -> TokenStream {
    let (krate, private) = (&actor.krate, actor.private());
    let (message, cx) = (span::local("message"), span::local("cx"));
    let handle = arms(actor, false).map(|arms| {
        let kinds = kinds(actor);
        quote! {
            fn is_sync(#message: &Self::Message) -> bool {
                match *#message { #kinds }
            }

            #[allow(unused_variables)]
            #[inline]
            fn handle(&mut self, #message: Self::Message, #cx: &mut #krate::Context<Self>) -> #private::Outcome {
                match #message { #arms }
            }
        }
    });
    let dispatch = arms(actor, true).map(|arms| {
        quote! {
            #[allow(unused_variables)]
            async fn dispatch(&mut self, #message: Self::Message, #cx: &mut #krate::Context<Self>) -> #private::Outcome {
                match #message { #arms }
            }
        }
    });
    quote!(#handle #dispatch)
}

/// The arms of the handlers that are async, or of the others; `None` if there are none.
fn arms(actor: &Actor, of_async: bool) -> Option<TokenStream> {
    let private = actor.private();
    let chosen = || actor.handlers().filter(|(method, _)| method.is_async() == of_async);
    chosen().next()?;
    let arms = chosen().map(|(method, handler)| arm(actor, method, handler));
    let phantom = message::phantom_arm(actor, &quote!(match never {}));
    // Some may be left out by a `cfg`, so that it is not known here whether there are any.
    quote!(#(#arms)* #phantom #[allow(unreachable_patterns)] _ => #private::misled(),).into()
}

/// Which variants are those of handlers that are not async.
fn kinds(actor: &Actor) -> TokenStream {
    let message = &actor.message;
    let kinds = actor.handlers().map(|(method, handler)| {
        let (variant, is_sync) = (&handler.variant, !method.is_async());
        piece(&method.cfgs, quote!(#message::#variant { .. } => #is_sync,))
    });
    let phantom = message::phantom_arm(actor, &quote!(match never {}));
    quote!(#(#kinds)* #phantom)
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
