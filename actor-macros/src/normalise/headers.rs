//! The generics of generated items.

use proc_macro2::TokenTree;
use quote::ToTokens;
use syn::punctuated::Punctuated;
use syn::visit_mut::{self, VisitMut};
use syn::{GenericParam, Generics, PathArguments, Token, Type, TypeParamBound, TypePath, WherePredicate, parse_quote};

use crate::model::{Headers, Method, Reply, Role};
use crate::normalise::Plain;
use crate::types::{MakeStatic, ReplaceSelf};

/// Containers that put no bound on what they hold.
const UNBOUNDED: [&str; 24] = [
    "Option",
    "Result",
    "Vec",
    "Box",
    "Arc",
    "Rc",
    "HashMap",
    "HashSet",
    "BTreeMap",
    "BTreeSet",
    "VecDeque",
    "BinaryHeap",
    "LinkedList",
    "Mutex",
    "RwLock",
    "Cell",
    "RefCell",
    "PhantomData",
    "Wrapping",
    "Reverse",
    "Reply",
    "Range",
    "Pin",
    "Weak",
];

/// Both shapes of the block's generics.
pub(crate) fn headers(written: &Generics, methods: &[Method], plain: &Plain<'_>) -> Headers {
    let mut full = written.clone();
    full.params = full.params.into_iter().filter(|param| !matches!(param, GenericParam::Lifetime(_))).collect();
    ReplaceSelf(plain.self_ty).visit_generics_mut(&mut full);
    MakeStatic(plain.lifetimes).visit_generics_mut(&mut full);
    add_send(&mut full);
    let bare = if full.params.is_empty() {
        Generics::default()
    } else if needs_bounds(&full, methods) {
        full.clone()
    } else {
        without_bounds(&full)
    };
    Headers { full, bare }
}

/// Adds `Send + 'static` to each type parameter that has not said so itself: a message of an actor
/// crosses threads, and `Cache<Rc<u8>>` should fail where it is first used.
///
/// It goes where the parameter's other bounds are, since clippy wants them in one place.
pub(crate) fn add_send(generics: &mut Generics) {
    let Generics { params, where_clause, .. } = generics;
    for param in params.iter_mut() {
        let GenericParam::Type(param) = param else { continue };
        let elsewhere =
            where_clause.iter_mut().flat_map(|clause| &mut clause.predicates).find_map(|predicate| match predicate {
                WherePredicate::Type(predicate) if is_param(&predicate.bounded_ty, &param.ident) => Some(predicate),
                _ => None,
            });
        match elsewhere {
            Some(predicate) if param.bounds.is_empty() => add_bounds(&mut predicate.bounds),
            _ => {
                param.colon_token.get_or_insert_with(Default::default);
                add_bounds(&mut param.bounds);
            }
        }
    }
}

fn is_param(ty: &Type, param: &syn::Ident) -> bool {
    matches!(ty, Type::Path(path) if path.path.is_ident(param))
}

fn add_bounds(bounds: &mut Punctuated<TypeParamBound, Token![+]>) {
    if !bounds.iter().any(|bound| is_called(bound, "Send")) {
        bounds.push(parse_quote!(::core::marker::Send));
    }
    if !bounds.iter().any(is_static) {
        bounds.push(parse_quote!('static));
    }
}

fn is_called(bound: &TypeParamBound, name: &str) -> bool {
    match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last().is_some_and(|segment| segment.ident == name),
        _ => false,
    }
}

fn is_static(bound: &TypeParamBound) -> bool {
    matches!(bound, TypeParamBound::Lifetime(lifetime) if lifetime.ident == "static")
}

/// Only names, `?Sized`, which is no demand but a freedom, and `'static`, which `Reply<R>` asks for.
fn without_bounds(full: &Generics) -> Generics {
    let mut bare = full.clone();
    for param in &mut bare.params {
        if let GenericParam::Type(param) = param {
            param.bounds = param.bounds.iter().filter(|bound| is_maybe(bound) || is_static(bound)).cloned().collect();
            param.colon_token = (!param.bounds.is_empty()).then(Default::default);
        }
    }
    let freedoms: Vec<WherePredicate> =
        full.where_clause.iter().flat_map(|clause| &clause.predicates).filter_map(freedom).collect();
    bare.where_clause = (!freedoms.is_empty()).then(|| parse_quote!(where #(#freedoms),*));
    bare
}

/// What is left of a predicate on a parameter; `I::Item: 'static` would not stand without `I`'s bounds.
fn freedom(predicate: &WherePredicate) -> Option<WherePredicate> {
    let WherePredicate::Type(predicate) = predicate else { return None };
    if !matches!(&predicate.bounded_ty, Type::Path(path) if path.path.get_ident().is_some()) {
        return None;
    }
    let mut predicate = predicate.clone();
    predicate.bounds = predicate.bounds.into_iter().filter(|bound| is_maybe(bound) || is_static(bound)).collect();
    (!predicate.bounds.is_empty()).then_some(WherePredicate::Type(predicate))
}

fn is_maybe(bound: &TypeParamBound) -> bool {
    matches!(bound, TypeParamBound::Trait(bound) if bound.maybe.is_some())
}

/// Whether a type in the message may not be well-formed without the bounds: an associated type of a
/// parameter (`I::Item`), or a parameter inside of a type that we know nothing about (`Sorted<K>`).
fn needs_bounds(full: &Generics, methods: &[Method]) -> bool {
    let params: Vec<String> = full
        .params
        .iter()
        .filter_map(|param| match param {
            GenericParam::Type(param) => Some(param.ident.to_string()),
            GenericParam::Const(param) => Some(param.ident.to_string()),
            GenericParam::Lifetime(_) => None,
        })
        .collect();
    let mut search = Search { params: &params, found: false };
    for method in methods {
        let Role::Handler(handler) = &method.role else { continue };
        let reply = match &handler.reply {
            Reply::Nothing => None,
            Reply::Value { ty, .. } | Reply::Deferred { ty, .. } => Some(&**ty),
        };
        for ty in method.carried().map(|carried| &carried.ty).chain(reply) {
            search.visit_type_mut(&mut ty.clone());
        }
    }
    search.found
}

struct Search<'a> {
    params: &'a [String],
    found: bool,
}

impl Search<'_> {
    fn mentions(&self, tokens: proc_macro2::TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => self.params.iter().any(|param| ident == param),
            TokenTree::Group(group) => self.mentions(group.stream()),
            _ => false,
        })
    }
}

impl VisitMut for Search<'_> {
    fn visit_type_path_mut(&mut self, ty: &mut TypePath) {
        let segments = &ty.path.segments;
        let first_is_param = segments.first().is_some_and(|first| self.params.iter().any(|param| first.ident == param));
        let projects = (first_is_param && segments.len() > 1) || ty.qself.is_some();
        let strange = segments.last().is_some_and(|last| {
            !matches!(last.arguments, PathArguments::None)
                && !UNBOUNDED.iter().any(|known| last.ident == known)
                && self.mentions(last.arguments.to_token_stream())
        });
        self.found |= projects || strange;
        visit_mut::visit_type_path_mut(self, ty);
    }

    fn visit_type_mut(&mut self, ty: &mut Type) {
        // What a macro in type position makes of a parameter is not known.
        if let Type::Macro(call) = ty {
            self.found |= self.mentions(call.mac.tokens.clone());
        }
        visit_mut::visit_type_mut(self, ty);
    }
}
