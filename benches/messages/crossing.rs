//! What the actors of the many-to-many lines have in common on both sides.

/// As many balls are in the air.
pub(crate) const ACTORS: u64 = 120;

/// Room for every ball at once: nobody waits for room while somebody waits for it, which no mailbox could resolve.
pub(crate) const CAPACITY: usize = 128;

/// Where the ball goes from here, and the luck it takes along: never back to the one who has it.
pub(crate) fn next(me: usize, luck: u32) -> (usize, u32) {
    const OTHERS: usize = 119;
    let luck = luck.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
    // The lower bits of such a generator have short periods.
    let skip = 1 + (luck >> 16) as usize % OTHERS;
    ((me + skip) % (OTHERS + 1), luck)
}
