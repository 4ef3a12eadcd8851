//! The struct or enum that is the actor's state: only its name and its generics are looked at.

use proc_macro2::{Ident, TokenStream};
use syn::{Generics, Item};

/// What `#[actor]` needs to know of a struct or enum.
pub(crate) struct State {
    pub name: Ident,
    pub generics: Generics,
}

/// Parses the item, whose tokens are emitted as they are.
pub(crate) fn parse(item: &TokenStream) -> syn::Result<State> {
    match syn::parse2::<Item>(item.clone())? {
        Item::Struct(item) => Ok(State { name: item.ident, generics: item.generics }),
        Item::Enum(item) => Ok(State { name: item.ident, generics: item.generics }),
        other => Err(syn::Error::new_spanned(other, "expected a struct or an enum")),
    }
}
