//! Where a workload runs: on one thread, on two workers, or on two cores with a runtime each.

use std::{future::Future, sync::mpsc, thread};

use tokio::{
    runtime::{Builder, Runtime},
    sync::oneshot,
};

use crate::{meter::Sample, pin};

pub(crate) struct Worlds {
    one_thread: Runtime,
    two_workers: Runtime,
}

/// A runtime as `#[tokio::main(flavor = "current_thread")]` makes it.
pub(crate) fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

impl Worlds {
    pub(crate) fn new() -> Self {
        let two_workers = Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        Worlds { one_thread: one_thread(), two_workers }
    }

    pub(crate) fn one_thread<T: Send + 'static>(&self, body: impl Future<Output = T> + Send + 'static) -> T {
        as_task(&self.one_thread, body)
    }

    pub(crate) fn two_workers<T: Send + 'static>(&self, body: impl Future<Output = T> + Send + 'static) -> T {
        as_task(&self.two_workers, body)
    }
}

/// As a task of its own, so that its polls are a task's and not those of `block_on`.
fn as_task<T: Send + 'static>(runtime: &Runtime, body: impl Future<Output = T> + Send + 'static) -> T {
    runtime.block_on(async { tokio::spawn(body).await.expect("a workload does not panic") })
}

/// `start` runs on a runtime pinned to one core and returns how its actor can be reached; `drive` is given that on a
/// runtime pinned to another core, and ends when the actor has.
pub(crate) fn two_cores<T, F>(
    start: impl FnOnce() -> T + Send + 'static,
    drive: impl FnOnce(T) -> F + Send + 'static,
) -> Sample
where
    T: Send + 'static,
    F: Future<Output = Sample> + Send + 'static,
{
    let (give, take) = mpsc::channel();
    let (finished, until_finished) = oneshot::channel::<()>();
    let actor = thread::spawn(move || {
        pin::to_one_of_two(0);
        one_thread().block_on(async {
            give.send(start()).expect("the other thread waits");
            // An error is what is waited for: that `finished` was dropped.
            let _ = until_finished.await;
        });
    });
    let driver = thread::spawn(move || {
        pin::to_one_of_two(1);
        let target = take.recv().expect("the actor was started");
        let sample = as_task(&one_thread(), drive(target));
        drop(finished);
        sample
    });
    let sample = driver.join().expect("a workload does not panic");
    actor.join().expect("an actor does not panic");
    sample
}
