//! Timers and hooks: the actor calls them, with what it has.

use quote::ToTokens;

use crate::errors::{Diagnostic, Errors};
use crate::model::{Method, ParamKind, Role};
use crate::types;

/// Nobody could pass another argument.
pub(super) fn check_params(method: &Method, errors: &mut Errors) {
    let takes = match &method.role {
        Role::Timer(_) | Role::Start => "take only `&mut self` and optionally `cx: &mut Context<Self>`",
        Role::Stop => "take only `&mut self` and optionally `why: &Exit` and `cx: &mut Context<Self>`",
        _ => return,
    };
    let Some(part) = method.part() else { return };
    let mut exit_seen = false;
    for param in &method.params {
        let fits = match &param.kind {
            ParamKind::Context => true,
            ParamKind::Exit => !std::mem::replace(&mut exit_seen, true),
            // Reported by the check of the context already.
            ParamKind::Carried(_) => types::is_called(&param.source.ty, "Context"),
            ParamKind::Reply => false,
        };
        if !fits {
            let error = Diagnostic::new(&param.source.to_token_stream(), format!("{part} {takes}"));
            errors.push(match &method.role {
                Role::Stop if types::is_called(&param.source.ty, "Exit") => error.help("write `why: &Exit`"),
                _ => error,
            });
        }
    }
}
