//! What several tests need: an observer that remembers, a journal, a count of live objects.
#![allow(dead_code, reason = "each test file uses its own part of this one")]

use std::{
    future::{Future, poll_fn},
    sync::{
        Arc, Mutex,
        atomic::{AtomicIsize, Ordering},
    },
    task::Poll,
    time::Duration,
};

use actor_core::{
    ActorId, Exit,
    observe::{self, CrashReport, DeadLetter, DeadReason, Installed, Observer, Overdue, UnheardError},
    rt::test::{now, sleep},
};

pub fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

pub fn secs(n: u64) -> Duration {
    Duration::from_secs(n)
}

/// Lets everything run that can run without time passing.
pub async fn settle() {
    for _ in 0..8 {
        sleep(Duration::ZERO).await;
    }
}

/// Gives the virtual time that a future takes, with its result.
pub async fn timed<T>(future: impl Future<Output = T>) -> (T, Duration) {
    let start = now();
    let value = future.await;
    (value, now().since(start))
}

/// Polls a future once and drops nothing: `None` if it is not ready.
pub async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    poll_fn(|cx| match std::pin::Pin::new(&mut *future).poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// Remembers what reached the observers. Observers are told of every actor of the process, so one asks by identity.
#[derive(Default)]
pub struct Log {
    crashes: Mutex<Vec<CrashReport>>,
    letters: Mutex<Vec<DeadLetter>>,
    errors: Mutex<Vec<UnheardError>>,
    overdue: Mutex<Vec<Overdue>>,
}

impl Observer for Log {
    fn crash(&self, report: &CrashReport) {
        self.crashes.lock().unwrap().push(report.clone());
    }

    fn dead_letter(&self, letter: &DeadLetter) {
        self.letters.lock().unwrap().push(letter.clone());
    }

    fn overdue(&self, report: &Overdue) {
        self.overdue.lock().unwrap().push(report.clone());
    }

    fn unheard(&self, error: &UnheardError) {
        self.errors.lock().unwrap().push(error.clone());
    }
}

impl Log {
    pub fn install() -> (Arc<Log>, Installed) {
        let log = Arc::new(Log::default());
        let installed = observe::install(Arc::clone(&log) as _);
        (log, installed)
    }

    /// Incarnations and exits of the actor's crashes.
    pub fn crashes(&self, actor: ActorId) -> Vec<(u32, Exit)> {
        let crashes = self.crashes.lock().unwrap();
        let of = crashes.iter().filter(|report| report.actor.id() == actor);
        of.map(|report| (report.incarnation, report.exit.clone())).collect()
    }

    /// Names and reasons of the messages that the actor never handled.
    pub fn letters(&self, actor: ActorId) -> Vec<(&'static str, DeadReason)> {
        let letters = self.letters.lock().unwrap();
        letters
            .iter()
            .filter(|letter| letter.actor.id() == actor)
            .map(|letter| (letter.message, letter.reason))
            .collect()
    }

    /// What the actor was reported to keep callers waiting with.
    pub fn overdue(&self, actor: ActorId) -> Vec<Overdue> {
        let overdue = self.overdue.lock().unwrap();
        overdue.iter().filter(|report| report.actor.id() == actor).cloned().collect()
    }

    /// What was running, and the error that nobody waited for.
    pub fn errors(&self, actor: ActorId) -> Vec<(&'static str, String)> {
        let errors = self.errors.lock().unwrap();
        errors.iter().filter(|e| e.actor.id() == actor).map(|e| (e.during, e.error.to_string())).collect()
    }
}

/// What happened, in order, written from anywhere.
#[derive(Clone, Default)]
pub struct Journal(Arc<Mutex<Vec<String>>>);

impl Journal {
    pub fn note(&self, line: impl Into<String>) {
        self.0.lock().unwrap().push(line.into());
    }

    pub fn lines(&self) -> Vec<String> {
        self.0.lock().unwrap().clone()
    }

    /// The lines so far, which are forgotten.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

/// Counts its own instances that are alive.
#[derive(Debug)]
pub struct Counted(Arc<AtomicIsize>);

impl Counted {
    pub fn new(alive: &Arc<AtomicIsize>) -> Self {
        alive.fetch_add(1, Ordering::Relaxed);
        Counted(Arc::clone(alive))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
