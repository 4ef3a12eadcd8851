//! What a shard can be asked, and what it answers: the messages between connections and shards.

use std::cmp::Ordering;

use bytes::Bytes;

use crate::reply::Reply;

/// One request to one shard. All keys in it belong to that shard.
#[derive(Debug)]
pub(crate) enum ShardOp {
    /// A command about one key.
    Key(Bytes, KeyOp),
    /// The values of these keys, in order: an array with a null for each that is absent.
    MGet(Vec<Bytes>),
    /// Sets all pairs, in order.
    MSet(Vec<(Bytes, Bytes)>),
    /// Removes these keys; how many there were.
    Del(Vec<Bytes>),
    /// How many of these keys there are, each mention counted.
    Exists(Vec<Bytes>),
    /// All keys that match this pattern.
    Keys(Bytes),
    /// A page of keys: [`ShardReply::Page`].
    Scan(ScanStep),
    /// The number of keys.
    Len,
    /// The number of keys and of those that expire: [`ShardReply::Stats`].
    Stats,
    /// Removes all keys.
    Flush,
}

/// A command about one key.
#[derive(Debug)]
pub(crate) enum KeyOp {
    /// The value or null.
    Get,
    /// `OK`, or null if a condition did not hold; with [`SetRule::get`] the value before.
    Set(Bytes, SetRule),
    /// Puts bytes behind the value; the new length.
    Append(Bytes),
    /// The length of the value, 0 if there is none.
    StrLen,
    /// Adds to the integer that the value spells; the sum.
    IncrBy(i64),
    /// Lets the key expire after this many milliseconds, at once if not above zero; 1 if it was
    /// there and the condition held.
    Expire(i64, ExpireIf),
    /// What is left to live, -1 without a deadline, -2 without the key.
    Ttl(TtlUnit),
    /// Takes the deadline away; 1 if there was one.
    Persist,
    /// `string` or `none`.
    Type,
    /// Panics, to show what happens then.
    Panic,
}

/// The options of `SET`.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SetRule {
    pub(crate) ttl: SetTtl,
    pub(crate) when: SetIf,
    /// Answer with the value before.
    pub(crate) get: bool,
}

/// What `SET` does with the deadline of a key.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SetTtl {
    /// Takes it away.
    #[default]
    Clear,
    /// Leaves it as it is.
    Keep,
    /// Sets it to this many milliseconds from now.
    After(u64),
}

/// When `SET` sets.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SetIf {
    #[default]
    Always,
    /// `NX`
    Absent,
    /// `XX`
    Present,
}

/// When `EXPIRE` sets the deadline. No deadline counts as one that is infinitely far.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ExpireIf {
    /// `NX`: there is none yet; `XX`: there is one.
    pub(crate) had: Option<bool>,
    /// `GT`: the new one is later; `LT`: it is earlier.
    pub(crate) moves: Option<Ordering>,
}

/// The unit of `TTL` and `PTTL`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TtlUnit {
    Seconds,
    Millis,
}

/// One step of a `SCAN` in one shard.
#[derive(Debug)]
pub(crate) struct ScanStep {
    /// 0 to begin, then what the last page said.
    pub(crate) position: u64,
    pub(crate) filter: ScanFilter,
    /// About how many keys to return.
    pub(crate) count: usize,
}

/// Which keys a `SCAN` returns.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct ScanFilter {
    /// `MATCH`
    pub(crate) pattern: Option<Bytes>,
    /// `TYPE` with another type than there is: pages stay empty.
    pub(crate) nothing: bool,
}

/// The answer of a shard.
#[derive(Debug)]
pub(crate) enum ShardReply {
    /// What the client gets, or a part of it.
    Reply(Reply),
    /// Some keys, and where to go on: 0 at the end.
    Page { keys: Vec<Reply>, next: u64 },
    /// How many keys there are, and how many of them expire.
    Stats { keys: usize, expiring: usize },
}
