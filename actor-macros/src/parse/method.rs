//! One method of the block: attributes, visibility and signature are parsed, the body is not.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt, quote};
use syn::parse::ParseStream;
use syn::{Attribute, LitStr, Signature, Token, Visibility};

use crate::parse::Mark;
use crate::parse::attribute::Sorted;

/// A function of the block as the user wrote it.
pub(crate) struct Method {
    /// All attributes but our marks.
    pub attributes: Vec<Attribute>,
    pub marks: Vec<Mark>,
    pub visibility: Visibility,
    pub defaultness: Option<Token![default]>,
    pub signature: Signature,
    /// `{ .. }` or `;`, never looked into.
    pub body: TokenStream,
    /// Whether each of its marks could be read.
    pub sound: bool,
}

/// Whether a function comes next. It is asked of a fork, which it moves.
pub(crate) fn comes_next(input: ParseStream<'_>) -> bool {
    if input.parse::<Visibility>().is_err() {
        return false;
    }
    loop {
        if input.peek(Token![fn]) {
            return true;
        }
        let modifier = input.peek(Token![const])
            || input.peek(Token![async])
            || input.peek(Token![unsafe])
            || input.peek(Token![extern])
            || input.peek(Token![default])
            || input.peek(LitStr);
        if !modifier || input.parse::<TokenTree>().is_err() {
            return false;
        }
    }
}

/// Parses a function whose attributes are read already.
pub(crate) fn parse(sorted: Sorted, input: ParseStream<'_>) -> syn::Result<Method> {
    Ok(Method {
        attributes: sorted.kept,
        marks: sorted.marks,
        sound: sorted.sound,
        visibility: input.parse()?,
        defaultness: input.parse()?,
        signature: input.parse()?,
        body: input.parse::<TokenTree>()?.into(),
    })
}

impl Method {
    /// Whether its signature is what its callers need, not what its body needs: a message is sent by value, a handler
    /// takes `self` whether or not it looks at it, and may be asynchronous or fallible for later's sake.
    fn is_called_by_the_loop(&self) -> bool {
        let public = !matches!(self.visibility, Visibility::Inherited);
        self.signature.receiver().is_some() && (public || !self.marks.is_empty())
    }
}

impl ToTokens for Method {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append_all(&self.attributes);
        if self.is_called_by_the_loop() {
            tokens.append_all(quote!(#[allow(
                clippy::needless_pass_by_value,
                clippy::unnecessary_wraps,
                clippy::unused_async,
                clippy::unused_self
            )]));
        }
        self.visibility.to_tokens(tokens);
        self.defaultness.to_tokens(tokens);
        self.signature.to_tokens(tokens);
        self.body.to_tokens(tokens);
    }
}
