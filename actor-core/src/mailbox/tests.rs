//! The mailbox against a model: a list of the sends that have come, in the order in which they came.

use std::{
    collections::VecDeque,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

use super::{Accepted, Inbox, Mailbox, Overflow, Place, Priority, Refused};
use crate::piece::Piece;

/// Counts its wakes.
#[derive(Default)]
struct Bell(AtomicUsize);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl Bell {
    fn new() -> (Arc<Bell>, Waker) {
        let bell = Arc::new(Bell::default());
        (Arc::clone(&bell), Waker::from(bell))
    }

    /// Whether it has rung since the last look.
    fn rang(&self) -> bool {
        self.0.swap(0, Ordering::Relaxed) > 0
    }
}

/// xorshift: enough chance for a test, and the same on every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n as u64).unwrap()
    }
}

/// A send that may wait, as its future would hold it.
struct Send {
    id: u32,
    message: Option<u32>,
    place: Option<Place>,
    priority: Priority,
    bell: Arc<Bell>,
    waker: Waker,
}

impl Send {
    fn new(id: u32, priority: Priority) -> Self {
        let (bell, waker) = Bell::new();
        Send { id, message: Some(id), place: None, priority, bell, waker }
    }

    /// One that was let in but not polled yet has been rung for.
    fn is_in_line(&self) -> bool {
        self.bell.0.load(Ordering::Relaxed) == 0
    }

    fn poll(&mut self, mailbox: &Mailbox<u32>) -> Poll<Result<Accepted, Refused>> {
        let mut cx = Context::from_waker(&self.waker);
        mailbox.poll_send(&mut self.place, &mut self.message, self.priority, &mut cx)
    }
}

/// What ought to be true: every send that has come and has neither been handled nor left, per lane, oldest first.
struct Model {
    capacity: usize,
    lanes: [VecDeque<u32>; 2],
    closed: bool,
    /// Urgent messages in a row while a normal one was there.
    urgent_run: u32,
}

fn lane_of(priority: Priority) -> usize {
    usize::from(priority == Priority::Urgent)
}

/// One random life of a mailbox whose senders wait.
struct Run<'a> {
    mailbox: &'a Mailbox<u32>,
    model: Model,
    chance: Chance,
    waiting: Vec<Send>,
    next: u32,
}

impl Run<'_> {
    fn new_id(&mut self) -> u32 {
        self.next += 1;
        self.next
    }

    fn priority(&mut self) -> Priority {
        if self.chance.below(4) == 0 { Priority::Urgent } else { Priority::Normal }
    }

    fn try_send(&mut self) {
        let (id, priority) = (self.new_id(), self.priority());
        let lane = lane_of(priority);
        let mut message = Some(id);
        match self.mailbox.try_send(&mut message, priority) {
            Ok(Accepted::Queued) => {
                assert!(!self.waits(priority), "a newcomer has passed who waits");
                self.model.lanes[lane].push_back(id);
            }
            Ok(Accepted::Dropped) => panic!("nothing is dropped while senders wait"),
            Err(Refused::Closed) => assert!(self.model.closed && message == Some(id)),
            Err(Refused::Full) => {
                assert_eq!(message, Some(id), "a refused message stays where it is");
                let full = self.model.lanes[lane].len() >= self.model.capacity;
                assert!(full || self.waits(priority), "refused although there was room");
            }
        }
    }

    /// The way of most sends: in, or nothing has happened and the other way is taken.
    fn send_at_once(&mut self) {
        let id = self.new_id();
        let mut message = Some(id);
        if self.mailbox.send_at_once(&mut message) {
            assert!(message.is_none() && !self.model.closed, "it is in");
            assert!(!self.waits(Priority::Normal), "a newcomer has passed who waits");
            self.model.lanes[0].push_back(id);
        } else {
            assert_eq!(message, Some(id), "it is where it was");
        }
    }

    fn waits(&self, priority: Priority) -> bool {
        self.waiting.iter().any(|send| send.priority == priority && send.is_in_line())
    }

    fn send(&mut self) {
        let priority = self.priority();
        let mut send = Send::new(self.new_id(), priority);
        let lane = lane_of(priority);
        match send.poll(self.mailbox) {
            Poll::Ready(Ok(_)) => self.model.lanes[lane].push_back(send.id),
            Poll::Ready(Err(Refused::Closed)) => assert!(self.model.closed && send.message == Some(send.id)),
            Poll::Ready(Err(Refused::Full)) => panic!("a send that may wait waits"),
            Poll::Pending => {
                self.model.lanes[lane].push_back(send.id);
                self.waiting.push(send);
            }
        }
    }

    fn poll_one(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let at = self.chance.below(self.waiting.len());
        let send = &mut self.waiting[at];
        let rang = send.bell.rang();
        match send.poll(self.mailbox) {
            Poll::Pending => assert!(!rang || !self.model.closed),
            Poll::Ready(result) => {
                assert!(rang, "it was let in, or sent away, and nobody rang");
                let send = self.waiting.swap_remove(at);
                if result.is_err() {
                    assert!(self.model.closed && send.message == Some(send.id), "it leaves with its message");
                    self.forget(&send);
                }
            }
        }
    }

    /// A send is dropped: its message comes back, or it is in.
    fn cancel(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let at = self.chance.below(self.waiting.len());
        let mut send = self.waiting.swap_remove(at);
        if let Some(message) = self.mailbox.leave(&mut send.place, send.priority) {
            assert_eq!(message, send.id);
            self.forget(&send);
        }
    }

    fn forget(&mut self, send: &Send) {
        self.model.lanes[lane_of(send.priority)].retain(|id| *id != send.id);
    }

    /// Handles one message, or parks; a parked consumer is rung for by the next message.
    fn consume(&mut self, inbox: &mut Inbox<'_, u32>) {
        let (bell, waker) = Bell::new();
        let refills = inbox.taken.front().is_none() && !self.mailbox.has_urgent();
        // As the loop does: one look before it makes ready for being parked.
        let found = self.chance.below(2) == 0 && inbox.taken.has_next(self.mailbox);
        if !found && inbox.poll_next(&mut Context::from_waker(&waker)).is_pending() {
            assert!(!runs(self.mailbox), "nobody should wait for one that is parked");
            let len = self.mailbox.len();
            assert_eq!(len, 0, "it parks at an empty mailbox only");
            assert!(self.model.closed || self.model.lanes.iter().all(VecDeque::is_empty), "a sender waits for nobody");
            assert!(!bell.rang() && self.mailbox.glance().parked);
            if self.chance.below(2) == 0 {
                return;
            }
            let id = self.new_id();
            if self.mailbox.try_send(&mut Some(id), Priority::Normal).is_ok() {
                assert!(bell.rang(), "the consumer sleeps beside a message");
                self.model.lanes[0].push_back(id);
            }
            return;
        }
        if refills {
            let state = self.mailbox.state.lock();
            let held = state.normal.len() + self.mailbox.taken().load(Ordering::Relaxed) as usize;
            let waiting = state.normal.waiting();
            assert_eq!(held + 1 + waiting, self.model.lanes[0].len(), "all but the one that is begun count as queued");
            let waits = waiting > 0 && !state.closed;
            assert!(!waits || held >= self.model.capacity, "a refill has made room, and a sender waits");
            assert!(state.runs, "whoever waits for room may look whether it is let in");
        }
        let message = inbox.take().unwrap();
        let lane = usize::from(self.model.lanes[1].front() == Some(&message));
        assert_eq!(self.model.lanes[lane].front(), Some(&message), "each lane is handled in the order of its sends");
        self.model.lanes[lane].pop_front();
        let passed = lane == 1 && !self.model.lanes[0].is_empty();
        self.model.urgent_run = if passed { self.model.urgent_run + 1 } else { 0 };
        assert!(self.model.urgent_run <= 17, "the normal lane has its turn");
    }

    fn check(&self) {
        // First: whoever looks at the statistics counts everything anew.
        check_hints(self.mailbox);
        let stats = self.mailbox.stats();
        let all = self.model.lanes.iter().map(VecDeque::len).sum::<usize>();
        assert_eq!(stats.len + stats.waiting, all, "each message is in exactly one place");
        assert!(stats.high_water <= self.model.capacity, "{stats:?}");
        assert!(stats.len <= 2 * self.model.capacity, "{stats:?}");
    }
}

/// What is counted or noted so that others need not look is what they would find.
fn check_hints<M>(mailbox: &Mailbox<M>) {
    let state = mailbox.state.lock();
    let taken = mailbox.taken().load(Ordering::Relaxed);
    assert!(state.snap >= taken, "{} < {taken}: senders believe that there is more room", state.snap);
    let held = state.normal.len() + taken as usize;
    assert!(held <= state.normal.capacity() as usize, "{held} messages");
    let free = if state.closed { 0 } else { state.normal.free(state.snap) };
    assert_eq!(state.free, free, "sends that may go straight in");
    let urgent = state.normal.urgent().is_some_and(|lane| lane.len() > 0);
    assert_eq!(mailbox.urgent().load(Ordering::Relaxed), urgent, "urgent messages");
    let crowded = mailbox.crowded().load(Ordering::Relaxed);
    assert!(crowded || state.normal.waiting() == 0, "a sender waits, and the consumer would not look");
    assert!(!state.idle || !state.runs, "it cannot be parked and run");
}

/// Whether the mailbox believes that its consumer runs.
fn runs<M>(mailbox: &Mailbox<M>) -> bool {
    mailbox.state.lock().runs
}

#[test]
fn random_sends_keep_every_rule() {
    for seed in 1..400 {
        let mut chance = Chance(u64::wrapping_mul(seed, 0x9E37_79B9_7F4A_7C15));
        // So large now and then that a batch is looked at in its middle.
        let capacity = if seed % 8 == 0 { 30 + chance.below(40) } else { 1 + chance.below(5) };
        let mailbox = Mailbox::new(capacity, Overflow::Wait);
        let model = Model { capacity, lanes: Default::default(), closed: false, urgent_run: 0 };
        let mut run = Run { mailbox: &mailbox, model, chance, waiting: Vec::new(), next: 0 };
        let mut inbox = Inbox::new(&mailbox);
        for _ in 0..300 {
            // Floods and droughts take turns.
            let steps = match capacity {
                6.. if run.next % 200 < 150 => 14,
                6.. => 24,
                _ => 20,
            };
            match run.chance.below(steps) {
                0..3 => run.try_send(),
                3..6 => run.send_at_once(),
                6..9 => run.send(),
                9..11 => run.poll_one(),
                11..13 => run.cancel(),
                13..18 | 20.. => run.consume(&mut inbox),
                18 => {
                    // A handler is suspended: whoever there is room for is let in.
                    mailbox.suspend(Waker::noop(), Piece::new(&"handler"));
                    assert!(!runs(&mailbox), "nobody should wait for one that is suspended");
                    let glance = mailbox.glance();
                    assert_eq!((glance.parked, glance.during.map(Piece::name)), (false, Some("handler")));
                    let waits = mailbox.stats().waiting > 0;
                    assert!(!waits || run.model.closed || mailbox.len() >= capacity, "room, and a sender waits");
                }
                _ => {
                    // The incarnation ends, and the next one begins.
                    inbox.taken.give_back(&mailbox, true);
                    assert!(!runs(&mailbox), "nobody should wait for one that is gone");
                    inbox = Inbox::new(&mailbox);
                }
            }
            run.check();
        }
        finish(run, inbox);
    }
}

/// Closed, it keeps what was accepted and sends away who waits; opened, it lets in who did not look.
fn finish(mut run: Run<'_>, mut inbox: Inbox<'_, u32>) {
    let mailbox = run.mailbox;
    mailbox.close();
    run.model.closed = true;
    assert!(mailbox.is_closed());
    run.try_send();
    run.send();
    for send in &run.waiting {
        assert!(send.bell.0.load(Ordering::Relaxed) > 0, "whoever waits is told");
    }
    let half = run.waiting.len() / 2;
    while run.waiting.len() > half {
        run.poll_one();
        run.check();
    }
    mailbox.open();
    run.model.closed = false;
    while !run.model.lanes.iter().all(VecDeque::is_empty) {
        run.consume(&mut inbox);
        run.check();
    }
    // What is left when there is no consumer any more is given back once: urgent messages first, then in order.
    for _ in 0..run.model.capacity {
        run.try_send();
    }
    drop(inbox);
    mailbox.close();
    let [normal, urgent] = &run.model.lanes;
    assert!(mailbox.take_all().eq(urgent.iter().chain(normal).copied()));
    assert_eq!(mailbox.len(), 0);
}

/// One that does not yield is left behind for the next, and gives back what it holds when the next has taken messages.
#[test]
fn what_one_that_was_left_behind_gives_back_makes_no_room() {
    let mailbox = Mailbox::new(4, Overflow::Wait);
    let mut next = 0..;
    let mut fill = || next.by_ref().take_while(|n| mailbox.try_send(&mut Some(*n), Priority::Normal).is_ok()).count();
    let receive = |inbox: &mut Inbox<'_, u32>| {
        assert!(inbox.poll_next(&mut Context::from_waker(Waker::noop())).is_ready());
        inbox.take()
    };
    assert_eq!(fill(), 4);
    let (mut old, mut new) = (Inbox::new(&mailbox), Inbox::new(&mailbox));
    assert_eq!((receive(&mut old), receive(&mut old)), (Some(0), Some(1)));
    // The old one has two, which are forgotten when the new one takes what is there.
    assert_eq!(fill(), 2);
    assert_eq!((receive(&mut new), receive(&mut new)), (Some(5), Some(6)));
    assert_eq!(fill(), 4);
    assert_eq!(receive(&mut new), Some(8));
    old.taken.give_back(&mailbox, false);
    assert_eq!((mailbox.len(), fill()), (2 + 3, 0), "two came back, and three are with the new one");
    // What came back is first.
    let all: Vec<_> = (0..5).filter_map(|_| receive(&mut new)).collect();
    assert_eq!(all, [9, 10, 11, 2, 3]);
    assert_eq!(fill(), 4);
}

/// Nothing else wakes the next one, which is parked beside what comes back.
#[test]
fn what_one_that_was_left_behind_gives_back_wakes_the_next() {
    let mailbox = Mailbox::new(4, Overflow::Wait);
    for n in 0..2 {
        let _ = mailbox.try_send(&mut Some(n), Priority::Normal).unwrap();
    }
    let (mut old, mut new) = (Inbox::new(&mailbox), Inbox::new(&mailbox));
    assert!(old.poll_next(&mut Context::from_waker(Waker::noop())).is_ready());
    assert_eq!(old.take(), Some(0));
    let (bell, waker) = Bell::new();
    assert!(new.poll_next(&mut Context::from_waker(&waker)).is_pending());
    old.taken.give_back(&mailbox, false);
    assert!(bell.rang());
    assert!(new.poll_next(&mut Context::from_waker(&waker)).is_ready());
    assert_eq!(new.take(), Some(1));
}

/// Who waits for room does not have to wait for the end of a large batch.
#[test]
fn a_large_batch_lets_in_who_waits_in_its_middle() {
    let mailbox = Mailbox::new(64, Overflow::Wait);
    for n in 0..64 {
        let _ = mailbox.try_send(&mut Some(n), Priority::Normal).unwrap();
    }
    let mut waiting: Vec<_> = (64..68).map(|n| Send::new(n, Priority::Normal)).collect();
    assert!(waiting.iter_mut().all(|send| send.poll(&mailbox).is_pending()));
    let mut inbox = Inbox::new(&mailbox);
    let mut waits = Vec::new();
    for n in 0..40 {
        assert!(inbox.poll_next(&mut Context::from_waker(Waker::noop())).is_ready());
        assert_eq!(inbox.take(), Some(n));
        waits.push(mailbox.stats().waiting);
    }
    // The first of the batch makes room for one; the others are let in when half of it is done.
    assert_eq!((waits[0], waits[30], waits[31], waits[39]), (3, 3, 0, 0));
}

/// Wakers are foreign code: this one looks at the mailbox whenever anything is done with it.
struct Nosy(Arc<Mailbox<u32>>);

impl Wake for Nosy {
    fn wake(self: Arc<Self>) {
        self.0.len();
    }
}

impl Drop for Nosy {
    fn drop(&mut self) {
        self.0.len();
    }
}

/// Runs `f`, which hangs if the mailbox is locked where it should not be.
fn ends(f: impl FnOnce() + std::marker::Send + 'static) {
    let (done, is_done) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        f();
        done.send(()).unwrap();
    });
    // Long enough for any machine, and not waited for if all is well.
    assert!(is_done.recv_timeout(std::time::Duration::from_secs(20)).is_ok(), "foreign code has run under the lock");
    thread.join().unwrap();
}

#[test]
fn wakers_are_woken_and_dropped_outside_of_the_lock() {
    for priority in [Priority::Normal, Priority::Urgent] {
        ends(move || {
            let mailbox = Arc::new(Mailbox::new(1, Overflow::Wait));
            let nosy = || Waker::from(Arc::new(Nosy(Arc::clone(&mailbox))));
            let poll = |place: &mut Option<Place>, mut message: Option<u32>| {
                let polled = mailbox.poll_send(place, &mut message, priority, &mut Context::from_waker(&nosy()));
                (polled, message)
            };
            let mut inbox = Inbox::new(&mailbox);
            let mut receive = || {
                let polled = inbox.poll_next(&mut Context::from_waker(&nosy()));
                polled.is_ready().then(|| inbox.take())
            };
            // The consumer is parked, twice, and is woken.
            assert_eq!((receive(), receive()), (None, None));
            assert!(poll(&mut None, Some(0)).0.is_ready());
            // Three wait: one leaves, one is polled again and then let in, one is sent away.
            let mut places = [None; 3];
            for (place, n) in places.iter_mut().zip(1..) {
                assert!(poll(place, Some(n)).0.is_pending());
            }
            let [mut leaves, mut stays, mut late] = places;
            assert_eq!(mailbox.leave(&mut leaves, priority), Some(1));
            assert!(poll(&mut stays, None).0.is_pending());
            assert_eq!(receive(), Some(Some(0)));
            mailbox.suspend(&nosy(), Piece::new(&"handler"));
            mailbox.suspend(&nosy(), Piece::new(&"handler"));
            assert_eq!(poll(&mut stays, None), (Poll::Ready(Ok(Accepted::Queued)), None));
            mailbox.close();
            mailbox.wake_consumer();
            assert_eq!(poll(&mut late, None), (Poll::Ready(Err(Refused::Closed)), Some(3)));
            assert_eq!((receive(), receive()), (Some(Some(2)), None));
            // The way of most sends: there is a buffer by now, if the lane is the one for them.
            mailbox.open();
            assert_eq!(receive(), None);
            if priority == Priority::Normal {
                assert!(mailbox.send_at_once(&mut Some(4)));
                assert_eq!(receive(), Some(Some(4)));
            }
        });
    }
}
