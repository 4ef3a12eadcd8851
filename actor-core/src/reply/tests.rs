//! A reply's slot on one thread in every order of events, then on several at random: nothing leaks, nothing is dropped
//! twice, and every answer reaches its own caller.

use std::{
    cell::{Cell, RefCell},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    task::{Context, Poll, Wake, Waker},
    thread,
};

use super::{Reply, Terms, Wait, catching, failing, pair, slot::kept};
use crate::{
    edge::Edge,
    error::AskError,
    exit::{Exit, Panic},
    id::ActorRef,
    rt::Timestamp,
};

/// Counts its owners, and its wakes.
#[derive(Default)]
struct Bell(AtomicU64);

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

    fn rings(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A value that counts itself.
type Value = (u64, Arc<()>);

fn poll<R>(wait: &mut Wait<R>, waker: &Waker) -> Poll<Result<R, AskError>> {
    wait.poll(&mut Context::from_waker(waker))
}

#[test]
fn each_end_is_one_word() {
    assert_eq!(size_of::<Reply<[u8; 128]>>(), size_of::<usize>());
    assert_eq!(size_of::<Wait<[u8; 128]>>(), size_of::<usize>());
}

/// What a caller and a replier may do, in every order: the slot comes back, and so do the value and the wakers.
#[test]
fn nothing_is_left_behind_in_any_order_of_events() {
    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Step {
        Poll,
        PollElsewhere,
        Leave,
        Expire,
        Send,
        Forget,
        Fail,
    }
    use Step::{Expire, Fail, Forget, Leave, Poll, PollElsewhere, Send};
    let steps = [Poll, PollElsewhere, Leave, Expire, Send, Forget, Fail];
    let mut slots = None;
    for order in (0..7_usize.pow(5))
        .step_by(if cfg!(miri) { 29 } else { 1 })
        .map(|n| [1, 7, 49, 343, 2401].map(|place| steps[n / place % 7]))
    {
        let alive = Arc::new(());
        let (bell, waker) = Bell::new();
        let (elsewhere, other) = Bell::new();
        let (reply, wait) = pair::<Value>(Terms::default());
        let (mut reply, mut wait) = (Some(reply), Some(wait));
        let polled = |wait: &mut Option<Wait<Value>>, waker| {
            if wait.as_mut().is_some_and(|wait| poll(wait, waker).is_ready()) {
                *wait = None;
            }
        };
        for step in order {
            match step {
                Poll => polled(&mut wait, &waker),
                PollElsewhere => polled(&mut wait, &other),
                Leave => drop(wait.take()),
                Expire => wait.take().into_iter().for_each(|mut wait| wait.expire()),
                Send => reply.take().into_iter().for_each(|reply| reply.send((1, Arc::clone(&alive)))),
                Forget => drop(reply.take()),
                Fail => failing(AskError::Stopped(Exit::Killed), || drop(reply.take())).0,
            }
        }
        drop((reply, wait));
        assert_eq!(Arc::strong_count(&alive), 1, "{order:?}");
        assert_eq!((Arc::strong_count(&bell), Arc::strong_count(&elsewhere)), (2, 2), "{order:?}");
        assert!(bell.rings() + elsewhere.rings() <= 1, "{order:?}");
        assert_eq!(kept::<Value>(), *slots.get_or_insert(kept::<Value>()), "{order:?}");
    }
}

#[test]
fn only_the_last_waker_is_woken() {
    let (early, first) = Bell::new();
    let (late, second) = Bell::new();
    let (reply, mut wait) = pair(Terms::default());
    assert!(poll(&mut wait, &first).is_pending());
    assert!(poll(&mut wait, &second).is_pending());
    assert!(poll(&mut wait, &second).is_pending());
    assert_eq!(
        (Arc::strong_count(&early), Arc::strong_count(&late)),
        (2, 3),
        "the first is dropped, the second is kept"
    );
    reply.send(5);
    assert_eq!((early.rings(), late.rings()), (0, 1));
    assert_eq!(poll(&mut wait, &second), Poll::Ready(Ok(5)));
}

#[test]
fn a_slot_is_used_again_by_the_next_ask_of_the_thread() {
    let before = kept::<u8>();
    for n in 0..3 {
        let (reply, mut wait) = pair::<u64>(Terms::default());
        assert_eq!(kept::<u8>(), before.saturating_sub(1), "a slot of another type, of the same class");
        reply.send(n);
        assert_eq!(poll(&mut wait, Waker::noop()), Poll::Ready(Ok(n)));
        assert_eq!(kept::<u8>(), before.max(1));
    }
}

#[test]
fn a_thread_keeps_a_limited_number_of_slots() {
    let many: Vec<_> = (0..1000).map(|_| pair::<u8>(Terms::default())).collect();
    drop(many);
    assert_eq!(kept::<u8>(), 256);
}

#[test]
fn replies_of_every_size_and_alignment_come_back_whole() {
    #[repr(align(256))]
    #[derive(Debug, Clone, PartialEq)]
    struct Aligned(u8);

    fn round<R: Clone + PartialEq + std::fmt::Debug + 'static>(value: &R) {
        for _ in 0..3 {
            let (reply, mut wait) = pair(Terms::default());
            assert!(poll(&mut wait, Waker::noop()).is_pending());
            reply.send(value.clone());
            assert_eq!(poll(&mut wait, Waker::noop()), Poll::Ready(Ok(value.clone())));
        }
    }
    round(&());
    round(&Aligned(3));
    round(&[1_u8; 9]);
    round(&[2_u64; 20]);
    round(&[3_u64; 50]);
    round(&[4_u64; 500]);
    round(&String::from("kept"));
    assert_eq!(kept::<[u64; 500]>(), 0);
}

#[test]
fn a_message_is_due_as_its_terms_say() {
    let at = Timestamp::from_nanos;
    let unlimited = Terms { committed: true, ..Terms::default() };
    let committed = || Terms { committed: true, limited: true, deadline: Some(at(5)), edge: None };
    let asked = || Terms { committed: false, ..committed() };

    let (reply, wait) = pair::<()>(unlimited);
    drop(wait);
    assert!(reply.is_due(|| unreachable!()) && !reply.is_wanted(), "run, wanted or not");
    let (reply, wait) = pair::<()>(committed());
    assert_eq!(reply.deadline(), Some(at(5)));
    drop(wait);
    assert!(reply.is_due(|| at(4)) && !reply.is_due(|| at(5)));
    let (reply, mut wait) = pair::<()>(committed());
    wait.expire();
    assert!(!reply.is_due(|| at(0)), "its time was up before");
    let (reply, wait) = pair::<()>(asked());
    assert!(reply.is_due(|| at(4)));
    drop(wait);
    assert!(!reply.is_due(|| at(4)));

    // Late: the caller is told so, even where other callers are told something else; and only this one.
    let (reply, mut wait) = pair::<()>(asked());
    assert!(!reply.is_due(|| at(5)));
    failing(AskError::Killed, || drop(reply));
    assert_eq!(poll(&mut wait, Waker::noop()), Poll::Ready(Err(AskError::Timeout)));
    let (reply, mut wait) = pair::<()>(asked());
    drop(reply);
    assert_eq!(poll(&mut wait, Waker::noop()), Poll::Ready(Err(AskError::NoReply)));
    assert!(Reply::<()>::none().is_due(|| unreachable!()), "a tell");
}

#[test]
fn an_edge_ends_with_the_reply_and_is_not_kept_by_the_slot() {
    type Way = fn(Reply<u8>, Wait<u8>);
    let actor = ActorRef::new("actor").id();
    let ways: [Way; 5] = [
        |reply, _wait| reply.send(1),
        |reply, _wait| drop(reply),
        |reply, wait| drop((wait, reply)),
        |reply, wait| {
            drop(wait);
            reply.send(1);
        },
        |reply, _wait| {
            assert!(reply.defer().is_some_and(|deferral| deferral.is_open()));
            assert!(reply.edge().is_some_and(|edge| edge.leads_to().is_none()));
        },
    ];
    for way in ways {
        let edge = Arc::new(Edge::to(actor));
        let (reply, wait) = pair(Terms { edge: Some(Arc::clone(&edge)), ..Terms::default() });
        assert_eq!(reply.edge().and_then(|edge| edge.leads_to()), Some(actor.get()));
        way(reply, wait);
        assert_eq!((edge.leads_to(), Arc::strong_count(&edge)), (None, 1));
    }
}

#[test]
fn replies_that_a_panic_drops_fail_with_that_panic() {
    let (reply, mut wait) = pair::<u8>(Terms::default());
    let caught: Result<(), Panic> = catching(
        || {
            let _dropped_by_the_unwinding = reply;
            panic!("broken")
        },
        |payload| Panic::new(payload, None, "test"),
    );
    let Err(panic) = caught else { panic!("it was caught") };
    assert_eq!(poll(&mut wait, Waker::noop()), Poll::Ready(Err(AskError::Panicked(panic))));
}

// ── foreign code that panics or comes back

/// Does what it was given to do when it is dropped.
struct Bomb(Box<dyn Fn() + Send>);

impl Drop for Bomb {
    fn drop(&mut self) {
        (self.0)();
    }
}

fn bomb() -> Bomb {
    Bomb(Box::new(|| panic!("a value that panics when it is dropped")))
}

fn panics(f: impl FnOnce()) {
    assert!(catch_unwind(AssertUnwindSafe(f)).is_err());
}

#[test]
fn a_value_whose_drop_panics_costs_no_slot() {
    drop(pair::<Bomb>(Terms::default()));
    let before = kept::<Bomb>();
    // Late, and unheard.
    let (reply, wait) = pair(Terms::default());
    drop(wait);
    panics(|| reply.send(bomb()));
    let (reply, wait) = pair(Terms::default());
    reply.send(bomb());
    panics(|| drop(wait));
    assert_eq!(kept::<Bomb>(), before);
}

#[test]
fn a_value_whose_drop_asks_again_finds_the_pool_in_order() {
    let again = || {
        Bomb(Box::new(|| {
            let (reply, mut wait) = pair::<Value>(Terms::default());
            reply.send((8, Arc::default()));
            assert!(matches!(poll(&mut wait, Waker::noop()), Poll::Ready(Ok((8, _)))));
        }))
    };
    for late in [false, true] {
        let (reply, wait) = pair(Terms::default());
        let mut wait = Some(wait);
        if late {
            wait = None;
        }
        reply.send(again());
        drop(wait);
    }
    let (bell, waker) = Bell::new();
    let (reply, mut wait) = pair::<u8>(Terms::default());
    assert!(poll(&mut wait, &waker).is_pending());
    reply.send(1);
    assert_eq!((bell.rings(), poll(&mut wait, &waker)), (1, Poll::Ready(Ok(1))));
}

#[test]
fn a_waker_whose_wake_or_drop_panics_leaves_the_ask_in_order() {
    struct Faulty(AtomicBool);
    impl Wake for Faulty {
        fn wake(self: Arc<Self>) {
            assert!(!self.0.load(Ordering::Relaxed), "a waker that panics when it is woken");
        }
    }
    impl Drop for Faulty {
        fn drop(&mut self) {
            assert!(self.0.load(Ordering::Relaxed) || thread::panicking(), "a waker that panics when it is dropped");
        }
    }
    let faulty = |wake| Waker::from(Arc::new(Faulty(AtomicBool::new(wake))));
    drop(pair::<u8>(Terms::default()));
    let before = kept::<u8>();

    let (reply, mut wait) = pair::<u8>(Terms::default());
    {
        let waker = faulty(true);
        assert!(poll(&mut wait, &waker).is_pending());
    }
    panics(|| reply.send(3));
    assert_eq!(poll(&mut wait, Waker::noop()), Poll::Ready(Ok(3)), "it was answered all the same");

    // Replaced: the last owner is in the slot.
    let (reply, mut wait) = pair::<u8>(Terms::default());
    {
        let waker = faulty(false);
        assert!(poll(&mut wait, &waker).is_pending());
    }
    panics(|| drop(poll(&mut wait, Waker::noop())));
    assert!(poll(&mut wait, Waker::noop()).is_pending());
    reply.send(4);
    assert_eq!(poll(&mut wait, Waker::noop()), Poll::Ready(Ok(4)));

    // Left behind.
    let (reply, mut wait) = pair::<u8>(Terms::default());
    {
        let waker = faulty(false);
        assert!(poll(&mut wait, &waker).is_pending());
    }
    panics(|| drop(wait));
    assert!(!reply.is_wanted());
    drop(reply);
    assert_eq!(kept::<u8>(), before);
}

// ── several threads

#[test]
fn a_thread_that_ends_may_still_ask_and_answer() {
    /// Uses slots when its thread-local is destroyed: before the pool's or after it.
    struct Last(RefCell<Option<(Reply<Value>, Wait<Value>)>>);
    impl Drop for Last {
        fn drop(&mut self) {
            let (reply, mut wait) = pair::<u64>(Terms::default());
            reply.send(3);
            assert_eq!(poll(&mut wait, Waker::noop()), Poll::Ready(Ok(3)));
            drop(self.0.take());
        }
    }
    thread_local! {
        static BEFORE: Last = const { Last(RefCell::new(None)) };
        static AFTER: Last = const { Last(RefCell::new(None)) };
    }
    let alive = Arc::new(());
    let thread = {
        let alive = Arc::clone(&alive);
        thread::spawn(move || {
            BEFORE.with(|_| ());
            let (reply, mut wait) = pair::<Value>(Terms::default());
            reply.send((1, Arc::clone(&alive)));
            assert!(poll(&mut wait, Waker::noop()).is_ready());
            for last in [&BEFORE, &AFTER] {
                let (reply, wait) = pair::<Value>(Terms::default());
                let (answered, unheard) = pair::<Value>(Terms::default());
                answered.send((2, Arc::clone(&alive)));
                last.with(|last| last.0.replace(Some((reply, unheard))));
                drop(wait);
            }
        })
    };
    thread.join().unwrap();
    assert_eq!(Arc::strong_count(&alive), 1);
}

/// xorshift: enough chance for a test.
struct Chance(Cell<u64>);

impl Chance {
    fn below(&self, n: u64) -> u64 {
        let mut x = self.0.get();
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        self.0.set(x);
        x % n
    }
}

struct Unpark(thread::Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// A reply on its way, and what is to be answered.
type Question = (u64, Reply<Value>);

/// Answers, forgets, keeps for later or passes on, until nobody asks any more.
fn serve(questions: &mpsc::Receiver<Question>, pass: Option<&mpsc::Sender<Question>>, alive: &Arc<()>, seed: u64) {
    let chance = Chance(Cell::new(seed));
    let mut later = Vec::new();
    let answer = |(id, reply): Question| reply.send((id, Arc::clone(alive)));
    loop {
        let Ok(question) = questions.try_recv().or_else(|_| {
            // Nobody is to wait for a reply that is kept.
            later.drain(..).for_each(answer);
            questions.recv()
        }) else {
            return;
        };
        match (chance.below(8), pass) {
            (0, _) => drop(question),
            (1 | 2, _) => later.push(question),
            (3 | 4, Some(pass)) => pass.send(question).expect("the other answers longer"),
            (5, _) if !question.1.is_due(|| unreachable!()) => drop(question),
            _ => answer(question),
        }
        if later.len() > 8 {
            later.drain(..).rev().for_each(answer);
        }
    }
}

/// Asks so many times; leaves some asks early, polls some with changing wakers.
fn ask(times: u64, seed: u64, actors: &[mpsc::Sender<Question>]) -> (u64, Arc<Bell>, Arc<Unpark>) {
    let chance = Chance(Cell::new(seed));
    let (bell, other) = Bell::new();
    let unpark = Arc::new(Unpark(thread::current()));
    let mine = Waker::from(Arc::clone(&unpark));
    let mut answered = 0;
    for n in 0..times {
        let id = seed << 32 | n;
        let (reply, mut wait) = pair(Terms::default());
        let actor = &actors[usize::from(chance.below(2) == 0)];
        actor.send((id, reply)).expect("the actors answer until the callers are through");
        let plan = chance.below(8);
        if plan == 0 {
            continue;
        }
        let mut result = Poll::Pending;
        for waker in [&other, &mine, &other].into_iter().take(usize::from(plan < 4) * 3) {
            if result.is_pending() {
                result = poll(&mut wait, waker);
            }
        }
        match plan {
            1 => continue,
            2 if result.is_pending() => {
                wait.expire();
                continue;
            }
            _ => {}
        }
        while result.is_pending() {
            result = poll(&mut wait, &mine);
            if result.is_pending() {
                thread::park();
            }
        }
        match result {
            Poll::Ready(Ok((value, _alive))) => {
                assert_eq!(value, id, "the answer to another ask");
                answered += 1;
            }
            Poll::Ready(Err(error)) => assert_eq!(error, AskError::NoReply),
            Poll::Pending => unreachable!(),
        }
    }
    (answered, bell, unpark)
}

#[test]
fn every_answer_reaches_its_own_caller_whatever_the_threads_do() {
    const EACH: u64 = if cfg!(miri) { 60 } else { 50_000 };
    let alive = Arc::new(());
    let (first, questions) = mpsc::channel();
    let (second, more) = mpsc::channel();
    let callers: Vec<_> = thread::scope(|scope| {
        let (pass, alive) = (second.clone(), &alive);
        scope.spawn(move || serve(&questions, Some(&pass), alive, 11));
        scope.spawn(move || serve(&more, None, alive, 12));
        let actors = [first, second];
        let callers: Vec<_> = (1..=4)
            .map(|seed| {
                let actors = actors.clone();
                scope.spawn(move || ask(EACH, seed, &actors))
            })
            .collect();
        drop(actors);
        callers.into_iter().map(|caller| caller.join().unwrap()).collect()
    });
    let answered: u64 = callers.iter().map(|(answered, ..)| answered).sum();
    assert!(answered > EACH, "most are answered: {answered}");
    for (_, bell, unpark) in callers {
        assert_eq!((Arc::strong_count(&bell), Arc::strong_count(&unpark)), (1, 1), "every waker is dropped");
    }
    assert_eq!(Arc::strong_count(&alive), 1, "every value is dropped");
}
