//! A running timer.

use std::{
    future::Future,
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll},
};

use super::Task;

/// Ready after the duration it was made for.
///
/// The runtime's own future need not be `Sync`. Here it sits in a mutex that is never locked, only opened, so that
/// everything which holds a timer (an ask, a context) can be shared across an await.
pub(crate) struct Timer(Mutex<Task>);

impl Timer {
    pub(super) fn new(sleep: Task) -> Self {
        Timer(Mutex::new(sleep))
    }
}

impl Future for Timer {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.get_mut().unwrap_or_else(PoisonError::into_inner).as_mut().poll(cx)
    }
}
