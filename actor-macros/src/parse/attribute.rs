//! Which attributes of a method are ours, which are slips, and which are none of our business.

use proc_macro2::TokenTree;
use syn::{Attribute, Meta};

use crate::errors::{Diagnostic, Errors};
use crate::parse::{Mark, MarkKind, mark, suggest};

/// Attributes that are one word, well known, and pass through however near to a mark they are.
const KNOWN: [&str; 26] = [
    "allow",
    "automatically_derived",
    "bench",
    "cfg",
    "cfg_attr",
    "cold",
    "coverage",
    "deny",
    "deprecated",
    "doc",
    "expect",
    "export_name",
    "forbid",
    "ignore",
    "inline",
    "instrument",
    "link_section",
    "must_use",
    "no_mangle",
    "non_exhaustive",
    "optimize",
    "should_panic",
    "target_feature",
    "test",
    "track_caller",
    "warn",
];

/// The attributes of one method, sorted.
#[derive(Default)]
pub(crate) struct Sorted {
    /// What is emitted on the user's method again.
    pub kept: Vec<Attribute>,
    pub marks: Vec<Mark>,
    /// Whether each of ours could be read.
    pub sound: bool,
}

/// Sorts a method's attributes and reports the slips.
pub(crate) fn sort(attributes: Vec<Attribute>, errors: &mut Errors) -> Sorted {
    let before = errors.len();
    let mut sorted = Sorted::default();
    for attribute in attributes {
        let name = attribute.path().get_ident().map(ToString::to_string).unwrap_or_default();
        if let Some(kind) = MarkKind::named(&name) {
            sorted.marks.extend(mark::parse(kind, &attribute, errors));
        } else if name == "cfg_attr" {
            keep_cfg_attr(attribute, &mut sorted.kept, errors);
        } else if let Some(meant) = misspelt(&name) {
            errors.push(
                Diagnostic::new(attribute.path(), format!("unknown attribute `{name}` on an actor method"))
                    .help(format!("did you mean `#[{meant}]`?")),
            );
        } else {
            sorted.kept.push(attribute);
        }
    }
    sorted.sound = errors.len() == before;
    sorted
}

/// The mark that `name` was probably meant to be. A path of several segments has no name here.
pub(crate) fn misspelt(name: &str) -> Option<&'static str> {
    if name.is_empty() || KNOWN.contains(&name) {
        return None;
    }
    suggest::nearest(name, MarkKind::names())
}

/// A mark under `cfg_attr` would be seen before rustc has decided about the condition.
fn keep_cfg_attr(attribute: Attribute, kept: &mut Vec<Attribute>, errors: &mut Errors) {
    let Some(name) = conditional(&attribute).into_iter().find(|name| MarkKind::named(name).is_some()) else {
        kept.push(attribute);
        return;
    };
    errors.push(
        Diagnostic::new(&attribute, format!("`#[{name}]` cannot stand inside `cfg_attr`"))
            .help("write the method twice, each under its own `#[cfg(..)]`, with the mark on the one that needs it"),
    );
}

/// The names of the attributes that a `cfg_attr` adds: the words after its commas.
fn conditional(attribute: &Attribute) -> Vec<String> {
    let Meta::List(list) = &attribute.meta else { return Vec::new() };
    let mut names = Vec::new();
    let mut starts = false;
    for token in list.tokens.clone() {
        if let (true, TokenTree::Ident(ident)) = (starts, &token) {
            names.push(ident.to_string());
        }
        starts = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == ',');
    }
    names
}

/// Whether the attribute may take the method away, so that nothing generated may name it then.
pub(crate) fn is_cfg(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
        || (attribute.path().is_ident("cfg_attr") && conditional(attribute).iter().any(|name| name == "cfg"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn sorted(attributes: Vec<Attribute>) -> (usize, usize, Vec<String>) {
        let mut errors = Errors::new();
        let sorted = sort(attributes, &mut errors);
        (sorted.kept.len(), sorted.marks.len(), errors.messages())
    }

    #[test]
    fn what_is_not_ours_passes_through() {
        let (kept, marks, errors) = sorted(vec![
            parse_quote!(#[doc = "x"]),
            parse_quote!(#[cfg(unix)]),
            parse_quote!(#[test]),
            parse_quote!(#[tracing::instrument(skip_all)]),
            parse_quote!(#[rustfmt::skip]),
            parse_quote!(#[cfg_attr(test, allow(dead_code))]),
            parse_quote!(#[completely_different]),
            parse_quote!(#[tell]),
        ]);
        assert_eq!((kept, marks, errors), (7, 1, vec![]));
    }

    #[test]
    fn slips_are_reported_and_removed() {
        let (kept, marks, errors) =
            sorted(vec![parse_quote!(#[evry("1s")]), parse_quote!(#[onstart]), parse_quote!(#[cfg_attr(unix, tell)])]);
        assert_eq!((kept, marks), (0, 0));
        assert_eq!(
            errors,
            [
                "unknown attribute `evry` on an actor method",
                "unknown attribute `onstart` on an actor method",
                "`#[tell]` cannot stand inside `cfg_attr`",
            ]
        );
    }
}
