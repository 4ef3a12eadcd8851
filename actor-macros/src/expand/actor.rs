//! `impl Actor for Cache<K, V>`, put together from its parts.

use proc_macro2::TokenStream;
use quote::quote;

use super::{dispatch, hooks, settings, timers, travel};
use crate::model::{Actor, Role};

/// The whole impl.
pub(super) fn actor_impl(actor: &Actor) -> TokenStream {
    let (krate, self_ty, message) = (&actor.krate, &actor.self_ty, actor.message_ty());
    let settings = settings::of_block(actor);
    let plain = is_plain(actor).then(|| {
        quote!(
            const PLAIN: bool = true;
        )
    });
    let timers = timers::table(actor);
    let dispatch = dispatch::dispatch(actor);
    let on_timer = timers::on_timer(actor);
    let on_start = hooks::on_start(actor);
    let on_stop = hooks::on_stop(actor);
    let header = quote!(#krate::Actor for #self_ty);
    let item = actor.full_impl(
        &header,
        travel::demands(actor),
        &quote!(type Message = #message; #settings #plain #timers #dispatch #on_timer #on_start #on_stop),
    );
    // A handler may be deprecated for its callers; the actor still runs it.
    quote!(#[allow(deprecated)] #item)
}

/// Whether the actor never awaits: it has nothing but handlers, and none of them is async. What a `cfg` leaves out counts.
fn is_plain(actor: &Actor) -> bool {
    actor.handlers().all(|(method, _)| !method.is_async())
        && actor
            .sound(|role| matches!(role, Role::Timer(_) | Role::Start | Role::Stop | Role::Later).then_some(()))
            .next()
            .is_none()
}
