//! The printed table: a column for each crate.

use crate::{Contender, meter::Sample};

/// The rows with times.
pub(crate) const TIMED: [&str; 6] = [
    "tell 16 B, ns",
    "ask, one by one, ns",
    "ask, 64 clients, ns",
    "ping-pong, a hop, ns",
    "many to many, 120 actors, a hop, ns",
    "spawn and stop, ns",
];

/// What was built.
const LOCK: &str = include_str!("../Cargo.lock");

fn version(name: &str) -> &'static str {
    let entry = LOCK.split("[[package]]").find(|entry| entry.contains(&format!("name = \"{name}\"\n")));
    let version = entry.and_then(|entry| entry.split("version = \"").nth(1)).and_then(|rest| rest.split('"').next());
    version.unwrap_or("?")
}

pub(crate) fn head(contenders: &[Contender]) {
    let name = |contender: &Contender| match contender.name {
        "tokio" => format!("by hand, tokio {}", version("tokio")),
        name => format!("{name} {}", version(name)),
    };
    row("", contenders.iter().map(name));
    println!("|---{}|", "|---".repeat(contenders.len()));
    row("mailbox", contenders.iter().map(|contender| contender.mailbox.to_owned()));
}

/// Medians, and medians of the ratios to the first.
pub(crate) fn times(name: &str, rounds: &[Vec<f64>]) {
    let cell = |rounds_of: &Vec<f64>| {
        let ratios = rounds_of.iter().zip(&rounds[0]).map(|(this, first)| this / first);
        format!("{:.0} ({:.2})", median(rounds_of.iter().copied()), median(ratios))
    };
    row(name, rounds.iter().map(cell));
}

/// What is on the heap for each idle actor.
pub(crate) fn held(counted: &[Sample]) {
    let each = |sample: &Sample, taken: u64, freed: u64| (float(taken) - float(freed)) / float(sample.operations);
    let cell = |sample: &Sample| {
        let count = sample.count;
        let blocks = each(sample, count.allocations, count.freed);
        format!("{:.0} in {blocks:.0}", each(sample, count.bytes, count.bytes_freed))
    };
    row("idle actor, bytes in allocations", counted.iter().map(cell));
}

pub(crate) fn allocated(name: &str, counted: &[Sample]) {
    let cell = |sample: &Sample| format!("{:.2}", float(sample.count.allocations) / float(sample.operations));
    row(name, counted.iter().map(cell));
}

/// Nanoseconds per operation.
pub(crate) fn each(sample: &Sample) -> f64 {
    sample.time.as_secs_f64() * 1e9 / float(sample.operations)
}

fn row(name: &str, cells: impl Iterator<Item = String>) {
    println!("| {name} | {} |", cells.collect::<Vec<_>>().join(" | "));
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[expect(clippy::cast_precision_loss, reason = "counts of a run are far below 2^52")]
fn float(number: u64) -> f64 {
    number as f64
}
