//! `impl Actor for Cache<K, V>`: from a message to the handler and from its value to the answer.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use super::{hooks, message, piece, settings, timers, travel};
use crate::model::{Actor, Handler, Method, ParamKind, Reply};
use crate::span;

/// The whole impl.
pub(super) fn actor_impl(actor: &Actor) -> TokenStream {
    let (krate, self_ty, message) = (&actor.krate, &actor.self_ty, actor.message_ty());
    let settings = settings::of_block(actor);
    let timers = timers::table(actor);
    let dispatch = dispatch(actor);
    let on_timer = timers::on_timer(actor);
    let on_start = hooks::on_start(actor);
    let on_stop = hooks::on_stop(actor);
    let header = quote!(#krate::Actor for #self_ty);
    let item = actor.full_impl(
        &header,
        travel::demands(actor),
        &quote!(type Message = #message; #settings #timers #dispatch #on_timer #on_start #on_stop),
    );
    // A handler may be deprecated for its callers; the actor still runs it.
    quote!(#[allow(deprecated)] #item)
}

/// The match from variant to handler.
fn dispatch(actor: &Actor) -> TokenStream {
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
    let skip = quote!(if !#private::begin(&#reply, #cx) { return #private::SKIPPED; });
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

/// `Self::get(self, key, cx)`, awaited if it is a future.
///
/// All of it stands at the method's name: a future that is not `Send` is an error there, and
/// [`checked`] sees to it that the future around it is not a second one.
pub(super) fn call(actor: &Actor, method: &Method) -> TokenStream {
    let (name, private) = (method.called(), actor.private());
    let arguments = method.params.iter().map(|param| argument(&param.kind));
    let call = quote!(Self::#name(self #(, #arguments)*));
    let call = if method.is_async() { quote!(#private::checked(#call).await) } else { call };
    span::respan(call, name.span())
}

fn argument(kind: &ParamKind) -> TokenStream {
    let name = match kind {
        ParamKind::Carried(carried) if carried.lent => {
            let field = &carried.field;
            return quote!(&#field);
        }
        ParamKind::Carried(carried) => carried.field.clone(),
        ParamKind::Context => span::local("cx"),
        ParamKind::Reply => span::local("reply"),
        ParamKind::Exit => span::local("exit"),
    };
    name.into_token_stream()
}
