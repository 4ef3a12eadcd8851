//! A mark that stands outside of an `#[actor]` impl block.

use proc_macro2::{Span, TokenStream};

use crate::errors::{Diagnostic, Errors};

/// The item as it was, and an error that says where the mark belongs.
pub(crate) fn explain(mark: &str, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    errors.push(
        Diagnostic::at(
            Span::call_site(),
            format!("`#[{mark}]` works only on a method inside an `#[actor]` impl block"),
        )
        .help("put `#[actor]` on the `impl` block that holds this method"),
    );
    let mut code = item;
    code.extend(errors.finish());
    code
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn the_item_stays() {
        let code = explain(
            "tell",
            quote!(
                fn f() {}
            ),
        )
        .to_string();
        assert!(code.starts_with("fn f () { }"), "{code}");
        assert!(code.contains("`#[tell]` works only on a method"), "{code}");
    }
}
