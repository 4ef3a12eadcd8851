//! The part that a method plays, and how it answers.

use syn::{Attribute, FnArg, PatType, ReturnType, Signature, Type, Visibility, parse_quote_spanned};

use crate::model::{Handler, Method, Param, ParamKind, Reply, Role};
use crate::normalise::{Plain, names, param};
use crate::parse::mark::Arguments;
use crate::parse::{self, Mark, MarkKind};
use crate::{span, types};

/// Makes one method plain.
pub(crate) fn normalise(source: &parse::Method, place: usize, plain: &Plain<'_>) -> Method {
    let decided = decide(source);
    let hook = match decided {
        Part::Marked(kind) => Some(kind),
        _ => None,
    };
    let params = param::normalise(typed(&source.signature), hook, plain);
    let role = role(source, decided, &params, plain);
    Method {
        place,
        signature: source.signature.clone(),
        visibility: source.visibility.clone(),
        marks: source.marks.clone(),
        cfgs: source.attributes.iter().filter(|attribute| parse::attribute::is_cfg(attribute)).cloned().collect(),
        docs: named(&source.attributes, &["doc", "deprecated"]),
        params,
        role,
        sound: source.sound,
    }
}

/// What the marks and the visibility say, before parameters are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Helper,
    Handler,
    /// A timer, a hook, or a role of a later version.
    Marked(MarkKind),
}

fn decide(source: &parse::Method) -> Part {
    let has = |kind: MarkKind| source.marks.iter().any(|mark| mark.kind == kind);
    if has(MarkKind::Skip) {
        return Part::Helper;
    }
    let role = source.marks.iter().map(|mark| mark.kind).find(|kind| is_own_role(*kind));
    if let Some(kind) = role {
        return Part::Marked(kind);
    }
    let marked = !source.marks.is_empty();
    let public = !matches!(source.visibility, Visibility::Inherited) && !is_pub_self(&source.visibility);
    if marked || (public && source.signature.receiver().is_some()) { Part::Handler } else { Part::Helper }
}

/// `pub(self)` is private, written out.
fn is_pub_self(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Restricted(restricted) if restricted.path.is_ident("self"))
}

/// Whether the mark alone decides what the method is.
pub(crate) fn is_own_role(kind: MarkKind) -> bool {
    !matches!(
        kind,
        MarkKind::Handler
            | MarkKind::Skip
            | MarkKind::Ask
            | MarkKind::Tell
            | MarkKind::Timeout
            | MarkKind::Priority
            | MarkKind::Boxed
    )
}

fn role(source: &parse::Method, part: Part, params: &[Param], plain: &Plain<'_>) -> Role {
    match part {
        Part::Helper => Role::Helper,
        Part::Handler => Role::Handler(Handler {
            variant: names::variant(&source.signature.ident),
            reply: reply(source, params, plain),
        }),
        Part::Marked(MarkKind::OnStart) => Role::Start,
        Part::Marked(MarkKind::OnStop) => Role::Stop,
        Part::Marked(kind) => source
            .marks
            .iter()
            .find_map(|mark| match &mark.arguments {
                Arguments::Every(every) if mark.kind == kind => Some(Role::Timer(every.clone())),
                _ => None,
            })
            .unwrap_or(Role::Later),
    }
}

fn reply(source: &parse::Method, params: &[Param], plain: &Plain<'_>) -> Reply {
    let has = |arguments: &dyn Fn(&Mark) -> bool| source.marks.iter().any(arguments);
    if has(&|mark| mark.kind == MarkKind::Tell) {
        return Reply::Nothing;
    }
    let whole = has(&|mark| mark.arguments == Arguments::Value);
    let split = has(&|mark| mark.arguments == Arguments::Result);
    let fallible = |ty: &Type| split || (!whole && types::is_called(ty, "Result"));
    if let Some(param) = params.iter().find(|param| matches!(param.kind, ParamKind::Reply)) {
        let carrier = plain.ty(&param.source.ty);
        let place = span::at(span::first(&carrier));
        let ty = types::first_argument(&carrier).cloned().unwrap_or_else(|| parse_quote_spanned!(place=> ()));
        return Reply::Deferred { fallible: fallible(&ty), carrier: Box::new(carrier), ty: Box::new(ty) };
    }
    let ty = match &source.signature.output {
        ReturnType::Type(_, ty) => plain.ty(ty),
        ReturnType::Default => {
            let place = span::at(source.signature.ident.span());
            parse_quote_spanned!(place=> ())
        }
    };
    Reply::Value { fallible: fallible(&ty), ty: Box::new(ty) }
}

fn typed(signature: &Signature) -> Vec<&PatType> {
    signature
        .inputs
        .iter()
        .filter_map(|input| match input {
            FnArg::Typed(input) => Some(input),
            FnArg::Receiver(_) => None,
        })
        .collect()
}

fn named(attributes: &[Attribute], names: &[&str]) -> Vec<Attribute> {
    attributes.iter().filter(|attribute| names.iter().any(|name| attribute.path().is_ident(name))).cloned().collect()
}
