//! The user's own `impl`, its bodies untouched.

use proc_macro2::{Group, TokenStream};
use quote::{ToTokens, TokenStreamExt, quote};

use crate::normalise::add_send;
use crate::parse::Block;

/// The block without our marks and with `Send + 'static` on its type parameters.
pub(crate) fn block(block: &Block) -> TokenStream {
    let Block { attributes, modifiers, impl_token, self_ty, inner, items, .. } = block;
    let mut generics = block.generics.clone();
    if block.of_trait.is_none() {
        add_send(&mut generics);
    }
    let clause = &generics.where_clause;
    let of_trait = block.of_trait.as_ref().map(|of_trait| quote!(#of_trait for));
    let mut content = TokenStream::new();
    content.append_all(inner);
    content.append_all(items);
    let mut braces = Group::new(proc_macro2::Delimiter::Brace, content);
    braces.set_span(block.braces.span.join());
    let mut code = quote!(#(#attributes)* #modifiers #impl_token #generics #of_trait #self_ty #clause);
    braces.to_tokens(&mut code);
    code
}
