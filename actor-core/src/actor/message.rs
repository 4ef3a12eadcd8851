//! What a message is to the rest: it has a name and a handle; and what becomes of those that no handler will see.

use super::{
    cell::Cell,
    handle::{Handle, WeakHandle},
};
use crate::{
    error::AskError,
    exit::Exit,
    mailbox::{Accepted, Left},
    observe::DeadReason,
    piece::Piece,
    reply,
};

/// A message type: the enum that `#[actor]` generates, one variant for each handler.
pub trait Message: Sized + Send + 'static {
    /// The handle of the actor that takes these messages.
    type Handle: From<Handle<Self>> + Clone + Send + Sync + 'static;

    /// The handler's name.
    fn name(&self) -> &'static str {
        self.piece().name()
    }

    /// The handler's name, as the loop notes it.
    #[doc(hidden)]
    fn piece(&self) -> Piece;
}

impl<M: Message> WeakHandle<M> {
    /// The actor's handle, unless it has ended or nobody holds a strong handle any more.
    pub fn upgrade(&self) -> Option<M::Handle> {
        let cell = self.cell()?;
        cell.try_handle().then(|| M::Handle::from(Handle::counted(cell)))
    }
}

impl<M: Message> Cell<M> {
    /// Disposes of the message that the overflow policy chose, if it chose one: it is where the sent one was.
    pub(crate) fn accepted(&self, accepted: Accepted, message: &mut Option<M>) {
        if accepted == Accepted::Dropped
            && let Some(message) = message.take()
        {
            self.dead_letter(message.name(), DeadReason::Overflow);
            reply::discard(AskError::Full, message);
        }
    }

    /// Gives back everything queued: asks end with the exit, tells are dead letters.
    pub(crate) fn return_queued(&self, exit: &Exit) {
        self.give_back(self.mailbox.take_all(), exit);
    }

    /// Takes no more messages, and gives back those that are queued.
    pub(crate) fn close_and_return(&self, exit: &Exit) {
        self.give_back(self.mailbox.finish(), exit);
        self.note_emptied();
    }

    fn give_back(&self, messages: Left<M>, exit: &Exit) {
        for message in messages {
            self.dead_letter(message.name(), DeadReason::Stopped);
            let asks = reply::discard(AskError::Stopped(exit.clone()), message);
            self.life.count(|tally| if asks > 0 { tally.returned += 1 } else { tally.discarded += 1 });
        }
    }

    /// The end: nothing will start it again. The mailbox is closed, what is queued is given back, whoever waits is
    /// told the last exit there was; `otherwise` if there was none.
    pub(crate) fn retire(&self, otherwise: &Exit) {
        let exit = self.life.last_exit().unwrap_or_else(|| otherwise.clone());
        self.close_and_return(&exit);
        self.life.end(&exit);
    }

    /// As [`retire`](Self::retire), for an actor that had one life: `exit` is its first and its last.
    pub(crate) fn end(&self, exit: &Exit) {
        // Done before `on_stop`, where that was called.
        if !self.is_emptied() {
            self.close_and_return(exit);
        }
        self.life.end(exit);
    }

    /// Undoes [`retire`](Self::retire): it will be started again after all.
    pub(crate) fn revive(&self) {
        self.life.revive();
        self.mailbox.open();
    }
}
