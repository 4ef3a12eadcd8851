//! The mailbox under every interleaving of two or three threads (loom). A send that is never woken, or a message that
//! nobody gets, shows as a deadlock or as a failed assertion.

use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use loom::{future::block_on, thread};

use super::{Inbox, Mailbox, Overflow, Priority, Refused};
use crate::piece::Piece;

type Shared = Arc<Mailbox<u32>>;

fn mailbox(capacity: usize) -> Shared {
    Arc::new(Mailbox::new(capacity, Overflow::Wait))
}

/// A send that waits for room; gives the message back if the mailbox closes.
fn send(mailbox: &Mailbox<u32>, message: u32) -> Result<(), u32> {
    let (mut place, mut message) = (None, Some(message));
    let sent = block_on(poll_fn(|cx| mailbox.poll_send(&mut place, &mut message, Priority::Normal, cx)));
    match sent {
        Ok(_) => Ok(()),
        Err(_) => Err(message.expect("a refused message comes back")),
    }
}

fn receive(inbox: &mut Inbox<'_, u32>) -> u32 {
    block_on(poll_fn(|cx| inbox.poll_next(cx)));
    inbox.take().expect("a message was there")
}

/// As [`receive`], with a look before it makes ready for being parked, as the loop does.
fn receive_at_once(shared: &Shared, inbox: &mut Inbox<'_, u32>) -> u32 {
    if !inbox.taken.has_next(shared) {
        block_on(poll_fn(|cx| inbox.poll_next(cx)));
    }
    inbox.take().expect("a message was there")
}

/// As [`send`], the way most messages go: at once if that takes no decision.
fn send_at_once(mailbox: &Mailbox<u32>, message: u32) {
    let mut offered = Some(message);
    if !mailbox.send_at_once(&mut offered) {
        send(mailbox, offered.expect("it is where it was")).expect("it is open");
    }
}

#[test]
fn two_producers_at_capacity_one_lose_nothing() {
    loom::model(|| {
        let shared = mailbox(1);
        let producers = [1, 2].map(|n| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || send(&shared, n).expect("it is open"))
        });
        let mut inbox = Inbox::new(&shared);
        let (one, two) = (receive(&mut inbox), receive(&mut inbox));
        assert_eq!(one + two, 3);
        producers.into_iter().for_each(|producer| producer.join().unwrap());
        let stats = shared.stats();
        assert_eq!((stats.len, stats.waiting, stats.high_water), (0, 0, 1));
    });
}

#[test]
fn a_full_mailbox_keeps_the_order_of_one_sender() {
    loom::model(|| {
        let shared = mailbox(1);
        let producer = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || (1..=3).for_each(|n| send(&shared, n).expect("it is open")))
        };
        let mut inbox = Inbox::new(&shared);
        for n in 1..=3 {
            assert_eq!(receive(&mut inbox), n);
        }
        producer.join().unwrap();
    });
}

#[test]
fn a_cancelled_send_has_happened_or_not_and_its_place_goes_to_the_next() {
    loom::model(|| {
        let shared = mailbox(1);
        let _ = shared.try_send(&mut Some(1), Priority::Normal).expect("there is room");
        // Two are in line; the first gives up while the consumer makes room.
        let mut place = None;
        let mut cx = Context::from_waker(Waker::noop());
        assert!(shared.poll_send(&mut place, &mut Some(2), Priority::Normal, &mut cx).is_pending());
        let next = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || send(&shared, 3).expect("it is open"))
        };
        let consumer = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || {
                let mut inbox = Inbox::new(&shared);
                assert_eq!(receive(&mut inbox), 1);
                let second = receive(&mut inbox);
                if second == 2 { [2, receive(&mut inbox)] } else { [second, 0] }
            })
        };
        let back = shared.leave(&mut place, Priority::Normal);
        next.join().unwrap();
        let got = consumer.join().unwrap();
        match back {
            Some(message) => assert_eq!((message, got), (2, [3, 0])),
            None => assert_eq!(got, [2, 3]),
        }
    });
}

#[test]
fn close_accepts_or_returns_each_message() {
    loom::model(|| {
        let shared = mailbox(1);
        let producers = [1, 2].map(|n| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || send(&shared, n))
        });
        shared.close();
        let returned: u32 = producers.into_iter().filter_map(|producer| producer.join().unwrap().err()).sum();
        let kept: u32 = shared.take_all().into_iter().sum();
        assert_eq!((returned + kept, shared.stats().waiting), (3, 0));
        assert_eq!(shared.try_send(&mut Some(3), Priority::Normal).err(), Some(Refused::Closed));
    });
}

#[test]
fn a_consumer_that_parks_while_a_message_comes_is_woken() {
    loom::model(|| {
        let shared = mailbox(2);
        let producer = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.try_send(&mut Some(1), Priority::Normal).expect("there is room"))
        };
        let urgent = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.try_send(&mut Some(2), Priority::Urgent).expect("there is room"))
        };
        let mut inbox = Inbox::new(&shared);
        assert_eq!(receive(&mut inbox) + receive(&mut inbox), 3);
        let _ = (producer.join().unwrap(), urgent.join().unwrap());
    });
}

/// A batch is with the consumer, whose handler then waits: the sender that waits for room must be let in.
#[test]
fn a_handler_that_is_suspended_in_a_batch_lets_in_who_waits() {
    loom::model(|| {
        let shared = mailbox(2);
        for n in 1..=2 {
            let _ = shared.try_send(&mut Some(n), Priority::Normal).expect("there is room");
        }
        // This one is let in when the batch is taken; the next one only when the second of the batch has begun.
        let mut cx = Context::from_waker(Waker::noop());
        let _ = shared.poll_send(&mut None, &mut Some(3), Priority::Normal, &mut cx);
        let producer = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || send(&shared, 4).expect("it is open"))
        };
        let mut inbox = Inbox::new(&shared);
        assert_eq!((receive(&mut inbox), receive(&mut inbox)), (1, 2));
        // The second one's handler is suspended until the producer is through.
        block_on(poll_fn(|cx| {
            shared.suspend(cx.waker(), Piece::new(&"handler"));
            Poll::Ready(())
        }));
        producer.join().unwrap();
        assert_eq!((receive(&mut inbox), receive(&mut inbox)), (3, 4));
    });
}

/// Something other than a message comes for a consumer that is suspended, or about to be.
#[test]
fn a_request_wakes_the_consumer_whatever_it_does() {
    loom::model(|| {
        use loom::sync::atomic::{AtomicBool, Ordering};
        let shared = mailbox(1);
        let asked = Arc::new(AtomicBool::new(false));
        let other = {
            let (shared, asked) = (Arc::clone(&shared), Arc::clone(&asked));
            thread::spawn(move || {
                asked.store(true, Ordering::Release);
                shared.wake_consumer();
            })
        };
        block_on(poll_fn(|cx| {
            shared.suspend(cx.waker(), Piece::new(&"handler"));
            // As the loop does: looked at once more, after the waker is in place.
            if asked.load(Ordering::Acquire) { Poll::Ready(()) } else { Poll::Pending }
        }));
        other.join().unwrap();
    });
}

/// The look that finds nothing and the parking are one step, whatever a sender does, and a sender that was let in by a
/// refill is not let in twice.
#[test]
fn a_send_meets_a_refill_or_a_parking_and_never_the_moment_between() {
    for capacity in [1, 2] {
        loom::model(move || {
            let shared = mailbox(capacity);
            let producer = {
                let shared = Arc::clone(&shared);
                thread::spawn(move || (1..=3).for_each(|n| send_at_once(&shared, n)))
            };
            let mut inbox = Inbox::new(&shared);
            let got = [(); 3].map(|()| receive_at_once(&shared, &mut inbox));
            assert_eq!(got, [1, 2, 3]);
            producer.join().unwrap();
            let stats = shared.stats();
            assert_eq!((stats.len, stats.waiting), (0, 0));
            assert!(stats.high_water <= capacity, "{stats:?}");
        });
    }
}

/// What may be sent without a look is counted anew by each exchange of the buffers: the bound holds for two senders of
/// which one looks and the other does not.
#[test]
fn a_send_without_a_look_and_one_with_a_look_share_what_an_exchange_leaves_free() {
    loom::model(|| {
        let shared = mailbox(2);
        // Both buffers have their space.
        let mut inbox = Inbox::new(&shared);
        for n in [10, 11, 12, 13] {
            send(&shared, n).expect("it is open");
            assert_eq!(receive_at_once(&shared, &mut inbox), n);
        }
        send(&shared, 1).expect("it is open");
        send(&shared, 2).expect("it is open");
        let at_once = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || [3, 4].map(|n| shared.send_at_once(&mut Some(n))))
        };
        let decided = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || shared.try_send(&mut Some(5), Priority::Normal).is_ok())
        };
        let mut got = vec![receive_at_once(&shared, &mut inbox)];
        // The first is begun, so one of three had room at most; when the second is, one more.
        let stats = shared.stats();
        assert!(stats.len <= 2 && stats.high_water <= 2, "{stats:?}");
        got.push(receive_at_once(&shared, &mut inbox));
        let stats = shared.stats();
        assert!(stats.len <= 2 && stats.high_water <= 2, "{stats:?}");
        let [third, fourth] = at_once.join().unwrap();
        let fifth = decided.join().unwrap();
        let sent = [(third, 3), (fourth, 4), (fifth, 5)].map(|(sent, n)| u32::from(sent) * n);
        while shared.len() > 0 {
            got.push(receive_at_once(&shared, &mut inbox));
        }
        assert_eq!(got[..2], [1, 2]);
        assert_eq!(got[2..].iter().sum::<u32>(), sent.iter().sum(), "each that was taken is received once: {got:?}");
    });
}

/// A buffer grows outside of the lock; meanwhile another sender may have made room, or the consumer have taken all.
#[test]
fn a_buffer_that_grows_outside_of_the_lock_loses_nothing() {
    loom::model(|| {
        let shared = mailbox(8);
        // The next message does not fit into the buffer.
        for n in 1..=4 {
            send(&shared, n).expect("it is open");
        }
        let producers = [[5, 6], [7, 8]].map(|both| {
            let shared = Arc::clone(&shared);
            thread::spawn(move || both.into_iter().for_each(|n| send(&shared, n).expect("it is open")))
        });
        let mut inbox = Inbox::new(&shared);
        let mut got: Vec<u32> = (0..4).map(|_| receive_at_once(&shared, &mut inbox)).collect();
        assert_eq!(got, [1, 2, 3, 4]);
        producers.into_iter().for_each(|producer| producer.join().unwrap());
        got.extend((0..4).map(|_| receive_at_once(&shared, &mut inbox)));
        let place = |n: u32| got.iter().position(|other| *other == n).expect("it was taken");
        assert!(place(5) < place(6) && place(7) < place(8), "each sender's in order: {got:?}");
        assert_eq!((got.len(), shared.len()), (8, 0));
    });
}

/// In a stream the consumer lets others run once before it is parked: what comes meanwhile, a message or a request, is
/// found, and nobody need wake it twice.
#[test]
fn a_request_and_a_message_reach_a_consumer_that_lingers() {
    let mut model = loom::model::Builder::new();
    // Three find no more, and take as long as all other models together.
    model.preemption_bound = Some(2);
    model.check(|| {
        use loom::sync::atomic::{AtomicBool, Ordering};
        let shared = mailbox(2);
        let asked = Arc::new(AtomicBool::new(false));
        let request = {
            let (shared, asked) = (Arc::clone(&shared), Arc::clone(&asked));
            thread::spawn(move || {
                asked.store(true, Ordering::Release);
                shared.wake_consumer();
            })
        };
        let producer = {
            let shared = Arc::clone(&shared);
            thread::spawn(move || send_at_once(&shared, 1))
        };
        let mut inbox = Inbox::new(&shared);
        let (mut lingered, mut got) = (false, 0);
        block_on(poll_fn(|cx| {
            loop {
                let is_asked = asked.load(Ordering::Acquire);
                if !lingered {
                    // As the loop that lets others run: it has woken itself, and is suspended.
                    lingered = true;
                    cx.waker().wake_by_ref();
                    shared.suspend(cx.waker(), Piece::IDLE);
                    return Poll::Pending;
                }
                if inbox.poll_next(cx).is_ready() {
                    got += inbox.take().expect("a message was there");
                } else if is_asked && got == 1 {
                    return Poll::Ready(());
                } else if asked.load(Ordering::Acquire) == is_asked {
                    // Parked, and nothing has come since the first look.
                    return Poll::Pending;
                }
            }
        }));
        request.join().unwrap();
        producer.join().unwrap();
        assert_eq!(shared.len(), 0);
    });
}
