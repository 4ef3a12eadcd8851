//! Another actor by hand: a queue behind a `Mutex` of the standard library, and two `Notify`.

use std::{
    collections::VecDeque,
    pin::pin,
    sync::{Arc, Mutex},
};

use tokio::{sync::Notify, task::JoinHandle};

use super::tell::Small;
use crate::tally::Tally;

struct State {
    queue: VecDeque<Small>,
    closed: bool,
}

pub(crate) struct Queue {
    state: Mutex<State>,
    capacity: usize,
    filled: Notify,
    room: Notify,
}

impl Queue {
    pub(crate) fn new(capacity: usize) -> Arc<Self> {
        let state = Mutex::new(State { queue: VecDeque::with_capacity(capacity), closed: false });
        Arc::new(Queue { state, capacity, filled: Notify::new(), room: Notify::new() })
    }

    /// The message comes back when there is no room.
    fn try_push(&self, message: Small) -> Result<(), Small> {
        let mut state = self.state.lock().expect("not poisoned");
        if state.queue.len() == self.capacity {
            return Err(message);
        }
        state.queue.push_back(message);
        drop(state);
        self.filled.notify_one();
        Ok(())
    }

    pub(crate) async fn send(&self, message: Small) {
        let mut message = match self.try_push(message) {
            Ok(()) => return,
            Err(message) => message,
        };
        loop {
            let mut room = pin!(self.room.notified());
            // Waits from here on: room that comes after the next look is not missed.
            room.as_mut().enable();
            match self.try_push(message) {
                Ok(()) => return,
                Err(back) => message = back,
            }
            room.await;
        }
    }

    async fn recv(&self) -> Option<Small> {
        loop {
            {
                let mut state = self.state.lock().expect("not poisoned");
                if let Some(message) = state.queue.pop_front() {
                    drop(state);
                    self.room.notify_one();
                    return Some(message);
                }
                if state.closed {
                    return None;
                }
            }
            // There is one receiver, and `notify_one` is remembered.
            self.filled.notified().await;
        }
    }

    pub(crate) fn close(&self) {
        self.state.lock().expect("not poisoned").closed = true;
        self.filled.notify_one();
    }
}

pub(crate) fn spawn(queue: Arc<Queue>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut tally = Tally::default();
        while let Some(message) = queue.recv().await {
            match message {
                Small::Add(number) => tally.add(number),
                Small::Set(number) => tally.set(number),
            }
        }
    })
}
