//! The other side: actors as one writes them by hand.

pub(crate) mod ask;
pub(crate) mod life;
pub(crate) mod locked;
pub(crate) mod many;
pub(crate) mod ping;
pub(crate) mod tell;

use tokio::{sync::mpsc, task::JoinHandle};

/// A way to the loop, and a way to wait for its end.
pub(crate) struct Actor<M> {
    pub(crate) sender: mpsc::Sender<M>,
    task: JoinHandle<()>,
}

impl<M> Actor<M> {
    /// `run` is the loop.
    pub(crate) fn spawn<F>(capacity: usize, run: impl FnOnce(mpsc::Receiver<M>) -> F) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let (sender, mailbox) = mpsc::channel(capacity);
        Actor { sender, task: tokio::spawn(run(mailbox)) }
    }

    /// Lets the actor handle the rest and waits for its end, as `stop().await` does.
    pub(crate) async fn stop(self) {
        drop(self.sender);
        self.task.await.expect("it does not panic");
    }
}
