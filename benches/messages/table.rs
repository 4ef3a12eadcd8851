//! The printed table.

use std::time::Duration;

pub(crate) fn head(pairs: usize) {
    println!("ratio of ours to the hand-written actor, below 1.00 is faster; {pairs} pairs each\n");
    println!("| workload | ratio, median | quartiles | ours, ns | by hand, ns |");
    println!("|---|---|---|---|---|");
}

/// One workload: `pairs` are (ours, by hand), each for so many `times`.
pub(crate) fn line(workload: &str, pairs: &[(Duration, Duration)], times: u64) {
    let ratios = sorted(pairs.iter().map(|(ours, hand)| ours.as_secs_f64() / hand.as_secs_f64()));
    let per_one = |time: Duration| time.as_secs_f64() * 1e9 / f64::from(u32::try_from(times).unwrap_or(u32::MAX));
    let ours = sorted(pairs.iter().map(|pair| per_one(pair.0)));
    let hand = sorted(pairs.iter().map(|pair| per_one(pair.1)));
    println!(
        "| {workload} | {:.2} | {:.2} – {:.2} | {:.0} | {:.0} |",
        at(&ratios, 50),
        at(&ratios, 25),
        at(&ratios, 75),
        at(&ours, 50),
        at(&hand, 50),
    );
}

fn sorted(values: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values
}

/// The value at a percentile of sorted values.
fn at(sorted: &[f64], percent: usize) -> f64 {
    let last = sorted.len().saturating_sub(1);
    sorted.get(last * percent / 100).copied().unwrap_or(f64::NAN)
}
