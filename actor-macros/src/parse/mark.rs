//! The marks that a method can carry.

use proc_macro2::TokenStream;
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Ident, LitStr, Meta, Token};

use crate::errors::{Diagnostic, Errors};
use crate::parse::{duration, suggest};

/// Every mark there is, in this version or a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MarkKind {
    Handler,
    Skip,
    Ask,
    Tell,
    Timeout,
    Priority,
    Every,
    After,
    Stream,
    Recv,
    Watch,
    Broadcast,
    OnStart,
    OnStop,
    OnPanic,
    OnExit,
    OnIdle,
    Boxed,
}

impl MarkKind {
    const ALL: [(MarkKind, &'static str); 18] = [
        (MarkKind::Handler, "handler"),
        (MarkKind::Skip, "skip"),
        (MarkKind::Ask, "ask"),
        (MarkKind::Tell, "tell"),
        (MarkKind::Timeout, "timeout"),
        (MarkKind::Priority, "priority"),
        (MarkKind::Every, "every"),
        (MarkKind::After, "after"),
        (MarkKind::Stream, "stream"),
        (MarkKind::Recv, "recv"),
        (MarkKind::Watch, "watch"),
        (MarkKind::Broadcast, "broadcast"),
        (MarkKind::OnStart, "on_start"),
        (MarkKind::OnStop, "on_stop"),
        (MarkKind::OnPanic, "on_panic"),
        (MarkKind::OnExit, "on_exit"),
        (MarkKind::OnIdle, "on_idle"),
        (MarkKind::Boxed, "boxed"),
    ];

    /// The mark called `name`.
    pub(crate) fn named(name: &str) -> Option<MarkKind> {
        Self::ALL.iter().find(|(_, known)| *known == name).map(|(kind, _)| *kind)
    }

    /// The name as written in `#[..]`.
    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, name)| name)
    }

    /// All names, for "did you mean".
    pub(crate) fn names() -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().map(|(_, name)| *name)
    }
}

/// A mark as written.
#[derive(Clone)]
pub(crate) struct Mark {
    pub kind: MarkKind,
    /// The attribute itself, which errors underline.
    pub attribute: Attribute,
    pub arguments: Arguments,
}

/// What stands in the parentheses of a mark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Arguments {
    None,
    /// `#[ask(value)]`
    Value,
    /// `#[ask(result)]`
    Result,
    /// `#[handler(always)]`
    Always,
    /// `#[every("5s", missed = skip, immediate)]`
    Every(Every),
    /// Something else, of a mark that is not available yet: never looked at.
    Unread,
}

/// A timer's period and how it keeps it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Every {
    pub nanos: u64,
    pub missed: Option<Missed>,
    pub immediate: bool,
}

/// What happens to ticks that came while the actor was busy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Missed {
    Delay,
    Skip,
    Burst,
}

/// Reads a mark; on an error it is reported and the result is `None`.
pub(crate) fn parse(kind: MarkKind, attribute: &Attribute, errors: &mut Errors) -> Option<Mark> {
    let before = errors.len();
    let arguments = match kind {
        MarkKind::Handler => word(attribute, &[("always", Arguments::Always)], errors),
        MarkKind::Ask => word(attribute, &[("value", Arguments::Value), ("result", Arguments::Result)], errors),
        MarkKind::Skip | MarkKind::Tell | MarkKind::OnStart | MarkKind::OnStop => word(attribute, &[], errors),
        MarkKind::Every => every(attribute, errors),
        _ => Arguments::Unread,
    };
    (errors.len() == before).then(|| Mark { kind, attribute: attribute.clone(), arguments })
}

/// A mark that takes one of a few words, or nothing.
fn word(attribute: &Attribute, known: &[(&str, Arguments)], errors: &mut Errors) -> Arguments {
    let name = crate::span::text(attribute.path());
    let list = match &attribute.meta {
        Meta::Path(_) => return Arguments::None,
        Meta::List(list) => list.tokens.clone(),
        Meta::NameValue(_) => TokenStream::new(),
    };
    let found = syn::parse2::<Ident>(list.clone())
        .ok()
        .and_then(|word| known.iter().find(|(name, _)| word == name).map(|(_, arguments)| arguments.clone()));
    if let Some(arguments) = found {
        return arguments;
    }
    let error = if known.is_empty() {
        Diagnostic::new(attribute, format!("`#[{name}]` takes no arguments")).help(format!("write `#[{name}]`"))
    } else {
        let forms: Vec<String> = known.iter().map(|(word, _)| format!("`#[{name}({word})]`")).collect();
        let place = if list.is_empty() { quote::ToTokens::to_token_stream(attribute) } else { list };
        Diagnostic::new(&place, format!("unknown argument of `#[{name}]`"))
            .help(format!("write `#[{name}]` or {}", forms.join(" or ")))
    };
    errors.push(error);
    Arguments::None
}

/// `#[every("5s", missed = delay|skip|burst, immediate)]`
fn every(attribute: &Attribute, errors: &mut Errors) -> Arguments {
    let tokens = match &attribute.meta {
        Meta::List(list) if !list.tokens.is_empty() => list.tokens.clone(),
        _ => {
            errors.push(Diagnostic::new(attribute, "`#[every]` needs a period").help("`#[every(\"5s\")]`"));
            return Arguments::None;
        }
    };
    match (|input: ParseStream<'_>| Ok(read_every(input))).parse2(tokens) {
        Ok(Ok(every)) => return Arguments::Every(every),
        Ok(Err(error)) => errors.push(error),
        Err(error) => errors.push(error),
    }
    Arguments::None
}

fn read_every(input: ParseStream<'_>) -> Result<Every, Diagnostic> {
    let result = read_every_options(input);
    if result.is_err() {
        // What follows the error is not looked at; syn would report it as a second error.
        let _: TokenStream = input.parse()?;
    }
    result
}

fn read_every_options(input: ParseStream<'_>) -> Result<Every, Diagnostic> {
    let nanos = duration::parse(&input.parse::<LitStr>()?)?;
    let mut every = Every { nanos, missed: None, immediate: false };
    while !input.is_empty() {
        input.parse::<Token![,]>()?;
        if input.is_empty() {
            break;
        }
        let option: Ident = input.parse()?;
        match option.to_string().as_str() {
            "immediate" if every.immediate => return Err(twice(&option)),
            "immediate" => every.immediate = true,
            "missed" if every.missed.is_some() => return Err(twice(&option)),
            "missed" => every.missed = Some(read_missed(input)?),
            other => return Err(unknown_option(&option, other)),
        }
    }
    Ok(every)
}

fn twice(option: &Ident) -> Diagnostic {
    Diagnostic::new(option, format!("`{option}` is given twice")).help("remove one of the two")
}

fn unknown_option(option: &Ident, name: &str) -> Diagnostic {
    let error = Diagnostic::new(option, format!("unknown `#[every]` option `{name}`"));
    match suggest::nearest(name, ["missed", "immediate"]) {
        Some(known) => error.help(format!("did you mean `{known}`?")),
        None => error.help("the options are `missed = delay|skip|burst` and `immediate`"),
    }
}

fn read_missed(input: ParseStream<'_>) -> Result<Missed, Diagnostic> {
    input.parse::<Token![=]>()?;
    let policy: Ident = input.parse()?;
    Ok(match policy.to_string().as_str() {
        "delay" => Missed::Delay,
        "skip" => Missed::Skip,
        "burst" => Missed::Burst,
        other => {
            return Err(Diagnostic::new(&policy, format!("unknown policy `{other}` for missed ticks"))
                .help("use `delay`, `skip` or `burst`"));
        }
    })
}
