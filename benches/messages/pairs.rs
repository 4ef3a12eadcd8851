//! Taking turns: what disturbs one half of a pair most often disturbs the other too.

/// (ours, by hand), one after the other; who is first changes with each pair. The first pair warms up and is dropped.
pub(crate) fn pairs<T>(counted: usize, ours: impl Fn() -> T, hand: impl Fn() -> T) -> Vec<(T, T)> {
    let pair = |round: usize| {
        if round.is_multiple_of(2) {
            let first = ours();
            (first, hand())
        } else {
            let first = hand();
            (ours(), first)
        }
    };
    (0..=counted).map(pair).skip(1).collect()
}
