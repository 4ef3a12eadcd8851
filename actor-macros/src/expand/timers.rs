//! The table of timers, and what runs when one is due.

use proc_macro2::TokenStream;
use quote::quote;
use syn::ext::IdentExt;

use super::{call::call, piece};
use crate::model::{Actor, Method};
use crate::normalise::variant;
use crate::parse::mark::{Every, Missed};
use crate::span;

/// `const TIMERS: &'static [Timer] = &[..]`, nothing when there is none.
pub(super) fn table(actor: &Actor) -> Option<TokenStream> {
    let private = actor.private();
    let timers: Vec<_> = actor.timers().map(|(method, every)| entry(&private, method, every)).collect();
    (!timers.is_empty()).then(|| quote!(const TIMERS: &'static [#private::Timer] = &[#(#timers),*];))
}

fn entry(private: &TokenStream, method: &Method, every: &Every) -> TokenStream {
    let (name, nanos) = (method.name().unraw().to_string(), every.nanos);
    let immediate = every.immediate.then(|| quote!(.immediate()));
    let missed = every.missed.map(|missed| {
        let policy = match missed {
            Missed::Delay => quote!(Delay),
            Missed::Skip => quote!(Skip),
            Missed::Burst => quote!(Burst),
        };
        quote!(.missed(#private::Missed::#policy))
    });
    piece(&method.cfgs, quote!(#private::Timer::every(#name, #nanos) #immediate #missed))
}

/// A timer's index is its place in the table. Timers under `cfg` move those behind them, so the
/// compiler counts: as the discriminants of an enum with the same `cfg`s.
pub(super) fn on_timer(actor: &Actor) -> Option<TokenStream> {
    actor.timers().next()?;
    let (krate, private) = (&actor.krate, actor.private());
    let (cx, index, due) = (span::local("cx"), span::local("index"), span::local("Due"));
    let places = actor.timers().map(|(method, _)| {
        let place = variant(method.name());
        piece(&method.cfgs, quote!(#place,))
    });
    let arms = actor.timers().map(|(method, _)| {
        let (place, value) = (variant(method.name()), span::local("value"));
        let call = call(actor, method);
        let tick = span::respan(quote!(#private::tick(#value)), span::at(method.output_place()));
        piece(&method.cfgs, quote!(#index if #index == #due::#place as usize => { let #value = #call; #tick }))
    });
    Some(quote! {
        #[allow(unused_variables)]
        async fn on_timer(&mut self, #index: usize, #cx: &mut #krate::Context<Self>) -> #private::Outcome {
            #[allow(dead_code)]
            enum #due { #(#places)* }
            match #index { #(#arms)* _ => #private::DONE }
        }
    })
}
