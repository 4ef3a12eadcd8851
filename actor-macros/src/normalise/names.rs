//! Names of generated items. They depend on the user's names alone.

use proc_macro2::Ident;
use syn::ext::IdentExt;

use crate::span;

/// `CacheHandle` of `Cache`.
pub(crate) fn suffixed(name: &Ident, suffix: &str) -> Ident {
    Ident::new(&format!("{}{suffix}", name.unraw()), proc_macro2::Span::call_site())
}

/// `PutAll` of `put_all`, `Type` of `r#type`.
pub(crate) fn variant(handler: &Ident) -> Ident {
    let name = handler.unraw().to_string();
    let mut camel: String = name.split('_').map(capitalised).collect();
    if !camel.starts_with(|first: char| first.is_alphabetic()) {
        camel.insert(0, '_');
    }
    if camel == "Self" || camel == "_" {
        camel.push('_');
    }
    Ident::new(&camel, span::at(handler.span()))
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::Span;

    #[test]
    fn variants_are_camel_case() {
        for (handler, wanted) in
            [("get", "Get"), ("put_all", "PutAll"), ("r#type", "Type"), ("_x", "X"), ("_1", "_1"), ("self_", "Self_")]
        {
            let ident: Ident = syn::parse_str(handler).unwrap_or_else(|_| Ident::new(handler, Span::call_site()));
            assert_eq!(variant(&ident), wanted);
        }
    }
}
