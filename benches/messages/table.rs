//! The printed table.

use crate::{
    alloc::Count,
    meter::Sample,
    stats::{Spread, float},
};

/// What a line has to reach.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Target {
    ratio: Option<f64>,
    allocations: Option<f64>,
    bytes: Option<f64>,
}

impl Target {
    /// The line is there for information.
    pub(crate) const NONE: Self = Target { ratio: None, allocations: None, bytes: None };

    pub(crate) const fn ratio(ratio: f64) -> Self {
        Target { ratio: Some(ratio), ..Target::NONE }
    }

    /// At most so many bytes each.
    pub(crate) const fn bytes(bytes: f64) -> Self {
        Target { bytes: Some(bytes), ..Target::NONE }
    }

    /// And next to no allocation in the steady state.
    pub(crate) const fn without_allocations(self) -> Self {
        Target { allocations: Some(0.02), ..self }
    }
}

/// One side of a line.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    pub(crate) nanos: Option<f64>,
    /// Per operation.
    pub(crate) allocations: Option<f64>,
    pub(crate) bytes: Option<f64>,
}

impl Cost {
    pub(crate) fn nanos(nanos: f64) -> Self {
        Cost { nanos: Some(nanos), ..Cost::default() }
    }

    /// What an operation of `counted` allocated, whether or not it was freed.
    pub(crate) fn allocating(self, counted: &Sample) -> Self {
        let each = |total: u64| Some(float(total) / float(counted.operations));
        Cost { allocations: each(counted.count.allocations), bytes: each(counted.count.bytes), ..self }
    }

    /// What is still there of `count`, for each of `number`.
    pub(crate) fn held(count: &Count, number: u64) -> Self {
        let each = |taken: u64, freed: u64| Some((float(taken) - float(freed)) / float(number));
        let allocations = each(count.allocations, count.freed);
        Cost { nanos: None, allocations, bytes: each(count.bytes, count.bytes_freed) }
    }
}

/// Prints as it goes, and keeps count of the targets.
#[derive(Debug, Default)]
pub(crate) struct Table {
    targets: u32,
    met: u32,
}

impl Table {
    pub(crate) fn head() -> Self {
        println!(
            "| workload | ratio, median | quartiles | ours, ns | by hand, ns | allocations, ours | by hand \
             | bytes, ours | by hand | target | met |"
        );
        println!("|---|---|---|---|---|---|---|---|---|---|---|");
        Table::default()
    }

    /// `ratios` are those of the pairs, ours to by hand; both costs are medians.
    pub(crate) fn line(&mut self, workload: &str, ratios: Vec<f64>, ours: Cost, hand: Cost, target: Target) {
        let ratio = Spread::of(ratios);
        let (wanted, missed) = judge(target, ratio.median, ours);
        let met = match (wanted.is_empty(), missed.is_empty()) {
            (true, _) => "",
            (false, true) => "yes",
            (false, false) => "**no**",
        };
        self.targets += u32::from(!wanted.is_empty());
        self.met += u32::from(!wanted.is_empty() && missed.is_empty());
        println!(
            "| {workload} | {:.2} | {:.2} – {:.2} | {} | {} | {} | {} | {} | {} | {} | {met} |",
            ratio.median,
            ratio.lower,
            ratio.upper,
            show(ours.nanos, 0),
            show(hand.nanos, 0),
            show(ours.allocations, 3),
            show(hand.allocations, 3),
            show(ours.bytes, 1),
            show(hand.bytes, 1),
            wanted.join(", "),
        );
    }

    /// Says how many targets are met; whether that is all of them.
    pub(crate) fn end(&self) -> bool {
        println!("\n{} of {} targets are met.", self.met, self.targets);
        self.met == self.targets
    }
}

/// The target in words, and those parts of it that were missed.
fn judge(target: Target, ratio: f64, ours: Cost) -> (Vec<String>, Vec<String>) {
    let parts = [
        (target.ratio.map(|limit| format!("≤ {limit:.2}")), target.ratio.is_some_and(|limit| ratio <= limit)),
        (
            target.allocations.map(|limit| format!("< {limit:.2} allocations")),
            target.allocations.zip(ours.allocations).is_some_and(|(limit, is)| is < limit),
        ),
        (
            target.bytes.map(|limit| format!("≤ {limit:.0} bytes")),
            target.bytes.zip(ours.bytes).is_some_and(|(limit, is)| is <= limit),
        ),
    ];
    let wanted = parts.iter().filter_map(|(words, _)| words.clone()).collect();
    let missed = parts.into_iter().filter(|(_, met)| !met).filter_map(|(words, _)| words).collect();
    (wanted, missed)
}

fn show(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"))
}
