//! `impl Actor for Cache<K, V>`, put together from its parts.

use proc_macro2::TokenStream;
use quote::quote;

use super::{dispatch, hooks, settings, timers, travel};
use crate::model::Actor;

/// The whole impl.
pub(super) fn actor_impl(actor: &Actor) -> TokenStream {
    let (krate, self_ty, message) = (&actor.krate, &actor.self_ty, actor.message_ty());
    let settings = settings::of_block(actor);
    let timers = timers::table(actor);
    let dispatch = dispatch::dispatch(actor);
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
