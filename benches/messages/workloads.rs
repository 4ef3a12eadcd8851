//! The lines that compare times.

use crate::{
    CAPACITY, alloc, annotated, by_hand,
    meter::Sample,
    pairs::pairs,
    stats::{float, median},
    table::{Cost, Table, Target},
    worlds::{Worlds, two_cores},
};

/// Counted pairs per line.
const PAIRS: usize = 20;

/// One way to do the work.
type Side = fn(&Worlds) -> Sample;

struct Line {
    name: &'static str,
    target: Target,
    ours: Side,
    hand: Side,
}

const fn line(name: &'static str, target: Target, ours: Side, hand: Side) -> Line {
    Line { name, target, ours, hand }
}

pub(crate) fn run(worlds: &Worlds, filter: &str, table: &mut Table) {
    for line in tells().iter().chain(&asks()).chain(&others()).filter(|line| line.name.contains(filter)) {
        let pairs = pairs(PAIRS, || (line.ours)(worlds), || (line.hand)(worlds));
        let ratios = pairs.iter().map(|(ours, hand)| each(ours) / each(hand)).collect();
        let (ours, hand) =
            (median(pairs.iter().map(|pair| each(&pair.0))), median(pairs.iter().map(|pair| each(&pair.1))));
        // After all pairs: pools and queues have their steady size.
        let (our_count, hand_count) = alloc::counting(|| ((line.ours)(worlds), (line.hand)(worlds)));
        let ours = Cost::nanos(ours).allocating(&our_count);
        table.line(line.name, ratios, ours, Cost::nanos(hand).allocating(&hand_count), line.target);
    }
}

/// Nanoseconds per operation.
fn each(sample: &Sample) -> f64 {
    sample.time.as_secs_f64() * 1e9 / float(sample.operations)
}

fn tells() -> [Line; 10] {
    use annotated::tell as ours;
    use by_hand::tell as hand;
    [
        line(
            "tell 16 B, one thread",
            Target::ratio(0.30).without_allocations(),
            |at| at.one_thread(async { ours::drive(ours::small(CAPACITY), 1).await }),
            |at| at.one_thread(async { hand::drive(hand::small(CAPACITY), 1).await }),
        ),
        line(
            "tell 128 B, one thread",
            Target::ratio(0.40).without_allocations(),
            |at| at.one_thread(ours::large()),
            |at| at.one_thread(hand::large()),
        ),
        line(
            "tell 16 B, supervised, one thread",
            Target::NONE,
            |at| at.one_thread(ours::supervised()),
            |at| at.one_thread(async { hand::drive(hand::small(CAPACITY), 1).await }),
        ),
        line(
            "tell, 8 producers, one thread",
            Target::ratio(0.40),
            |at| at.one_thread(async { ours::drive(ours::small(CAPACITY), 8).await }),
            |at| at.one_thread(async { hand::drive(hand::small(CAPACITY), 8).await }),
        ),
        line(
            "tell across cores, capacity 1024, 1 producer",
            Target::ratio(0.50),
            |_| two_cores(|| ours::small(1024), |actor| ours::drive(actor, 1)),
            |_| two_cores(|| hand::small(1024), |actor| hand::drive(actor, 1)),
        ),
        line(
            "tell across cores, capacity 64, 1 producer",
            Target::ratio(1.00),
            |_| two_cores(|| ours::small(64), |actor| ours::drive(actor, 1)),
            |_| two_cores(|| hand::small(64), |actor| hand::drive(actor, 1)),
        ),
        line(
            "tell across cores, capacity 64, 4 producers",
            Target::ratio(1.00),
            |_| two_cores(|| ours::small(64), |actor| ours::drive(actor, 4)),
            |_| two_cores(|| hand::small(64), |actor| hand::drive(actor, 4)),
        ),
        line(
            "tell 16 B, two workers",
            Target::NONE,
            |at| at.two_workers(async { ours::drive(ours::small(CAPACITY), 1).await }),
            |at| at.two_workers(async { hand::drive(hand::small(CAPACITY), 1).await }),
        ),
        line(
            "tell 128 B, two workers",
            Target::NONE,
            |at| at.two_workers(ours::large()),
            |at| at.two_workers(hand::large()),
        ),
        line(
            "tell, 8 producers, two workers",
            Target::NONE,
            |at| at.two_workers(async { ours::drive(ours::small(CAPACITY), 8).await }),
            |at| at.two_workers(async { hand::drive(hand::small(CAPACITY), 8).await }),
        ),
    ]
}

fn asks() -> [Line; 7] {
    use annotated::ask as ours;
    use by_hand::ask as hand;
    [
        line(
            "ask, one by one, one thread",
            Target::ratio(0.70).without_allocations(),
            |at| at.one_thread(ours::one_by_one()),
            |at| at.one_thread(hand::one_by_one()),
        ),
        line(
            "ask, supervised, one thread",
            Target::NONE,
            |at| at.one_thread(ours::supervised()),
            |at| at.one_thread(hand::one_by_one()),
        ),
        line(
            "ask, 64 clients, one thread",
            Target::ratio(0.60).without_allocations(),
            |at| at.one_thread(ours::clients()),
            |at| at.one_thread(hand::clients()),
        ),
        line(
            "ask inside a handler, one thread",
            Target::ratio(0.85),
            |at| at.one_thread(ours::inside()),
            |at| at.one_thread(hand::inside()),
        ),
        line(
            "ask with a time limit, one thread",
            Target::NONE,
            |at| at.one_thread(ours::limited()),
            |at| at.one_thread(hand::limited()),
        ),
        line(
            "ask, one by one, two workers",
            Target::NONE,
            |at| at.two_workers(ours::one_by_one()),
            |at| at.two_workers(hand::one_by_one()),
        ),
        line(
            "ask, 64 clients, two workers",
            Target::NONE,
            |at| at.two_workers(ours::clients()),
            |at| at.two_workers(hand::clients()),
        ),
    ]
}

fn others() -> [Line; 6] {
    use annotated::{life as our_life, many as our_many, ping as our_ping};
    use by_hand::{life, many, ping};
    [
        line(
            "ping-pong of two actors, one thread",
            Target::ratio(0.80),
            |at| at.one_thread(our_ping::pong()),
            |at| at.one_thread(ping::pong()),
        ),
        line(
            "many to many, 120 actors, one thread",
            Target::NONE,
            |at| at.one_thread(our_many::to_many()),
            |at| at.one_thread(many::to_many()),
        ),
        line(
            "many to many, 120 actors, two workers",
            Target::NONE,
            |at| at.two_workers(our_many::to_many()),
            |at| at.two_workers(many::to_many()),
        ),
        line(
            "spawn and stop, one thread",
            Target::ratio(1.50),
            |at| at.one_thread(our_life::spawn_stop()),
            |at| at.one_thread(life::spawn_stop()),
        ),
        line(
            "spawn, ask and stop, one thread",
            Target::NONE,
            |at| at.one_thread(our_life::spawn_ask_stop()),
            |at| at.one_thread(life::spawn_ask_stop()),
        ),
        line(
            "spawn and stop, two workers",
            Target::NONE,
            |at| at.two_workers(our_life::spawn_stop()),
            |at| at.two_workers(life::spawn_stop()),
        ),
    ]
}
