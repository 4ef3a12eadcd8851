//! Small random programs of asks over a few actors, played twice: by the actors in virtual time and by a model of
//! them. Each ask must end alike and at the same moment in both, so neither a ring that was missed nor one that was
//! reported falsely goes unseen.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, BinaryHeap, VecDeque},
    sync::{Arc, Mutex},
    time::Duration,
};

use actor_core::{
    prelude::*,
    rt::test::{now, run, sleep},
};
use futures_util::future::join_all;

const ACTORS: usize = 4;

/// What a handler does: it pauses, asks several at once, pauses, and so on.
#[derive(Debug, Clone)]
struct Program {
    steps: Vec<(u64, Vec<Call>)>,
    last: u64,
}

/// One ask. `via`: of an actor that forwards it.
#[derive(Debug, Clone)]
struct Call {
    id: usize,
    via: Option<usize>,
    to: usize,
    program: Program,
}

/// How each ask ended, and when, in nanoseconds.
type Log = BTreeMap<usize, (String, u64)>;

// ── the actors

#[derive(Clone, Default)]
struct World {
    players: Arc<Mutex<Vec<PlayerHandle>>>,
    log: Arc<Mutex<Log>>,
}

impl World {
    fn get(&self, n: usize) -> PlayerHandle {
        self.players.lock().unwrap()[n].clone()
    }

    async fn call(&self, call: Call) {
        let Call { id, via, to, program } = call;
        let outcome = match via {
            None => self.get(to).play(program).await,
            Some(via) => self.get(via).hand_on(to, program).await,
        };
        let outcome = match outcome {
            Ok(()) => "answered".to_owned(),
            Err(AskError::Deadlock(ring)) => {
                let names: Vec<_> = ring.path().iter().map(actor_core::ActorRef::name).collect();
                names.join(" ")
            }
            Err(error) => panic!("{error}"),
        };
        self.log.lock().unwrap().insert(id, (outcome, now().as_nanos()));
    }
}

struct Player(World);

#[actor]
impl Player {
    pub async fn play(&mut self, program: Program) {
        for (pause, calls) in program.steps {
            sleep(Duration::from_nanos(pause)).await;
            join_all(calls.into_iter().map(|call| self.0.call(call))).await;
        }
        sleep(Duration::from_nanos(program.last)).await;
    }

    pub fn hand_on(&mut self, to: usize, program: Program, reply: Reply<()>) {
        self.0.get(to).play(program).forward(reply);
    }
}

fn played(calls: &[(u64, Call)]) -> Log {
    run(async {
        let world = World::default();
        for n in 0..ACTORS {
            let player = Player(world.clone()).options().name(format!("{n}")).mailbox(1000).spawn().unwrap();
            world.players.lock().unwrap().push(player);
        }
        let all = calls.iter().map(|(pause, call)| {
            let world = world.clone();
            async move {
                sleep(Duration::from_nanos(*pause)).await;
                world.call(call.clone()).await;
            }
        });
        join_all(all).await;
        // A ring of handles would keep the actors for ever.
        world.players.lock().unwrap().clear();
        world.log.lock().unwrap().clone()
    })
}

// ── the model of them

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Who {
    Outside(usize),
    Actor(usize),
}

enum Message {
    Play(usize, Program),
    HandOn(usize, usize, Program),
}

#[derive(Default)]
struct Handler {
    call: usize,
    steps: VecDeque<(u64, Vec<Call>)>,
    last: u64,
    /// What it waits for.
    waits: BTreeSet<usize>,
}

#[derive(Default)]
struct Model {
    queues: Vec<VecDeque<Message>>,
    handlers: Vec<Option<Handler>>,
    /// Asks that are not answered: who asked, and the actor that has the message.
    open: BTreeMap<usize, (Option<usize>, usize)>,
    events: BinaryHeap<Reverse<(u64, Who)>>,
    /// Actors that were idle and have a message, in the order in which they were woken.
    woken: VecDeque<usize>,
    log: Log,
    now: u64,
}

impl Model {
    /// The way from `at` to `goal`, if there is one: each actor is looked at once, its waits in the order of asking.
    fn way(&self, at: usize, goal: usize, seen: &mut BTreeSet<usize>) -> Option<Vec<usize>> {
        if at == goal {
            return Some(vec![]);
        }
        if !seen.insert(at) {
            return None;
        }
        let waits = self.handlers[at].as_ref().map(|handler| handler.waits.clone()).unwrap_or_default();
        waits.iter().find_map(|call| {
            let mut way = self.way(self.open[call].1, goal, seen)?;
            way.insert(0, at);
            Some(way)
        })
    }

    /// The ring that an ask of `from` to `to` would close.
    fn ring(&self, from: Option<usize>, to: usize) -> Option<String> {
        let from = from?;
        let way = self.way(to, from, &mut BTreeSet::new())?;
        Some([from].iter().chain(&way).map(ToString::to_string).collect::<Vec<_>>().join(" "))
    }

    fn send(&mut self, to: usize, message: Message) {
        self.queues[to].push_back(message);
        if self.handlers[to].is_none() && !self.woken.contains(&to) {
            self.woken.push_back(to);
        }
    }

    fn ask(&mut self, from: Option<usize>, call: Call) {
        let Call { id, via, to, program } = call;
        let first = via.unwrap_or(to);
        if let Some(ring) = self.ring(from, first) {
            self.log.insert(id, (ring, self.now));
            return;
        }
        self.open.insert(id, (from, first));
        if let Some(from) = from {
            self.handlers[from].as_mut().unwrap().waits.insert(id);
        }
        self.send(first, if via.is_some() { Message::HandOn(id, to, program) } else { Message::Play(id, program) });
    }

    /// The ask `id` has ended; its handler goes on if that was the last it waited for.
    fn end(&mut self, id: usize, outcome: String) {
        self.log.insert(id, (outcome, self.now));
        let (from, _) = self.open.remove(&id).unwrap();
        if let Some(from) = from {
            self.handlers[from].as_mut().unwrap().waits.remove(&id);
            self.rest(from);
        }
    }

    /// A handler that waits for nothing pauses.
    fn rest(&mut self, actor: usize) {
        let handler = self.handlers[actor].as_mut().unwrap();
        if handler.waits.is_empty() {
            let pause = handler.steps.front().map_or(handler.last, |step| step.0);
            self.events.push(Reverse((self.now + pause, Who::Actor(actor))));
        }
    }

    /// Takes messages until one has to be waited for.
    fn serve(&mut self, actor: usize) {
        while self.handlers[actor].is_none() {
            match self.queues[actor].pop_front() {
                None => return,
                Some(Message::Play(call, program)) => {
                    let Program { steps, last } = program;
                    self.handlers[actor] = Some(Handler { call, steps: steps.into(), last, ..Handler::default() });
                    self.rest(actor);
                }
                Some(Message::HandOn(call, to, program)) => {
                    let from = self.open[&call].0;
                    self.open.insert(call, (from, to));
                    match self.ring(from, to) {
                        Some(ring) => self.end(call, ring),
                        None => self.send(to, Message::Play(call, program)),
                    }
                }
            }
        }
    }

    /// `None` where two things happen at the same moment, and the model would have to know which is first.
    fn play(calls: &[(u64, Call)]) -> Option<Log> {
        let mut model = Model::default();
        model.queues.resize_with(ACTORS, VecDeque::new);
        model.handlers.resize_with(ACTORS, || None);
        for (n, (pause, _)) in calls.iter().enumerate() {
            model.events.push(Reverse((*pause, Who::Outside(n))));
        }
        let mut before = 0;
        while let Some(Reverse((at, who))) = model.events.pop() {
            if std::mem::replace(&mut before, at) == at {
                return None;
            }
            model.now = at;
            match who {
                Who::Outside(n) => model.ask(None, calls[n].1.clone()),
                Who::Actor(actor) => {
                    let handler = model.handlers[actor].as_mut().unwrap();
                    if let Some((_, calls)) = handler.steps.pop_front() {
                        for call in calls {
                            model.ask(Some(actor), call);
                        }
                        model.rest(actor);
                    } else {
                        let handler = model.handlers[actor].take().unwrap();
                        model.end(handler.call, "answered".to_owned());
                        model.serve(actor);
                    }
                }
            }
            while let Some(actor) = model.woken.pop_front() {
                model.serve(actor);
            }
        }
        assert!(model.open.is_empty(), "the model is wrong: it hangs with {:?}", model.open);
        Some(model.log)
    }
}

// ── the programs

struct Random(u64);

impl Random {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (x ^ (x >> 31)) % below
    }

    fn actor(&mut self) -> usize {
        usize::try_from(self.next(ACTORS as u64)).unwrap()
    }

    fn pause(&mut self) -> u64 {
        1 + self.next(1_000_000)
    }

    fn call(&mut self, depth: u32, ids: &mut usize) -> Call {
        *ids += 1;
        let id = *ids;
        let via = (self.next(4) == 0).then(|| self.actor());
        let to = self.actor();
        Call { id, via, to, program: self.program(depth, ids) }
    }

    fn program(&mut self, depth: u32, ids: &mut usize) -> Program {
        let count = if depth == 0 { 0 } else { self.next(3) };
        let steps = (0..count).map(|_| {
            let pause = self.pause();
            // At most one of those asked at once is forwarded: else two might come to the same actor at the same moment.
            let mut calls: Vec<_> = (0..=self.next(2)).map(|_| self.call(depth - 1, ids)).collect();
            calls.iter_mut().skip(1).for_each(|call| call.via = None);
            (pause, calls)
        });
        Program { steps: steps.collect(), last: self.pause() }
    }
}

#[test]
fn m11_random_programs_deadlock_where_a_model_of_them_does_and_nowhere_else() {
    let (mut compared, mut rings, mut asks) = (0, 0, 0);
    for seed in 0..600 {
        let mut random = Random(seed);
        let mut ids = 0;
        let count = 2 + random.next(5);
        let calls: Vec<_> = (0..count).map(|_| (random.pause(), random.call(3, &mut ids))).collect();
        let Some(expected) = Model::play(&calls) else { continue };
        let found = played(&calls);
        assert_eq!(found, expected, "seed {seed}: {calls:#?}");
        compared += 1;
        rings += expected.values().filter(|(outcome, _)| outcome != "answered").count();
        asks += expected.len();
    }
    assert!(compared > 500 && rings > 500 && asks > 2 * rings, "{compared} programs, {asks} asks, {rings} rings");
}
