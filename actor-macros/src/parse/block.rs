//! The `impl` block, parsed by hand so that no body is.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt};
use syn::parse::discouraged::Speculative;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Generics, Path, Token, Type, token};

use crate::errors::{Diagnostic, Errors};
use crate::parse::{Method, attribute, method};

/// An `impl` block as the user wrote it.
pub(crate) struct Block {
    pub attributes: Vec<Attribute>,
    /// `unsafe` and the like, which rustc judges.
    pub modifiers: TokenStream,
    pub impl_token: Token![impl],
    /// With the where clause.
    pub generics: Generics,
    /// The trait, if it is the impl of one.
    pub of_trait: Option<Path>,
    pub self_ty: Type,
    pub braces: token::Brace,
    pub inner: Vec<Attribute>,
    pub items: Vec<Item>,
}

/// An item of the block.
pub(crate) enum Item {
    Method(Box<Method>),
    /// A constant, a type, a macro call, or what could not be read: passed on.
    Other(TokenStream),
}

/// Parses the block. Errors inside of one item are reported and leave the others alone; an error in
/// the header is the result.
pub(crate) fn parse(item: TokenStream, errors: &mut Errors) -> syn::Result<Block> {
    (|input: ParseStream<'_>| header(input, errors)).parse2(item)
}

fn header(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Block> {
    let attributes = input.call(Attribute::parse_outer)?;
    let mut modifiers = TokenStream::new();
    while !input.peek(Token![impl]) {
        modifiers.extend([input.parse::<TokenTree>()?]);
    }
    let impl_token = input.parse()?;
    let mut generics: Generics = input.parse()?;
    let first: Type = input.parse()?;
    let (of_trait, self_ty) = if input.parse::<Option<Token![for]>>()?.is_some() {
        (Some(syn::parse2(first.into_token_stream())?), input.parse()?)
    } else {
        (None, first)
    };
    generics.where_clause = input.parse()?;
    let content;
    let braces = syn::braced!(content in input);
    let inner = content.call(Attribute::parse_inner)?;
    let mut items = Vec::new();
    while !content.is_empty() {
        errors.look_at(items.len() + 1);
        items.push(self::item(&content, errors)?);
    }
    errors.look_at(0);
    Ok(Block { attributes, modifiers, impl_token, generics, of_trait, self_ty, braces, inner, items })
}

fn item(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Item> {
    let attributes = input.call(Attribute::parse_outer)?;
    if !method::comes_next(&input.fork()) {
        report_macro_call(input, errors);
        return rest(&attributes, input);
    }
    let sorted = attribute::sort(attributes, errors);
    let kept = sorted.kept.clone();
    let ahead = input.fork();
    match method::parse(sorted, &ahead) {
        Ok(method) => {
            input.advance_to(&ahead);
            Ok(Item::Method(Box::new(method)))
        }
        Err(error) => {
            errors.push(error);
            rest(&kept, input)
        }
    }
}

/// A macro's methods are not there yet when `#[actor]` looks: they would silently be no handlers.
fn report_macro_call(input: ParseStream<'_>, errors: &mut Errors) {
    let ahead = input.fork();
    let Ok(path) = Path::parse_mod_style(&ahead) else { return };
    if ahead.peek(Token![!]) {
        errors.push(
            Diagnostic::new(&path, "a macro call among an actor's methods is not accepted")
                .help("`#[actor]` cannot see the methods it would make: write them out")
                .help("or call the macro in a second `impl` block, without `#[actor]`, for helpers"),
        );
    }
}

/// The tokens up to and including the item's `;` or braces. A constant's value may have braces, so
/// only `;` ends what has an `=`.
fn rest(attributes: &[Attribute], input: ParseStream<'_>) -> syn::Result<Item> {
    let mut tokens = TokenStream::new();
    tokens.append_all(attributes);
    let mut has_value = false;
    while !input.is_empty() {
        let token: TokenTree = input.parse()?;
        let ends = match &token {
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace && !has_value,
            TokenTree::Punct(punct) => punct.as_char() == ';',
            _ => false,
        };
        has_value |= matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '=');
        tokens.append(token);
        if ends {
            break;
        }
    }
    Ok(Item::Other(tokens))
}

impl Block {
    /// The block's methods in order, each with its place among the items, counted from 1.
    pub(crate) fn methods(&self) -> impl Iterator<Item = (usize, &Method)> {
        self.items.iter().enumerate().filter_map(|(index, item)| match item {
            Item::Method(method) => Some((index + 1, &**method)),
            Item::Other(_) => None,
        })
    }
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Item::Method(method) => method.to_tokens(tokens),
            Item::Other(other) => other.to_tokens(tokens),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    fn parsed(item: TokenStream) -> (Block, Vec<String>) {
        let mut errors = Errors::new();
        let block = parse(item, &mut errors).expect("a header");
        (block, errors.messages())
    }

    #[test]
    fn bodies_are_untouched() {
        // No parser of expressions would take this body.
        let (block, errors) = parsed(
            quote! { impl A { pub fn f(&self) -> u32 { self. + if let } const X: B = B { x: 1 }; type T = u8; } },
        );
        assert_eq!(errors, Vec::<String>::new());
        assert_eq!(block.items.len(), 3);
        let (_, method) = block.methods().next().expect("a method");
        assert_eq!(method.body.to_string(), quote!({ self. + if let }).to_string());
    }

    #[test]
    fn an_item_that_cannot_be_read_leaves_the_others_alone() {
        let (block, errors) = parsed(quote! { impl A { pub fn f(&self, 1) {} make!(); pub fn g(&self) {} } });
        assert_eq!(errors.len(), 2, "{errors:?}");
        assert_eq!(block.methods().count(), 1);
        assert_eq!(block.items.len(), 3);
    }

    #[test]
    fn a_brace_in_the_signature_is_no_body() {
        let (block, errors) = parsed(quote! { impl A { pub fn f(&self) -> B<{ N }> { 1 } fn g() {} } });
        assert_eq!((block.methods().count(), errors.len()), (2, 0));
    }
}
