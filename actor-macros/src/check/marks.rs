//! Marks that contradict each other or are not available.

use crate::errors::{Diagnostic, Errors};
use crate::model::{Method, Role};
use crate::parse::mark::Arguments;
use crate::parse::{Mark, MarkKind};

/// A skipped method is invisible to the actor, so that another mark on it would do nothing.
pub(super) fn check_skip(method: &Method, errors: &mut Errors) {
    if method.mark(MarkKind::Skip).is_none() {
        return;
    }
    for mark in method.marks.iter().filter(|mark| mark.kind != MarkKind::Skip) {
        let message = format!("`#[{}]` has no effect on a method with `#[skip]`", mark.kind.name());
        errors.push(Diagnostic::new(&mark.attribute, message).help("remove one of the two"));
    }
}

/// A method that is both a timer and a handler would have two callers with different arguments.
pub(super) fn check_one_role(method: &Method, errors: &mut Errors) {
    let mut roles = method.marks.iter().filter(|mark| is_role(mark.kind));
    let Some(first) = roles.next() else { return };
    for mark in roles.filter(|mark| !agree(first.kind, mark.kind)) {
        let message = format!("`#[{}]` conflicts with `#[{}]`", mark.kind.name(), first.kind.name());
        errors.push(Diagnostic::new(&mark.attribute, message).help(
            "a method has one role: message handler, timer, stream or lifecycle hook; share code through a private method",
        ));
    }
}

/// Whether the mark says what a method is, rather than how.
fn is_role(kind: MarkKind) -> bool {
    !matches!(kind, MarkKind::Skip | MarkKind::Timeout | MarkKind::Priority | MarkKind::Boxed)
}

fn agree(first: MarkKind, second: MarkKind) -> bool {
    first == second
        || matches!(
            (first, second),
            (MarkKind::Handler, MarkKind::Ask | MarkKind::Tell) | (MarkKind::Ask | MarkKind::Tell, MarkKind::Handler)
        )
}

/// Limits and lanes belong to messages; a timer or a hook has no caller and no place in the mailbox.
pub(super) fn check_modifiers(method: &Method, errors: &mut Errors) {
    if matches!(method.role, Role::Handler(_) | Role::Helper) {
        return;
    }
    for mark in modifiers(method) {
        let message = format!("`#[{}]` applies to message handlers only", mark.kind.name());
        errors.push(Diagnostic::new(&mark.attribute, message).help("remove it"));
    }
}

fn modifiers(method: &Method) -> impl Iterator<Item = &Mark> {
    method.marks.iter().filter(|mark| matches!(mark.kind, MarkKind::Timeout | MarkKind::Priority | MarkKind::Boxed))
}

/// A mark of a later version must not be a silent no-op.
pub(super) fn check_available(method: &Method, errors: &mut Errors) {
    let modifiers_reported = !matches!(method.role, Role::Handler(_));
    for mark in &method.marks {
        let Some((form, instead)) = later(mark, method) else { continue };
        let modifies = matches!(mark.kind, MarkKind::Timeout | MarkKind::Priority | MarkKind::Boxed);
        if method.mark(MarkKind::Skip).is_some() || (modifies && modifiers_reported) {
            continue;
        }
        let message = format!("`#[{form}]` is not available in this version of actor-core");
        errors.push(Diagnostic::new(&mark.attribute, message).help(instead));
    }
}

/// How the mark is called and what to use until it is there; `None` when it is there.
fn later(mark: &Mark, method: &Method) -> Option<(&'static str, String)> {
    let name = method.name();
    let from_task = |source: &str| {
        format!("read the {source} in a task of its own and send each item: `handle.{name}(item).tell().await`")
    };
    let instead = match mark.kind {
        MarkKind::Handler if mark.arguments == Arguments::Always => {
            return Some((
                "handler(always)",
                "write `#[handler]` and send with `.tell()`, which is never skipped".to_owned(),
            ));
        }
        MarkKind::Stream => from_task("stream"),
        MarkKind::Recv => from_task("receiver"),
        MarkKind::Watch => from_task("watched value"),
        MarkKind::Broadcast => from_task("broadcast receiver"),
        MarkKind::After => {
            format!("make it a handler; sleep in a task of its own, then send `handle.{name}().tell().await`")
        }
        MarkKind::Timeout => {
            "use `#[actor(ask_timeout = \"2s\")]` for all handlers, or `.timeout(..)` at the call".to_owned()
        }
        MarkKind::Priority => "remove it: messages are handled in the order they were sent".to_owned(),
        MarkKind::Boxed => "take `Box<T>` as the argument".to_owned(),
        MarkKind::OnPanic => "await `handle.stopped()` outside of the actor: its `Exit` says what happened".to_owned(),
        MarkKind::OnExit => {
            format!("await `other.stopped()` in a task of its own, then send `handle.{name}(exit).tell().await`")
        }
        MarkKind::OnIdle => "use `#[every(..)]` and keep the time of the last message in a field".to_owned(),
        _ => return None,
    };
    Some((mark.kind.name(), instead))
}

/// The second mark would win or lose silently.
pub(super) fn check_twice(method: &Method, errors: &mut Errors) {
    for (index, mark) in method.marks.iter().enumerate() {
        if method.marks.iter().take(index).any(|earlier| earlier.kind == mark.kind) {
            let message = format!("`#[{}]` is given twice", mark.kind.name());
            errors.push(Diagnostic::new(&mark.attribute, message).help("remove one of the two"));
        }
    }
}
