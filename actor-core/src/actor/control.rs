//! What a handle can do about the actor's life: end it, watch it end.

use std::time::Duration;

use super::{
    cell::Level,
    handle::Handle,
    life::{Monitor, Started, Stopped},
    message::Message,
    shutdown::ShuttingDown,
};
use crate::sync::Arc;

impl<M: Message> Handle<M> {
    /// Stops it: new messages are refused at once, what was accepted is handled, `on_stop` runs, the state is
    /// dropped.
    ///
    /// Takes effect when called; awaiting the result gives the [`Exit`](crate::Exit) of this incarnation. The request
    /// travels outside the mailbox: a full mailbox delays it by nothing. A supervised actor that is
    /// [permanent](crate::Restart::Permanent) is started again; to end one for good ask its supervisor.
    ///
    /// ```
    /// use actor_core::prelude::*;
    /// # #[derive(Default)] struct Sum { n: u32 }
    /// # #[actor] impl Sum {
    /// #     #[tell] pub fn add(&mut self, n: u32) { self.n += n }
    /// #     pub fn total(&self) -> u32 { self.n }
    /// # }
    /// # actor_core::rt::test::run(async {
    /// let h = Sum::default().spawn();
    /// h.add(3).await.unwrap();
    /// let total = h.total().enqueue().await.unwrap();
    /// let exit = h.stop();                              // what was accepted is still handled
    /// assert!(h.add(1).await.is_err());
    /// assert_eq!((total.await, exit.await), (Ok(3), Exit::Stopped));
    /// # });
    /// ```
    pub fn stop(&self) -> Monitor {
        self.cell().ask_to_end(Level::Drain).0
    }

    /// Stops it after the handler in progress: what is queued goes back (asks end with
    /// [`Stopped`](crate::AskError::Stopped)), then `on_stop` runs. Takes effect when called.
    pub fn stop_now(&self) -> Monitor {
        self.cell().ask_to_end(Level::Now).0
    }

    /// Ends it at the running handler's await point: the handler's future is dropped, `on_stop` does not run, the
    /// state is dropped. Takes effect when called.
    ///
    /// Nothing can interrupt a handler between two await points.
    pub fn kill(&self) -> Monitor {
        self.cell().ask_to_end(Level::Kill).0
    }

    /// Stops it within `limit`: up to four fifths of it to handle what was accepted, then
    /// [`stop_now`](Self::stop_now) for the rest, and [`kill`](Self::kill) at the limit.
    ///
    /// # Cancel safety
    /// The stop takes effect when this is called; dropping the future leaves out the later steps.
    pub fn shutdown(&self, limit: Duration) -> ShuttingDown {
        ShuttingDown::new(Arc::clone(self.cell()), limit)
    }

    /// Is ready when nothing will start it again, with the last exit.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub fn stopped(&self) -> Stopped {
        Stopped::new(self.cell().living())
    }

    /// Is ready when `on_start` has ended: `Ok`, or why it did not start.
    ///
    /// # Cancel safety
    /// Cancel safe.
    pub fn started(&self) -> Started {
        Started::new(self.cell().living())
    }

    /// A future of the exit of the present incarnation (or of the next one, if none is up). Reports at once on an
    /// actor that has ended; dropping it cancels it.
    #[must_use = "a monitor that is dropped is cancelled"]
    pub fn monitor(&self) -> Monitor {
        Monitor::new(self.cell().living())
    }
}
