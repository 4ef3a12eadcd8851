//! What `#[actor]` was put on.

use proc_macro2::{TokenStream, TokenTree};

use crate::errors::Diagnostic;

/// The kind of item under the attribute.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A struct or an enum: the actor's state.
    State,
    /// An `impl` block.
    Block,
    /// A trait, which will be an interface in a later version.
    Interface,
    /// Anything else, with its name in an error.
    Other(&'static str),
}

/// Finds the kind from the first keyword that decides it.
pub(crate) fn target(item: &TokenStream) -> Target {
    let words: Vec<String> = item
        .clone()
        .into_iter()
        .filter_map(|token| match token {
            TokenTree::Ident(ident) => Some(ident.to_string()),
            _ => None,
        })
        .take(8)
        .collect();
    words.iter().enumerate().find_map(|(at, word)| kind(word, words.get(at + 1))).unwrap_or(Target::Other("this item"))
}

fn kind(word: &str, next: Option<&String>) -> Option<Target> {
    let next = next.map_or("", String::as_str);
    Some(match word {
        "struct" | "enum" => Target::State,
        "impl" => Target::Block,
        "trait" => Target::Interface,
        "fn" => Target::Other("a function"),
        "mod" => Target::Other("a module"),
        "union" => Target::Other("a union"),
        "static" => Target::Other("a static"),
        "type" => Target::Other("a type alias"),
        "use" => Target::Other("a `use` declaration"),
        "macro_rules" => Target::Other("a macro"),
        "const" if !matches!(next, "fn" | "async" | "unsafe" | "extern" | "impl" | "trait") => {
            Target::Other("a constant")
        }
        "extern" if next == "crate" => Target::Other("an `extern crate` declaration"),
        _ => return None,
    })
}

/// "`#[actor]` cannot be applied to a function", at the words that make it one.
pub(crate) fn wrong_target(item: &TokenStream, noun: &str) -> Diagnostic {
    let words: TokenStream = skip_attributes(item).take(2).collect();
    Diagnostic::new(&words, format!("`#[actor]` cannot be applied to {noun}"))
        .help("put it on a struct or enum (the actor's state) and on its `impl` block (the handlers)")
}

/// `#[actor]` on a trait: known, and not there yet.
pub(crate) fn interface(item: &TokenStream) -> Diagnostic {
    let words: TokenStream = skip_attributes(item)
        .filter(|token| !matches!(token, TokenTree::Ident(word) if word == "pub"))
        .take(2)
        .collect();
    Diagnostic::new(&words, "`#[actor]` on a trait is not available in this version of actor-core")
        .help("put `#[actor]` on the `impl` block of a struct and pass its handle around")
}

fn skip_attributes(item: &TokenStream) -> impl Iterator<Item = TokenTree> {
    let mut tokens = item.clone().into_iter().peekable();
    while tokens.next_if(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == '#')).is_some() {
        tokens.next();
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn every_kind_of_item_is_known() {
        assert_eq!(
            target(&quote!(
                #[derive(Debug)]
                pub(crate) struct A;
            )),
            Target::State
        );
        assert_eq!(
            target(&quote!(
                enum A {}
            )),
            Target::State
        );
        assert_eq!(target(&quote!(unsafe impl A {})), Target::Block);
        assert_eq!(
            target(&quote!(
                pub unsafe trait A {}
            )),
            Target::Interface
        );
        for (item, noun) in [
            (
                quote!(
                    pub const fn f() {}
                ),
                "a function",
            ),
            (
                quote!(
                    pub async unsafe extern "C" fn f() {}
                ),
                "a function",
            ),
            (
                quote!(
                    const X: u8 = 1;
                ),
                "a constant",
            ),
            (
                quote!(
                    mod m {}
                ),
                "a module",
            ),
            (quote!(union U { a: u8 }), "a union"),
            (
                quote!(
                    extern crate alloc;
                ),
                "an `extern crate` declaration",
            ),
            (
                quote!(
                    macro_rules! m {
                        () => {};
                    }
                ),
                "a macro",
            ),
        ] {
            assert_eq!(target(&item), Target::Other(noun), "{item}");
        }
    }
}
