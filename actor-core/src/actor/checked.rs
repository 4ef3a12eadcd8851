//! A future that was checked to be `Send` where it was made.
//!
//! Generated dispatch awaits user code. If such a future is not `Send`, rustc would report it twice: once for the
//! handler and once for the dispatch future around it. [`checked`] demands `Send` at the handler's own span, and
//! [`Checked`] is `Send` by itself, so the outer future adds no second error.
//!
//! # Why this is sound
//! `Checked<F>` can only be made by [`checked`], which demands `F: Send`; the field is private and the type has no
//! other constructor. So the `unsafe impl` below never makes a claim about a future that is not `Send`. Under an
//! error rustc stops before it generates code, so the claim is never relied upon for an `F` that fails the bound.
#![expect(
    unsafe_code,
    reason = "one of three leaf files: `Send` is promised for a future that was checked on the way in"
)]

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

pin_project_lite::pin_project! {
    /// See the module's documentation.
    pub struct Checked<F> {
        #[pin]
        future: F,
    }
}

// SAFETY: every value of this type was made by `checked`, whose bound is `F: Send`.
unsafe impl<F> Send for Checked<F> {}

/// Demands `Send` of a handler's future, here and only here.
pub fn checked<F: Future + Send>(future: F) -> Checked<F> {
    Checked { future }
}

impl<F: Future> Future for Checked<F> {
    type Output = F::Output;

    fn poll(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        self.project().future.poll(cx)
    }
}

impl<F> fmt::Debug for Checked<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Checked")
    }
}
