//! Options as settings: those of the struct travel in an inherent constant of a known name, which
//! beats the trait's constant of the same name that every type has; so the two halves meet without
//! seeing each other, and the struct's half may be missing.

use proc_macro2::TokenStream;
use quote::quote;
use syn::Path;

use crate::model::Actor;
use crate::parse::Options;
use crate::parse::options::{OnError, Overflow};
use crate::parse::state::State;

use super::{piece, probe};

/// What is emitted beside the user's struct: its settings, and probes.
pub(crate) fn state(state: &State, options: &Options) -> TokenStream {
    let krate = options.krate.clone().unwrap_or_else(|| syn::parse_quote!(::actor_core));
    let items = [
        Some(of_state(&krate, state, options)),
        probe::capacity(&krate, &state.generics, options),
        probe::lonely(&krate, state),
    ];
    items.into_iter().flatten().map(|item| piece(&state.cfgs, item)).collect()
}

/// The struct's half: a constant on the type itself.
fn of_state(krate: &Path, state: &State, options: &Options) -> TokenStream {
    let name = &state.name;
    let (parameters, arguments, clause) = state.generics.split_for_impl();
    let settings = chain(krate, options);
    quote! {
        #[automatically_derived]
        impl #parameters #name #arguments #clause {
            #[doc(hidden)]
            pub const __ACTOR_SETTINGS: #krate::__private::Settings = #krate::__private::Settings::DEFAULT #settings;
        }
    }
}

/// The settings of the impl: the struct's, changed by the impl's own.
pub(super) fn of_block(actor: &Actor) -> TokenStream {
    let private = actor.private();
    let settings = chain(&actor.krate, &actor.options);
    quote! {
        const SETTINGS: #private::Settings = {
            #[allow(unused_imports)]
            use #private::DefaultSettings as _;
            <Self>::__ACTOR_SETTINGS
        } #settings;
    }
}

/// `.mailbox(128).name("cache")`
fn chain(krate: &Path, options: &Options) -> TokenStream {
    let mailbox = options.mailbox.as_ref().map(|capacity| quote!(.mailbox(#capacity)));
    let name = options.name.as_ref().map(|name| quote!(.name(#name)));
    let overflow = options.overflow.map(|policy| {
        let policy = match policy {
            Overflow::Wait => quote!(Wait),
            Overflow::Reject => quote!(Reject),
            Overflow::DropNewest => quote!(DropNewest),
            Overflow::DropOldest => quote!(DropOldest),
        };
        quote!(.overflow(#krate::Overflow::#policy))
    });
    let ask_timeout = options.ask_timeout.map(|nanos| quote!(.ask_timeout(#nanos)));
    let on_error = options.on_error.map(|policy| match policy {
        OnError::Report => quote!(.on_error_report()),
        OnError::Fail => quote!(.on_error_fail()),
    });
    quote!(#mailbox #name #overflow #ask_timeout #on_error)
}
