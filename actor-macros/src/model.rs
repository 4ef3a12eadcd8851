//! The actor in plain terms: what the checks judge and the expansion emits.

use proc_macro2::{Ident, Span};
use syn::{Attribute, Generics, Lifetime, Path, Signature, Type, Visibility};

use crate::parse::mark::Every;
use crate::parse::{Mark, Options};

/// One `#[actor] impl`, made plain.
pub(crate) struct Actor {
    /// `Cache` of `impl<K> module::Cache<K>`.
    pub name: Ident,
    /// The type as written, without lifetimes of its own.
    pub self_ty: Type,
    /// `CacheHandle`
    pub handle: Ident,
    /// `CacheMessage`
    pub message: Ident,
    /// Named lifetimes of the header: an error, but one that must not lead to others.
    pub lifetimes: Vec<Lifetime>,
    pub headers: Headers,
    /// `::actor_core`, or what `crate = path` says.
    pub krate: Path,
    pub options: Options,
    pub methods: Vec<Method>,
}

/// The block's generics in two shapes. Neither holds `Self` nor a lifetime.
pub(crate) struct Headers {
    /// All bounds, and `Send + 'static` on each type.
    pub full: Generics,
    /// What stands on message and handle: no bounds where the fields need none, so that a user can
    /// hold a handle without repeating them.
    pub bare: Generics,
}

/// A method of the block with the part it plays.
pub(crate) struct Method {
    /// Which item of the block it is, counted from 1.
    pub place: usize,
    /// As written, for checks and errors.
    pub signature: Signature,
    pub visibility: Visibility,
    pub marks: Vec<Mark>,
    /// `#[cfg(..)]`: on every site that is emitted for the method.
    pub cfgs: Vec<Attribute>,
    /// `///` and `#[deprecated]`: on the handle's method too.
    pub docs: Vec<Attribute>,
    pub params: Vec<Param>,
    pub role: Role,
    /// Whether no error was found in it: only then is anything emitted for it.
    pub sound: bool,
}

/// The part that a method plays.
pub(crate) enum Role {
    /// Private, without `self`, or `#[skip]`.
    Helper,
    Handler(Handler),
    Timer(Every),
    Start,
    Stop,
    /// A role that a later version knows.
    Later,
}

/// A message handler.
pub(crate) struct Handler {
    /// `Get` of `get`.
    pub variant: Ident,
    pub reply: Reply,
}

/// How a handler answers.
pub(crate) enum Reply {
    /// `#[tell]`: not at all.
    Nothing,
    /// With what it returns.
    Value { ty: Box<Type>, fallible: bool },
    /// Later, through its `reply: Reply<T>` parameter, whose whole type is `carrier`.
    Deferred { carrier: Box<Type>, ty: Box<Type>, fallible: bool },
}

/// One parameter besides `self`.
pub(crate) struct Param {
    /// As written.
    pub source: syn::PatType,
    pub kind: ParamKind,
}

/// What a parameter is, told by its type.
pub(crate) enum ParamKind {
    /// Travels in the message.
    Carried(Box<Carried>),
    /// `cx: &mut Context<Self>`
    Context,
    /// `reply: Reply<T>`
    Reply,
    /// `why: &Exit` of `#[on_stop]`
    Exit,
}

/// A parameter that travels in the message.
pub(crate) struct Carried {
    /// The field's name: the parameter's, or `arg0` for a pattern.
    pub field: Ident,
    /// The type in the message: `String` for `&str`.
    pub ty: Type,
    /// Whether the handler gets a borrow of it and the handle's method takes `impl Into<_>`.
    pub lent: bool,
}

impl Method {
    /// The handler's name.
    pub(crate) fn name(&self) -> &Ident {
        &self.signature.ident
    }

    pub(crate) fn is_async(&self) -> bool {
        self.signature.asyncness.is_some()
    }

    /// The parameters that travel.
    pub(crate) fn carried(&self) -> impl Iterator<Item = &Carried> {
        self.params.iter().filter_map(|param| match &param.kind {
            ParamKind::Carried(carried) => Some(&**carried),
            _ => None,
        })
    }

    /// The first mark of a kind.
    pub(crate) fn mark(&self, kind: crate::parse::MarkKind) -> Option<&Mark> {
        self.marks.iter().find(|mark| mark.kind == kind)
    }

    /// Where an error about the return type belongs: at it, or at the name when there is none.
    pub(crate) fn output_place(&self) -> Span {
        match &self.signature.output {
            syn::ReturnType::Type(_, ty) => crate::span::first(ty),
            syn::ReturnType::Default => self.signature.ident.span(),
        }
    }
}

impl Actor {
    /// The sound methods that play the part that `role` picks out.
    pub(crate) fn sound<'a, T>(
        &'a self,
        role: impl Fn(&'a Role) -> Option<T> + 'a,
    ) -> impl Iterator<Item = (&'a Method, T)> {
        self.methods.iter().filter(|method| method.sound).filter_map(move |method| Some((method, role(&method.role)?)))
    }

    /// The sound handlers.
    pub(crate) fn handlers(&self) -> impl Iterator<Item = (&Method, &Handler)> {
        self.sound(|role| match role {
            Role::Handler(handler) => Some(handler),
            _ => None,
        })
    }

    /// The sound timers.
    pub(crate) fn timers(&self) -> impl Iterator<Item = (&Method, &Every)> {
        self.sound(|role| match role {
            Role::Timer(every) => Some(every),
            _ => None,
        })
    }
}
