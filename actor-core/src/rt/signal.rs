//! Ctrl-C and SIGTERM, through tokio.

use std::{
    io,
    task::{Context, Poll},
};

/// The signals that ask a program to end. Once made, they no longer end the process by themselves.
pub(crate) struct Signals(Platform);

impl Signals {
    /// `None` outside a tokio runtime with its I/O driver, or where the platform has no such signals.
    pub(crate) fn new() -> Option<Self> {
        ::tokio::runtime::Handle::try_current().ok()?;
        Platform::new().ok().map(Signals)
    }

    /// Ready with each signal.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.poll(cx)
    }
}

#[cfg(unix)]
struct Platform([::tokio::signal::unix::Signal; 2]);

#[cfg(unix)]
impl Platform {
    fn new() -> io::Result<Self> {
        use ::tokio::signal::unix::{SignalKind, signal};
        Ok(Platform([signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?]))
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        // Each is polled, so that each knows the waker.
        let ready = self.0.each_mut().map(|signal| signal.poll_recv(cx).is_ready());
        if ready.contains(&true) { Poll::Ready(()) } else { Poll::Pending }
    }
}

#[cfg(windows)]
struct Platform(::tokio::signal::windows::CtrlC);

#[cfg(windows)]
impl Platform {
    fn new() -> io::Result<Self> {
        ::tokio::signal::windows::ctrl_c().map(Platform)
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.0.poll_recv(cx).map(|_| ())
    }
}
