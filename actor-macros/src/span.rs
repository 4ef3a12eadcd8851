//! What an error underlines, and how a piece of the user's code reads in an error.

use proc_macro2::{Group, Ident, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;

/// Our own hygiene at the user's place: names resolve as if the macro had written them (so that actors
/// made by `macro_rules!` work and lints on the user's code stay silent), while errors show `place`.
pub(crate) fn at(place: Span) -> Span {
    Span::call_site().located_at(place)
}

/// The same name with our hygiene, shown where the user wrote it.
pub(crate) fn ours(ident: &Ident) -> Ident {
    let mut ident = ident.clone();
    ident.set_span(at(ident.span()));
    ident
}

/// A local variable of generated code that no name of the user's can meet.
pub(crate) fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The place of the first token; the call site when there is none.
pub(crate) fn first(tokens: &impl ToTokens) -> Span {
    ends(tokens).0
}

/// The places of the first and of the last token.
pub(crate) fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut spans = tokens.to_token_stream().into_iter().map(|token| token.span());
    let start = spans.next().unwrap_or_else(Span::call_site);
    (start, spans.last().unwrap_or(start))
}

/// Every token, those inside of groups too, moved to `place`; each keeps its own hygiene.
///
/// An error in an expression is shown from its first token to its last: with one place for all of
/// them it is shown there and nowhere else.
pub(crate) fn respan(tokens: TokenStream, place: Span) -> TokenStream {
    tokens.into_iter().map(|token| respan_tree(token, place)).collect()
}

fn respan_tree(mut token: TokenTree, place: Span) -> TokenTree {
    let span = token.span().located_at(place);
    if let TokenTree::Group(group) = &token {
        let mut moved = Group::new(group.delimiter(), respan(group.stream(), place));
        moved.set_span(span);
        return TokenTree::Group(moved);
    }
    token.set_span(span);
    token
}

/// The tokens as a person would write them: `Option<&str>`, not `Option < & str >`.
pub(crate) fn text(tokens: &impl ToTokens) -> String {
    let mut out = String::new();
    write_text(tokens.to_token_stream(), &mut out);
    out.trim().to_owned()
}

fn write_text(tokens: TokenStream, out: &mut String) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = brackets(group.delimiter());
                out.push_str(open);
                write_text(group.stream(), out);
                out.truncate(out.trim_end().len());
                out.push_str(close);
            }
            TokenTree::Punct(punct) => write_punct(punct.as_char(), punct.spacing(), out),
            word => {
                if out.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | ')' | ']' | '"')) {
                    out.push(' ');
                }
                out.push_str(&word.to_string());
            }
        }
    }
}

fn write_punct(punct: char, spacing: Spacing, out: &mut String) {
    let alone = spacing == Spacing::Alone;
    match punct {
        ',' | ';' => out.extend([punct, ' ']),
        ':' if alone && !out.ends_with(':') => out.push_str(": "),
        '+' | '=' => out.extend([' ', punct, ' ']),
        '-' if !alone => out.push_str(" -"),
        '>' if out.ends_with(" -") => out.push_str("> "),
        _ => out.push(punct),
    }
}

fn brackets(delimiter: proc_macro2::Delimiter) -> (&'static str, &'static str) {
    match delimiter {
        proc_macro2::Delimiter::Parenthesis => ("(", ")"),
        proc_macro2::Delimiter::Brace => ("{ ", " }"),
        proc_macro2::Delimiter::Bracket => ("[", "]"),
        proc_macro2::Delimiter::None => ("", ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn types_read_as_a_person_writes_them() {
        assert_eq!(text(&quote!(Option<&str>)), "Option<&str>");
        assert_eq!(text(&quote!(&mut Vec<u8>)), "&mut Vec<u8>");
        assert_eq!(text(&quote!(*const u8)), "*const u8");
        assert_eq!(text(&quote!(std::borrow::Cow<'_, str>)), "std::borrow::Cow<'_, str>");
        assert_eq!(text(&quote!(self: Box<Self>)), "self: Box<Self>");
        assert_eq!(text(&quote!(Box<dyn Fn(u8, &[u8]) -> u8 + Send>)), "Box<dyn Fn(u8, &[u8]) -> u8 + Send>");
    }
}
