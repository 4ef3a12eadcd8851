//! The struct or enum that is the actor's state: only its name and its generics are looked at.

use proc_macro2::{Ident, TokenStream};
use syn::{Attribute, Generics, Item};

use crate::parse::attribute::is_cfg;

/// What `#[actor]` needs to know of a struct or enum.
pub(crate) struct State {
    pub name: Ident,
    pub generics: Generics,
    /// `#[cfg(..)]` below `#[actor]`: on what is emitted beside the item too.
    pub cfgs: Vec<Attribute>,
}

/// Parses the item, whose tokens are emitted as they are.
pub(crate) fn parse(item: &TokenStream) -> syn::Result<State> {
    match syn::parse2::<Item>(item.clone())? {
        Item::Struct(item) => Ok(State { name: item.ident, generics: item.generics, cfgs: cfgs(item.attrs) }),
        Item::Enum(item) => Ok(State { name: item.ident, generics: item.generics, cfgs: cfgs(item.attrs) }),
        other => Err(syn::Error::new_spanned(other, "expected a struct or an enum")),
    }
}

fn cfgs(attributes: Vec<Attribute>) -> Vec<Attribute> {
    attributes.into_iter().filter(is_cfg).collect()
}
