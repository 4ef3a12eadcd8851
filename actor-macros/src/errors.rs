//! All errors of one `#[actor]`, reported at once.

use proc_macro2::{Delimiter, Group, Literal, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote_spanned};

use crate::span;

/// One error: what is wrong, from which token to which, and the ways out.
#[derive(Debug)]
pub(crate) struct Diagnostic {
    start: Span,
    end: Span,
    message: String,
    helps: Vec<String>,
    /// See [`Errors::look_at`].
    place: usize,
}

impl Diagnostic {
    /// An error that underlines all of `tokens`.
    pub(crate) fn new(tokens: &impl ToTokens, message: impl Into<String>) -> Self {
        let (start, end) = span::ends(tokens);
        Diagnostic { start, end, message: message.into(), helps: Vec::new(), place: 0 }
    }

    /// An error at one place.
    pub(crate) fn at(place: Span, message: impl Into<String>) -> Self {
        Diagnostic { start: place, end: place, message: message.into(), helps: Vec::new(), place: 0 }
    }

    /// Adds a way out.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.helps.push(help.into());
        self
    }

    /// `compile_error!`: rustc shows it from the place of its path to that of its braces.
    fn into_tokens(self) -> TokenStream {
        let mut text = self.message;
        for help in self.helps {
            text.push_str("\n  = help: ");
            text.push_str(&help);
        }
        let text = TokenTree::from(Literal::string(&text));
        let mut braces = Group::new(Delimiter::Brace, text.into());
        braces.set_span(self.end);
        quote_spanned!(self.start=> ::core::compile_error! #braces)
    }
}

impl From<syn::Error> for Diagnostic {
    fn from(error: syn::Error) -> Self {
        Diagnostic::at(error.span(), error.to_string())
    }
}

/// The collector. [`Errors::finish`] must be called: an error that nobody looks at is a silent
/// no-op, so in debug builds dropping an unfinished collector is a failure of the macro.
#[derive(Debug, Default)]
pub(crate) struct Errors {
    list: Vec<Diagnostic>,
    place: usize,
    finished: bool,
}

impl Errors {
    pub(crate) fn new() -> Self {
        Errors::default()
    }

    /// Says which item of the block is looked at, counted from 1; 0 is the attribute and the header.
    /// Stages find errors in their own order; they are reported in the order of the items.
    pub(crate) fn look_at(&mut self, place: usize) {
        self.place = place;
    }

    pub(crate) fn push(&mut self, error: impl Into<Diagnostic>) {
        let place = self.place;
        self.list.push(Diagnostic { place, ..error.into() });
    }

    /// How many errors there are so far; a stage compares it before and after.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// All errors as code, empty when there are none.
    pub(crate) fn finish(self) -> TokenStream {
        self.sorted().into_iter().map(Diagnostic::into_tokens).collect()
    }

    fn sorted(mut self) -> Vec<Diagnostic> {
        self.finished = true;
        let mut list = std::mem::take(&mut self.list);
        list.sort_by_key(|error| error.place);
        list
    }

    /// The messages, for tests of the stages.
    #[cfg(test)]
    pub(crate) fn messages(self) -> Vec<String> {
        self.sorted().into_iter().map(|error| error.message).collect()
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        debug_assert!(self.finished || std::thread::panicking(), "errors were collected and never reported");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn all_errors_are_reported_with_their_helps() {
        let mut errors = Errors::new();
        errors.push(Diagnostic::new(&quote!(a b), "first").help("one way").help("another"));
        errors.push(syn::Error::new(Span::call_site(), "second"));
        let code = errors.finish().to_string();
        assert_eq!(code.matches("compile_error").count(), 2);
        assert!(code.contains(r"first\n  = help: one way\n  = help: another"), "{code}");
    }

    #[test]
    #[cfg(debug_assertions)]
    #[should_panic(expected = "never reported")]
    fn a_forgotten_collector_is_a_failure() {
        drop(Errors::new());
    }
}
