//! Questions about types, answered from their syntax alone.

use syn::visit_mut::{self, VisitMut};
use syn::{Expr, ExprPath, Lifetime, PathArguments, PathSegment, QSelf, Type, TypePath, TypeReference};

use crate::span;

/// The type without parentheses and without the invisible groups that `macro_rules!` leaves.
pub(crate) fn peel(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => peel(&group.elem),
        Type::Paren(paren) => peel(&paren.elem),
        ty => ty,
    }
}

/// The last segment of a path type: `Result<()>` of `io::Result<()>`.
pub(crate) fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match peel(ty) {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// Whether the type is a path that ends in `name`.
pub(crate) fn is_called(ty: &Type, name: &str) -> bool {
    last_segment(ty).is_some_and(|segment| segment.ident == name)
}

/// The first type argument: `T` of `Reply<T>`.
pub(crate) fn first_argument(ty: &Type) -> Option<&Type> {
    let PathArguments::AngleBracketed(arguments) = &last_segment(ty)?.arguments else {
        return None;
    };
    arguments.args.iter().find_map(|argument| match argument {
        syn::GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// Whether the type is written `()`.
pub(crate) fn is_unit(ty: &Type) -> bool {
    matches!(peel(ty), Type::Tuple(tuple) if tuple.elems.is_empty())
}

/// A borrowed or otherwise immovable part of a type.
#[derive(Debug)]
pub(crate) enum Loan {
    /// `&mut T`
    Exclusive(String),
    /// `&T`, or a path with `'_`.
    Shared(String),
    /// `*const T`, `*mut T`
    Pointer,
    /// `impl Trait`
    Opaque,
}

/// The first part of `ty` that cannot travel in a message, if any.
///
/// `'static` borrows may travel; what stands in `fn(&T)` or `dyn Fn(&T)` borrows at each call only.
pub(crate) fn loan(ty: &Type) -> Option<Loan> {
    let mut search = Search(None);
    search.visit_type_mut(&mut ty.clone());
    search.0
}

struct Search(Option<Loan>);

impl VisitMut for Search {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if self.0.is_some() {
            return;
        }
        match ty {
            Type::FnPtr(_) => {}
            Type::Ptr(_) => self.0 = Some(Loan::Pointer),
            Type::ImplTrait(_) => self.0 = Some(Loan::Opaque),
            Type::Reference(reference) if !is_static(reference) => self.0 = Some(shape(reference)),
            Type::Path(path) if path.path.segments.iter().any(has_elided) => {
                self.0 = Some(Loan::Shared(span::text(path)));
            }
            _ => visit_mut::visit_type_mut(self, ty),
        }
    }

    fn visit_parenthesized_generic_arguments_mut(&mut self, _: &mut syn::ParenthesizedGenericArguments) {}

    // An array's length is no part of what the type borrows.
    fn visit_expr_mut(&mut self, _: &mut Expr) {}
}

fn is_static(reference: &TypeReference) -> bool {
    reference.lifetime.as_ref().is_some_and(|lifetime| lifetime.ident == "static")
}

fn shape(reference: &TypeReference) -> Loan {
    let text = span::text(reference);
    if reference.mutability.is_some() { Loan::Exclusive(text) } else { Loan::Shared(text) }
}

fn has_elided(segment: &PathSegment) -> bool {
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else {
        return false;
    };
    arguments
        .args
        .iter()
        .any(|argument| matches!(argument, syn::GenericArgument::Lifetime(lifetime) if lifetime.ident == "_"))
}

/// Puts the real type where the user wrote `Self`, shown where `Self` stood: in a generated item
/// `Self` would be that item.
pub(crate) struct ReplaceSelf<'a>(pub &'a Type);

impl ReplaceSelf<'_> {
    fn real(&self, place: proc_macro2::Span) -> Type {
        let tokens = span::respan(quote::ToTokens::to_token_stream(self.0), place);
        syn::parse2(tokens).unwrap_or_else(|_| self.0.clone())
    }

    /// `Self::Item` becomes `<Cache<K>>::Item`.
    fn qualify(&self, qself: &mut Option<QSelf>, path: &mut syn::Path) {
        let Some(first) = path.segments.first() else { return };
        if qself.is_some() || first.ident != "Self" || path.segments.len() < 2 {
            return;
        }
        let place = first.ident.span();
        path.segments = path.segments.iter().skip(1).cloned().collect();
        path.leading_colon = Some(syn::Token![::](span::at(place)));
        *qself = Some(QSelf {
            lt_token: syn::Token![<](span::at(place)),
            ty: Box::new(self.real(place)),
            position: 0,
            as_token: None,
            gt_token: syn::Token![>](span::at(place)),
        });
    }
}

impl VisitMut for ReplaceSelf<'_> {
    fn visit_type_mut(&mut self, ty: &mut Type) {
        if let Type::Path(TypePath { qself: None, path, .. }) = ty
            && path.is_ident("Self")
        {
            *ty = self.real(span::first(path));
            return;
        }
        visit_mut::visit_type_mut(self, ty);
    }

    fn visit_type_path_mut(&mut self, ty: &mut TypePath) {
        visit_mut::visit_type_path_mut(self, ty);
        self.qualify(&mut ty.qself, &mut ty.path);
    }

    fn visit_expr_path_mut(&mut self, expr: &mut ExprPath) {
        visit_mut::visit_expr_path_mut(self, expr);
        self.qualify(&mut expr.qself, &mut expr.path);
    }
}

/// Makes every lifetime of the header `'static`: what is emitted beside the error about them must
/// not fail once more.
pub(crate) struct MakeStatic<'a>(pub &'a [Lifetime]);

impl VisitMut for MakeStatic<'_> {
    fn visit_lifetime_mut(&mut self, lifetime: &mut Lifetime) {
        if lifetime.ident == "_" || self.0.iter().any(|known| known.ident == lifetime.ident) {
            *lifetime = Lifetime::new("'static", lifetime.span());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::ToTokens;
    use syn::parse_quote;

    #[test]
    fn loans_are_found_wherever_they_hide() {
        let found = |ty: Type| format!("{:?}", loan(&ty));
        assert_eq!(found(parse_quote!(Option<&str>)), "Some(Shared(\"&str\"))");
        assert_eq!(found(parse_quote!((u8, &mut Vec<u8>))), "Some(Exclusive(\"&mut Vec<u8>\"))");
        assert_eq!(found(parse_quote!(Cow<'_, str>)), "Some(Shared(\"Cow<'_, str>\"))");
        assert_eq!(found(parse_quote!(Vec<*const u8>)), "Some(Pointer)");
        assert_eq!(found(parse_quote!(impl Into<String>)), "Some(Opaque)");
        assert_eq!(found(parse_quote!(&'static str)), "None");
        assert_eq!(found(parse_quote!(Box<dyn Fn(&str) -> &u8 + Send>)), "None");
        assert_eq!(found(parse_quote!(fn(&str) -> &str)), "None");
    }

    #[test]
    fn self_is_replaced_at_any_depth() {
        let real: Type = parse_quote!(Cache<K>);
        let mut ty: Type = parse_quote!(Vec<(Self, Self::Item, [u8; Self::N])>);
        ReplaceSelf(&real).visit_type_mut(&mut ty);
        let wanted: Type = parse_quote!(Vec<(Cache<K>, <Cache<K>>::Item, [u8; <Cache<K>>::N])>);
        assert_eq!(ty.to_token_stream().to_string(), wanted.to_token_stream().to_string());
    }
}
