//! Whatever goes wrong, the user's own `impl` stays, so that one mistake is one error.
//!
//! The first line of defence is in the pipeline: it expands what is sound and adds the errors. This
//! is the second: a header that cannot be read, or a panic of the macro itself.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};

use crate::errors::{Diagnostic, Errors};
use crate::parse::MarkKind;
use crate::parse::attribute::misspelt;

/// Runs a stage; a panic in it becomes an error beside the user's item.
pub(crate) fn guard(
    options: TokenStream,
    item: TokenStream,
    stage: fn(TokenStream, TokenStream) -> TokenStream,
) -> TokenStream {
    let kept = item.clone();
    catch_unwind(AssertUnwindSafe(|| stage(options, item))).unwrap_or_else(|panic| {
        let said = panic
            .downcast_ref::<&str>()
            .map(ToString::to_string)
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        let mut errors = Errors::new();
        errors.push(
            Diagnostic::at(Span::call_site(), format!("the `#[actor]` macro failed: {said}"))
                .help("this is a bug of actor-macros: please report it with the code below the attribute"),
        );
        with_errors(kept, errors)
    })
}

/// The item without our marks, and the errors.
pub(crate) fn with_errors(item: TokenStream, errors: Errors) -> TokenStream {
    let mut code = without_marks(item);
    code.extend(errors.finish());
    code
}

/// Takes the marks, misspelt ones too, off whatever stands directly in the item's braces. It reads
/// tokens alone, so that it works on what cannot be parsed.
fn without_marks(item: TokenStream) -> TokenStream {
    item.into_iter()
        .map(|token| match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                let mut stripped = Group::new(Delimiter::Brace, strip(group.stream()));
                stripped.set_span(group.span());
                TokenTree::Group(stripped)
            }
            token => token,
        })
        .collect()
}

fn strip(items: TokenStream) -> TokenStream {
    let mut kept = TokenStream::new();
    let mut tokens = items.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let hash = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '#');
        if hash && tokens.next_if(is_mark).is_some() {
            continue;
        }
        kept.extend([token]);
    }
    kept
}

fn is_mark(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else { return false };
    let mut inside = group.stream().into_iter();
    let (Some(TokenTree::Ident(name)), next) = (inside.next(), inside.next()) else { return false };
    let alone = !matches!(next, Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    let name = name.to_string();
    alone && group.delimiter() == Delimiter::Bracket && (MarkKind::named(&name).is_some() || misspelt(&name).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn a_panic_leaves_the_impl_and_one_error() {
        let item = quote!(impl A { #[tell] #[evry("1s")] #[inline] #[rustfmt::skip] pub fn f(&self) { #[tell] x } });
        let code = guard(TokenStream::new(), item, |_, _| std::panic::panic_any("broken")).to_string();
        let kept = quote!(impl A { #[inline] #[rustfmt::skip] pub fn f(&self) { #[tell] x } }).to_string();
        assert!(code.starts_with(&kept), "{code}");
        assert_eq!(code.matches("compile_error").count(), 1);
        assert!(code.contains("the `#[actor]` macro failed: broken"), "{code}");
    }
}
