//! What to do with a message for which there is no room.

/// What a full mailbox does with the next message.
///
/// ```
/// use actor_core::prelude::*;
/// # struct Feed;
/// # #[actor] impl Feed { #[tell] pub fn price(&mut self, cents: u64) {} }
/// # actor_core::rt::test::run(async {
/// let h = Feed.options().mailbox(2).overflow(Overflow::DropOldest).spawn().unwrap();
/// for cents in 0..9 {
///     h.price(cents).await.unwrap();     // never waits: the oldest waiting price goes
/// }
/// assert_eq!(h.mailbox().len, 2);
/// # });
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Overflow {
    /// Senders wait for room, in the order in which they came; `try_` sends give `Full`. The default.
    #[default]
    Wait,
    /// Every send gives `Full` at once, and a tell gets its message back.
    Reject,
    /// The arriving message is dropped: a tell has then returned `Ok`, an ask ends with `Full`.
    DropNewest,
    /// The message that has waited longest is dropped in favour of the arriving one.
    DropOldest,
}

/// What the policy decides for one message and a full lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    Wait,
    Refuse,
    DropArriving,
    DropOldest,
}

impl Overflow {
    /// Pure: a function of the policy and of whether the sender is willing to wait.
    pub(super) fn decide(self, willing_to_wait: bool) -> Decision {
        match self {
            Overflow::Wait if willing_to_wait => Decision::Wait,
            Overflow::Wait | Overflow::Reject => Decision::Refuse,
            Overflow::DropNewest => Decision::DropArriving,
            Overflow::DropOldest => Decision::DropOldest,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Decision, Overflow};

    #[test]
    fn every_policy_has_one_answer() {
        let table = [
            (Overflow::Wait, true, Decision::Wait),
            (Overflow::Wait, false, Decision::Refuse),
            (Overflow::Reject, true, Decision::Refuse),
            (Overflow::Reject, false, Decision::Refuse),
            (Overflow::DropNewest, true, Decision::DropArriving),
            (Overflow::DropNewest, false, Decision::DropArriving),
            (Overflow::DropOldest, true, Decision::DropOldest),
            (Overflow::DropOldest, false, Decision::DropOldest),
        ];
        for (policy, willing, decision) in table {
            assert_eq!(policy.decide(willing), decision, "{policy:?}, willing to wait: {willing}");
        }
    }
}
