//! What a mailbox is built of, and the only place in it where the compiler has to be told that something is sound.
//!
//! * `lock`: a lock of one byte.
//! * `ring`: a queue whose messages move in and out in one copy each.
//!
//! Neither knows of the other, nor of messages, senders and consumers: the protocol is in `shared`, in safe code.

mod lock;
mod ring;

#[cfg(all(test, actor_loom))]
mod loom;

// The lock is proven by models of its own. Those of the protocol take loom's mutex for it, which is the same to them: a
// thread that looks again and again has more interleavings than anybody can wait for.
#[cfg(actor_loom)]
pub(super) use self::loom_mutex::{Held, Lock};
#[cfg(not(actor_loom))]
pub(super) use lock::{Held, Lock};
pub(super) use ring::Ring;

#[cfg(actor_loom)]
mod loom_mutex {
    use crate::sync::{AtomicBool, AtomicU32, Mutex, MutexGuard, lock};

    pub(crate) type Held<'a, T> = MutexGuard<'a, T>;

    pub(crate) struct Lock<T> {
        pub(crate) hints: [AtomicBool; 2],
        pub(crate) number: AtomicU32,
        value: Mutex<T>,
    }

    impl<T> Lock<T> {
        pub(crate) fn new(value: T) -> Self {
            let hints = [AtomicBool::new(false), AtomicBool::new(false)];
            Lock { hints, number: AtomicU32::new(0), value: Mutex::new(value) }
        }

        pub(crate) fn lock(&self) -> Held<'_, T> {
            lock(&self.value)
        }
    }
}
