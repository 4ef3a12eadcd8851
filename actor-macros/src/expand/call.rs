//! The call of a user's method out of generated code.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

use crate::model::{Actor, Method, ParamKind};
use crate::span;

/// `Self::get(self, key, cx)`, awaited if it is a future.
///
/// All of it stands at the method's name: a future that is not `Send` is an error there, and
/// [`checked`] sees to it that the future around it is not a second one.
pub(super) fn call(actor: &Actor, method: &Method) -> TokenStream {
    let (name, private) = (method.called(), actor.private());
    let arguments = method.params.iter().map(|param| argument(&param.kind));
    let call = quote!(Self::#name(self #(, #arguments)*));
    let call = if method.is_async() { quote!(#private::checked(#call).await) } else { call };
    span::respan(call, name.span())
}

fn argument(kind: &ParamKind) -> TokenStream {
    let name = match kind {
        ParamKind::Carried(carried) if carried.lent => {
            let field = &carried.field;
            return quote!(&#field);
        }
        ParamKind::Carried(carried) => carried.field.clone(),
        ParamKind::Context => span::local("cx"),
        ParamKind::Reply => span::local("reply"),
        ParamKind::Exit => span::local("exit"),
    };
    name.into_token_stream()
}
