//! The options in `#[actor(..)]`, on the struct and on the impl.

use proc_macro2::{Ident, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::{Expr, ExprLit, Lit, LitStr, Path, Token};

use crate::errors::{Diagnostic, Errors};
use crate::parse::{duration, suggest};

/// Where the attribute stands: some options belong to the impl alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    State,
    Block,
}

/// The options that were given and understood.
#[derive(Default)]
pub(crate) struct Options {
    pub mailbox: Option<Expr>,
    pub name: Option<LitStr>,
    pub overflow: Option<Overflow>,
    pub ask_timeout: Option<u64>,
    pub on_error: Option<OnError>,
    pub handle: Option<Ident>,
    pub message: Option<Ident>,
    pub krate: Option<Path>,
    pub debug: bool,
}

/// What a full mailbox does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Overflow {
    Wait,
    Reject,
    DropNewest,
    DropOldest,
}

/// What an error that nobody waits for does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnError {
    Report,
    Fail,
}

const KNOWN: [&str; 9] = ["mailbox", "name", "overflow", "ask_timeout", "on_error", "handle", "msg", "crate", "debug"];

/// Options of a later version, each with what to do until then.
const LATER: [(&str, &str); 4] = [
    ("extend", "put all handlers into the one `#[actor]` impl block; helpers may stand in others"),
    ("local", "an actor must be `Send`: keep what is not in a thread of its own and talk to it by a channel"),
    ("thread", "run blocking code with the runtime's `spawn_blocking`"),
    ("concurrent", "one message is handled at a time: spawn several actors and share the work among them"),
];

/// Reads all options; what is wrong is reported and the rest is kept.
pub(crate) fn parse(tokens: TokenStream, place: Place, errors: &mut Errors) -> Options {
    let mut options = Options::default();
    let read = |input: ParseStream<'_>| {
        let mut seen: Vec<String> = Vec::new();
        while !input.is_empty() {
            if let Err(error) = option(input, place, &mut options, &mut seen) {
                errors.push(error);
            }
            skip_to_comma(input)?;
        }
        Ok(())
    };
    if let Err(error) = read.parse2(tokens) {
        errors.push(error);
    }
    options
}

/// Behind an option that was read a comma comes; behind an error what belongs to it is left out.
fn skip_to_comma(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && input.parse::<Option<Token![,]>>()?.is_none() {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}

fn option(
    input: ParseStream<'_>,
    place: Place,
    options: &mut Options,
    seen: &mut Vec<String>,
) -> Result<(), Diagnostic> {
    let option = input.call(Ident::parse_any)?;
    let name = option.to_string();
    if let Some((_, instead)) = LATER.iter().find(|(later, _)| *later == name) {
        let message = format!("the option `{name}` is not available in this version of actor-core");
        return Err(Diagnostic::new(&option, message).help(*instead));
    }
    if !KNOWN.contains(&name.as_str()) {
        return Err(unknown(&option, &name));
    }
    if place == Place::State && matches!(name.as_str(), "handle" | "msg" | "debug") {
        return Err(Diagnostic::new(&option, format!("the option `{name}` belongs to the `impl` block"))
            .help(format!("move `{name}` to the `#[actor(..)]` of the `impl` block")));
    }
    if seen.contains(&name) {
        return Err(
            Diagnostic::new(&option, format!("the option `{name}` is given twice")).help("remove one of the two")
        );
    }
    value(&option, &name, input, options)?;
    seen.push(name);
    if !input.is_empty() && !input.peek(Token![,]) {
        return Err(Diagnostic::at(input.span(), "expected `,`"));
    }
    Ok(())
}

fn value(option: &Ident, name: &str, input: ParseStream<'_>, options: &mut Options) -> Result<(), Diagnostic> {
    match name {
        "mailbox" => options.mailbox = Some(mailbox(given(option, "128", input)?)?),
        "name" => options.name = Some(given(option, "\"cache\"", input)?),
        "overflow" => options.overflow = Some(overflow(&given(option, "reject", input)?)?),
        "ask_timeout" => options.ask_timeout = Some(duration::parse(&given(option, "\"5s\"", input)?)?),
        "on_error" => options.on_error = Some(on_error(&given(option, "report", input)?)?),
        "handle" => options.handle = Some(given(option, "CacheHandle", input)?),
        "msg" => options.message = Some(given(option, "CacheMessage", input)?),
        "crate" => options.krate = Some(krate(option, input)?),
        _ if input.peek(Token![=]) => {
            return Err(Diagnostic::new(option, format!("the option `{name}` takes no value"))
                .help(format!("write `{name}` alone")));
        }
        _ => options.debug = true,
    }
    Ok(())
}

/// `= value`, with an example in the error when it is missing.
fn given<T: Parse>(option: &Ident, example: &str, input: ParseStream<'_>) -> Result<T, Diagnostic> {
    equals(option, example, input)?;
    Ok(input.parse()?)
}

fn equals(option: &Ident, example: &str, input: ParseStream<'_>) -> Result<(), Diagnostic> {
    if input.parse::<Option<Token![=]>>()?.is_none() {
        return Err(Diagnostic::new(option, format!("the option `{option}` needs a value"))
            .help(format!("`{option} = {example}`")));
    }
    Ok(())
}

fn krate(option: &Ident, input: ParseStream<'_>) -> Result<Path, Diagnostic> {
    equals(option, "my_crate::actor_core", input)?;
    Ok(Path::parse_mod_style(input)?)
}

/// A literal is looked at here; a constant is checked by the mailbox when it is built.
fn mailbox(capacity: Expr) -> Result<Expr, Diagnostic> {
    match &capacity {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) if number.base10_digits() != "0" => {}
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => {
            return Err(Diagnostic::new(number, "a mailbox must hold at least 1 message")
                .help("every mailbox is bounded; the default is 64"));
        }
        Expr::Lit(_) | Expr::Unary(_) => {
            return Err(
                Diagnostic::new(&capacity, "the capacity of a mailbox is a number of messages").help("`mailbox = 128`")
            );
        }
        _ => {}
    }
    Ok(capacity)
}

fn overflow(policy: &Ident) -> Result<Overflow, Diagnostic> {
    Ok(match policy.to_string().as_str() {
        "wait" => Overflow::Wait,
        "reject" => Overflow::Reject,
        "drop_newest" => Overflow::DropNewest,
        "drop_oldest" => Overflow::DropOldest,
        other => {
            let error = Diagnostic::new(policy, format!("unknown overflow policy `{other}`"));
            return Err(match suggest::nearest(other, ["wait", "reject", "drop_newest", "drop_oldest"]) {
                Some(known) => error.help(format!("did you mean `{known}`?")),
                None => error.help("use `wait`, `reject`, `drop_newest` or `drop_oldest`"),
            });
        }
    })
}

fn on_error(policy: &Ident) -> Result<OnError, Diagnostic> {
    Ok(match policy.to_string().as_str() {
        "report" => OnError::Report,
        "fail" => OnError::Fail,
        other => {
            return Err(
                Diagnostic::new(policy, format!("unknown error policy `{other}`")).help("use `report` or `fail`")
            );
        }
    })
}

fn unknown(option: &Ident, name: &str) -> Diagnostic {
    let error = Diagnostic::new(option, format!("unknown `#[actor]` option `{name}`"));
    match suggest::nearest(name, KNOWN) {
        Some(known) => error.help(format!("did you mean `{known}`?")),
        None => error.help(format!("the options are `{}`", KNOWN.join("`, `"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    fn errors_of(tokens: TokenStream, place: Place) -> Vec<String> {
        let mut errors = Errors::new();
        parse(tokens, place, &mut errors);
        errors.messages()
    }

    #[test]
    fn all_options_are_read() {
        let mut errors = Errors::new();
        let options = parse(
            quote! {
                mailbox = CAPACITY, name = "a", overflow = drop_oldest, ask_timeout = "5s", on_error = fail,
                handle = H, msg = M, crate = crate::core, debug,
            },
            Place::Block,
            &mut errors,
        );
        assert_eq!(errors.messages(), Vec::<String>::new());
        assert_eq!(options.overflow, Some(Overflow::DropOldest));
        assert_eq!(options.ask_timeout, Some(5_000_000_000));
        assert_eq!(options.on_error, Some(OnError::Fail));
        assert!(options.debug && options.mailbox.is_some() && options.krate.is_some());
    }

    #[test]
    fn each_wrong_option_is_one_error_and_the_rest_is_kept() {
        let found = errors_of(
            quote!(mailbox = 0, mailbx = 8, overflow = x, ask_timeout = 5, local, name, debug = true, name = "a" "b"),
            Place::Block,
        );
        assert_eq!(
            found,
            [
                "a mailbox must hold at least 1 message",
                "unknown `#[actor]` option `mailbx`",
                "unknown overflow policy `x`",
                "expected string literal",
                "the option `local` is not available in this version of actor-core",
                "the option `name` needs a value",
                "the option `debug` takes no value",
                "expected `,`",
            ]
        );
    }

    #[test]
    fn some_options_belong_to_the_impl() {
        assert_eq!(errors_of(quote!(handle = H), Place::State), ["the option `handle` belongs to the `impl` block"]);
        assert_eq!(errors_of(quote!(crate = a::b), Place::State), Vec::<String>::new());
    }
}
