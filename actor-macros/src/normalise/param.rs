//! What each parameter is, told by its type.

use proc_macro2::{Ident, Span};
use syn::{Pat, PatType, Type, TypeReference, parse_quote_spanned};

use crate::model::{Carried, Param, ParamKind};
use crate::normalise::Plain;
use crate::parse::MarkKind;
use crate::{span, types};

/// Makes the parameters plain, in order. `hook` is the hook the method is, if any.
pub(crate) fn normalise(inputs: Vec<&PatType>, hook: Option<MarkKind>, plain: &Plain<'_>) -> Vec<Param> {
    let taken: Vec<String> =
        inputs.iter().filter_map(|input| plain_name(&input.pat)).map(ToString::to_string).collect();
    let mut params: Vec<Param> = Vec::new();
    for (index, input) in inputs.into_iter().enumerate() {
        let kind = match special(&input.ty, hook) {
            Some(kind) => kind,
            None => ParamKind::Carried(Box::new(carried(input, index, &taken, plain))),
        };
        params.push(Param { source: input.clone(), kind });
    }
    params
}

fn special(ty: &Type, hook: Option<MarkKind>) -> Option<ParamKind> {
    if types::is_called(ty, "Reply") {
        return Some(ParamKind::Reply);
    }
    let Type::Reference(reference) = types::peel(ty) else { return None };
    if types::is_called(&reference.elem, "Context") {
        return Some(ParamKind::Context);
    }
    (hook == Some(MarkKind::OnStop) && reference.mutability.is_none() && types::is_called(&reference.elem, "Exit"))
        .then_some(ParamKind::Exit)
}

fn carried(input: &PatType, index: usize, taken: &[String], plain: &Plain<'_>) -> Carried {
    let field = match plain_name(&input.pat) {
        Some(name) => span::ours(name),
        None => Ident::new(&free_name(index, taken), span::at(span::first(&input.pat))),
    };
    let owned = match types::peel(&input.ty) {
        Type::Reference(reference) => owned(reference),
        _ => None,
    };
    let lent = owned.is_some();
    Carried { field, ty: plain.ty(owned.as_ref().unwrap_or(&input.ty)), lent }
}

/// The name of `x` and `mut x`; other patterns have none.
fn plain_name(pat: &Pat) -> Option<&Ident> {
    match pat {
        Pat::Ident(pat) => Some(&pat.ident),
        _ => None,
    }
}

/// `arg0`, or with underscores behind it when the user has a parameter of that name.
fn free_name(index: usize, taken: &[String]) -> String {
    let mut name = format!("arg{index}");
    while taken.contains(&name) {
        name.push('_');
    }
    name
}

/// What a borrowed argument is while it travels: `String` for `&str`, `Vec<T>` for `&[T]`,
/// `PathBuf` for `&Path`. `&'static str` travels as it is.
fn owned(reference: &TypeReference) -> Option<Type> {
    if reference.mutability.is_some() || reference.lifetime.is_some() {
        return None;
    }
    let place: Span = span::at(span::first(reference));
    match types::peel(&reference.elem) {
        Type::Path(path) if path.path.is_ident("str") => Some(parse_quote_spanned!(place=> ::std::string::String)),
        Type::Slice(slice) if types::loan(&slice.elem).is_none() => {
            let elem = &slice.elem;
            Some(parse_quote_spanned!(place=> ::std::vec::Vec<#elem>))
        }
        elem if types::is_called(elem, "Path") => Some(parse_quote_spanned!(place=> ::std::path::PathBuf)),
        _ => None,
    }
}
