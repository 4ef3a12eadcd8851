//! Medians and quartiles.

#[derive(Debug, Clone, Copy)]
pub(crate) struct Spread {
    pub(crate) lower: f64,
    pub(crate) median: f64,
    pub(crate) upper: f64,
}

impl Spread {
    pub(crate) fn of(mut values: Vec<f64>) -> Self {
        values.sort_by(f64::total_cmp);
        Spread { lower: at(&values, 25), median: at(&values, 50), upper: at(&values, 75) }
    }
}

pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    Spread::of(values.collect()).median
}

/// The value at a percentile, between the two that are nearest to it.
fn at(sorted: &[f64], percent: usize) -> f64 {
    let last = sorted.len().saturating_sub(1);
    let (below, rest) = (last * percent / 100, last * percent % 100);
    match (sorted.get(below), sorted.get(below + 1)) {
        (Some(low), Some(high)) => low + (high - low) * float(rest as u64) / 100.0,
        (Some(only), None) => *only,
        _ => f64::NAN,
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts and nanoseconds of a run are far below 2^52")]
pub(crate) fn float(number: u64) -> f64 {
    number as f64
}
