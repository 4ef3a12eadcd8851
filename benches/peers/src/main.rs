//! The same workloads on this library, on other actor crates and on a loop by hand, each on one thread:
//! `cargo run --release --manifest-path benches/peers/Cargo.toml`. Prints one table, in Markdown.
//!
//! All take turns in each round, and each starts a round in turn. What is printed is the median of the rounds, and the
//! median of the ratios to the loop by hand in the same round; below 1.00 is faster than by hand.

mod adapters;
// The same counters and the same clock as in `cargo bench --bench messages`.
#[path = "../../messages/alloc.rs"]
mod alloc;
#[path = "../../messages/meter.rs"]
mod meter;
mod peer;
mod table;
mod workloads;

use adapters::{
    actix::Actix, actor_core::ActorCore, by_hand::ByHand, coerce::Coerce, kameo::Kameo, ractor::Ractor,
    tokio_actors::TokioActors, xtra::Xtra,
};
use meter::Sample;
use peer::Peer;

/// After one that warms up.
const ROUNDS: usize = 5;

/// One crate, its workloads by the order of [`table::TIMED`].
struct Contender {
    name: &'static str,
    mailbox: &'static str,
    timed: [fn() -> Sample; 6],
    idle: fn() -> Sample,
}

fn contender<P: Peer>() -> Contender {
    Contender {
        name: P::CRATE,
        mailbox: P::MAILBOX,
        timed: [
            || P::run(workloads::tell::<P>()),
            || P::run(workloads::ask_one_by_one::<P>()),
            || P::run(workloads::ask_clients::<P>()),
            || P::run(workloads::ping_pong::<P>()),
            || P::run(workloads::many_to_many::<P>()),
            || P::run(workloads::spawn_stop::<P>()),
        ],
        idle: || P::run(workloads::idle::<P>()),
    }
}

fn main() {
    // The first is what all are compared to.
    let contenders = [
        contender::<ByHand>(),
        contender::<ActorCore>(),
        contender::<Actix<true>>(),
        contender::<Actix<false>>(),
        contender::<Xtra>(),
        contender::<Kameo>(),
        contender::<Ractor>(),
        contender::<TokioActors>(),
        contender::<Coerce>(),
    ];
    table::head(&contenders);
    for (which, name) in table::TIMED.iter().enumerate() {
        table::times(name, &rounds(&contenders, which));
    }
    let counted = |pick: fn(&Contender) -> fn() -> Sample| {
        contenders.iter().map(|contender| alloc::counting(pick(contender))).collect::<Vec<_>>()
    };
    table::held(&counted(|contender| contender.idle));
    table::allocated("allocations per tell", &counted(|contender| contender.timed[0]));
    table::allocated("allocations per ask", &counted(|contender| contender.timed[1]));
}

/// Nanoseconds per operation: the rounds of each contender.
fn rounds(contenders: &[Contender], which: usize) -> Vec<Vec<f64>> {
    let mut all = vec![Vec::new(); contenders.len()];
    for round in 0..=ROUNDS {
        for turn in 0..contenders.len() {
            let who = (round + turn) % contenders.len();
            let nanos = table::each(&(contenders[who].timed[which])());
            if round > 0 {
                all[who].push(nanos);
            }
        }
    }
    all
}
