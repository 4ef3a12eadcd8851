//! A panic in every callback, alone and under a supervisor: whoever waits gets a typed error, the exit says what
//! happened, and the supervisor starts the next incarnation.

mod support;

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use actor_core::{
    prelude::*,
    rt::test::{run, sleep},
};
use support::{Log, ms, settle};

/// Where the first incarnation panics. Later ones behave.
#[derive(Debug, Clone, Copy, PartialEq)]
enum At {
    Nowhere,
    Factory,
    FactoryFuture,
    OnStart,
    Handler,
    BeforeAwait,
    AfterAwait,
    Timer,
    OnStop,
    DropOfState,
}

const ALL: [At; 9] = [
    At::Factory,
    At::FactoryFuture,
    At::OnStart,
    At::Handler,
    At::BeforeAwait,
    At::AfterAwait,
    At::Timer,
    At::OnStop,
    At::DropOfState,
];

impl At {
    /// What was running, as the panic says.
    fn during(self) -> &'static str {
        match self {
            At::Nowhere => "",
            At::Factory | At::FactoryFuture => "factory",
            At::OnStart => "on_start",
            At::Handler => "sync",
            At::BeforeAwait | At::AfterAwait => "awaiting",
            At::Timer => "tick",
            At::OnStop => "on_stop",
            At::DropOfState => "drop",
        }
    }

    fn here(self, at: At) {
        assert_ne!(self, at, "boom");
    }
}

struct Bomb {
    at: At,
    fuse: Fuse,
}

/// Panics when it is dropped, if that is its place; not while it is dropped by another panic, which would abort.
struct Fuse(At);

impl Drop for Fuse {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.0.here(At::DropOfState);
        }
    }
}

impl Bomb {
    fn new(at: At) -> Self {
        Bomb { at, fuse: Fuse(at) }
    }
}

#[actor]
impl Bomb {
    #[on_start]
    fn start(&mut self) {
        self.at.here(At::OnStart);
    }

    #[on_stop]
    fn stopping(&mut self) {
        self.at.here(At::OnStop);
    }

    #[every("5ms")]
    fn tick(&mut self) {
        self.at.here(At::Timer);
    }

    pub fn sync(&mut self) -> &'static str {
        self.at.here(At::Handler);
        "sync"
    }

    pub async fn awaiting(&mut self) -> &'static str {
        self.at.here(At::BeforeAwait);
        sleep(ms(1)).await;
        self.at.here(At::AfterAwait);
        "awaiting"
    }

    pub fn state(&self) -> bool {
        self.fuse.0 == At::Nowhere
    }

    pub fn carry(&mut self, item: Grenade) -> bool {
        item.pinned
    }
}

/// A message that panics when it is dropped, unless its pin is in.
struct Grenade {
    pinned: bool,
}

impl Drop for Grenade {
    fn drop(&mut self) {
        assert!(self.pinned || std::thread::panicking(), "boom");
    }
}

/// A typed error of the kind that a panic gives: in this message's own handler, or before it began.
fn is_typed<T: std::fmt::Debug>(at: At, result: &Result<T, AskError>) -> bool {
    match result {
        Err(AskError::Panicked(panic) | AskError::Stopped(Exit::Panicked(panic))) => panic.during() == at.during(),
        _ => false,
    }
}

// ── spawned

#[test]
fn s10_a_panic_in_any_callback_of_a_spawned_actor_ends_every_ask_with_a_typed_error() {
    let (log, _installed) = Log::install();
    for at in ALL.into_iter().filter(|at| !matches!(at, At::Factory | At::FactoryFuture)) {
        run(async {
            let h = Bomb::new(at).spawn();
            let (monitor, stopped, started) = (h.monitor(), h.stopped(), h.started());
            let (sync, awaiting) = (h.sync().enqueue().await.unwrap(), h.awaiting().enqueue().await.unwrap());
            let queued = h.state().enqueue().await.unwrap();
            sleep(ms(10)).await;
            if at == At::OnStop || at == At::DropOfState {
                // These come after everything was handled.
                drop(h.stop());
            }
            let answers = (sync.await, awaiting.await, queued.await.map(|_| ""));
            let (first, second, third) = match at {
                At::OnStart | At::Handler => (false, false, false),
                At::BeforeAwait | At::AfterAwait => (true, false, false),
                _ => (true, true, true),
            };
            assert!(if first { answers.0.is_ok() } else { is_typed(at, &answers.0) }, "{at:?}: {:?}", answers.0);
            assert!(if second { answers.1.is_ok() } else { is_typed(at, &answers.1) }, "{at:?}: {:?}", answers.1);
            assert!(if third { answers.2.is_ok() } else { is_typed(at, &answers.2) }, "{at:?}: {:?}", answers.2);

            assert_eq!(started.await.is_ok(), at != At::OnStart, "{at:?}");
            for exit in [monitor.await, stopped.await] {
                let Exit::Panicked(panic) = exit else { panic!("{at:?}: {exit}") };
                assert_eq!((panic.during(), panic.actor().map(actor_core::ActorRef::id)), (at.during(), Some(h.id())));
                assert!(panic.text().contains("boom"));
            }
            assert!(matches!(log.crashes(h.id())[..], [(1, Exit::Panicked(_))]), "{at:?}");
            assert!(matches!(h.sync().await, Err(AskError::Stopped(Exit::Panicked(_)))), "{at:?}");
        });
    }
}

// ── supervised

/// A tree in which the `first` incarnations of a child panic at a place, and later ones nowhere.
fn tree_of(at: At, well: u32) -> (Supervisor, BombHandle, Arc<AtomicU32>) {
    let mut tree = Supervisor::one_for_one();
    let births = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&births);
    let h = tree.child("bomb", move || {
        let at = if counted.fetch_add(1, Ordering::Relaxed) == well { at } else { At::Nowhere };
        at.here(At::Factory);
        async move {
            at.here(At::FactoryFuture);
            Bomb::new(at)
        }
    });
    (tree, h, births)
}

#[test]
fn r1_a_panic_in_any_callback_of_a_child_starts_the_next_incarnation() {
    for at in ALL {
        run(async {
            // The first incarnation is well where the panic is to hit a restart, not the first start.
            let at_birth = matches!(at, At::Factory | At::FactoryFuture | At::OnStart);
            let (tree, h, births) = tree_of(at, u32::from(at_birth));
            let app = tree.start().await.unwrap();
            let exit = h.monitor();
            match at {
                At::Handler => assert!(is_typed(at, &h.sync().await)),
                At::BeforeAwait | At::AfterAwait => assert!(is_typed(at, &h.awaiting().await)),
                At::Timer => sleep(ms(6)).await,
                At::OnStop | At::DropOfState => drop(h.stop()),
                _ => drop(h.kill()),
            }
            // Asked while the child is down: served by the incarnation that is well.
            assert_eq!(h.state().await, Ok(true), "{at:?}");
            match exit.await {
                Exit::Killed => assert!(at_birth),
                Exit::Panicked(panic) => assert_eq!(panic.during(), at.during()),
                other => panic!("{at:?}: {other}"),
            }
            assert_eq!(births.load(Ordering::Relaxed), if at_birth { 3 } else { 2 }, "{at:?}");
            assert!(app.is_alive() && h.is_alive());
            assert_eq!(app.stop().await, Exit::Stopped);
        });
    }
}

#[test]
fn r17_a_panic_at_the_first_start_is_why_the_tree_did_not_start() {
    for at in [At::Factory, At::FactoryFuture, At::OnStart] {
        run(async {
            let (tree, h, _) = tree_of(at, 0);
            let queued = h.sync().enqueue().await.unwrap();
            let error = tree.start().await.unwrap_err();
            assert_eq!(error.child(), Some("bomb"));
            let Exit::Panicked(panic) = error.cause() else { panic!("{error}") };
            assert_eq!(panic.during(), at.during());
            assert!(is_typed(at, &queued.await), "{at:?}");
        });
    }
}

// ── the drop of a message

#[test]
fn m8_a_message_that_panics_when_it_is_dropped_ends_its_own_ask_and_nobody_elses() {
    run(async {
        // In its handler.
        let h = Bomb::new(At::Nowhere).spawn();
        let answer = h.carry(Grenade { pinned: false }).await;
        assert!(matches!(&answer, Err(AskError::Panicked(panic)) if panic.during() == "carry"), "{answer:?}");
        assert!(matches!(h.stopped().await, Exit::Panicked(_)));

        // Returned by an actor that stops.
        let h = Bomb::new(At::Nowhere).spawn();
        let running = h.awaiting().enqueue().await.unwrap();
        settle().await;
        let armed = h.carry(Grenade { pinned: false }).enqueue().await.unwrap();
        let behind = h.state().enqueue().await.unwrap();
        assert_eq!(h.stop_now().await, Exit::Stopped);
        assert_eq!(h.stopped().await, Exit::Stopped);
        assert!(running.await.is_ok());
        assert_eq!(armed.await, Err(AskError::Stopped(Exit::Stopped)));
        assert_eq!(behind.await, Err(AskError::Stopped(Exit::Stopped)));
    });
}

#[test]
fn m4_a_dropped_message_that_panics_does_not_panic_its_sender() {
    run(async {
        let h = Bomb::new(At::Nowhere).options().mailbox(1).overflow(Overflow::DropOldest).spawn().unwrap();
        drop(h.awaiting().enqueue().await.unwrap());
        settle().await;
        let armed = h.carry(Grenade { pinned: false }).enqueue().await.unwrap();
        assert_eq!(h.state().await, Ok(true));
        assert_eq!(armed.await, Err(AskError::Full));
    });
}

#[test]
fn m8_a_skipped_message_that_panics_when_it_is_dropped_is_a_panic_of_its_handler() {
    run(async {
        let h = Bomb::new(At::Nowhere).spawn();
        drop(h.awaiting().enqueue().await.unwrap());
        settle().await;
        assert_eq!(h.carry(Grenade { pinned: false }).timeout(ms(0)).await, Err(AskError::Timeout));
        let Exit::Panicked(panic) = h.stopped().await else { panic!("it was dropped quietly") };
        assert_eq!(panic.during(), "carry");
    });
}

#[test]
fn m10_replies_that_a_panic_drops_fail_with_it_wherever_they_are() {
    run(async {
        let h = Hoarder::default().spawn();
        let kept = h.keep().enqueue().await.unwrap();
        let lost = h.lose().enqueue().await.unwrap();
        assert!(matches!(lost.await, Err(AskError::Panicked(_))), "this handler's own");
        assert!(matches!(kept.await, Err(AskError::Stopped(Exit::Panicked(_)))), "the state's");
    });
}

#[derive(Default)]
struct Hoarder {
    kept: Vec<Reply<u32>>,
}

#[actor]
impl Hoarder {
    pub fn keep(&mut self, reply: Reply<u32>) {
        self.kept.push(reply);
    }

    pub fn lose(&mut self, reply: Reply<u32>) {
        let lost = (reply, self.kept.len());
        assert_eq!(lost.1, 0, "boom");
        drop(lost);
    }
}
