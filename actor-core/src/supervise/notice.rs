//! News from children, outside any mailbox: at most one for each child that is up.

use std::{
    collections::VecDeque,
    task::{Context, Poll, Waker},
};

use crate::{
    exit::Exit,
    sync::{Mutex, lock},
};

/// A child's incarnation has ended.
pub(super) struct Notice {
    pub(super) child: u64,
    pub(super) incarnation: u32,
    pub(super) exit: Exit,
}

#[derive(Default)]
pub(super) struct Notices(Mutex<Inbox>);

#[derive(Default)]
struct Inbox {
    queue: VecDeque<Notice>,
    waker: Option<Waker>,
}

impl Notices {
    pub(super) fn push(&self, notice: Notice) {
        let mut inbox = lock(&self.0);
        inbox.queue.push_back(notice);
        let waker = inbox.waker.take();
        drop(inbox);
        waker.into_iter().for_each(Waker::wake);
    }

    pub(super) fn poll(&self, cx: &mut Context<'_>) -> Poll<Notice> {
        let waker = cx.waker().clone();
        let mut inbox = lock(&self.0);
        if let Some(notice) = inbox.queue.pop_front() {
            return Poll::Ready(notice);
        }
        let old = inbox.waker.replace(waker);
        drop(inbox);
        drop(old);
        Poll::Pending
    }
}
