//! Which shards a command goes to, and how their answers become one.
//!
//! A command on keys of several shards is one request to each of them, sent in one go and answered
//! by each on its own: `MSET`, `MGET` and `DEL` are *not atomic* across shards. Another client may
//! see half of an `MSET`, and if a shard crashes, the other half is done.

use bytes::Bytes;

use crate::{
    command::Command,
    local::Local,
    op::{ScanStep, ShardOp, ShardReply},
    reply::Reply,
};

/// What to do for a command.
#[derive(Debug)]
pub(crate) enum Plan {
    /// Answered by the connection.
    Local(Local),
    /// One request, whose answer is the client's.
    One(usize, ShardOp),
    /// A request to each of several shards, and what to make of the answers.
    Many(Vec<(usize, ShardOp)>, Merge),
}

/// How the answers of several shards, in the order of their requests, become one.
#[derive(Debug)]
pub(crate) enum Merge {
    /// All have done it.
    AllOk,
    /// The sum of their counts.
    Sum,
    /// One array after the other.
    Concat,
    /// The elements at the places they were asked from: for each shard the places of its keys.
    Scatter(Vec<Vec<usize>>),
    /// A page of this shard out of so many.
    Page { shard: usize, shards: usize },
    /// The sections of `INFO` asked for.
    Info(Vec<String>),
}

/// An answer that is put together, or the counts that `INFO` needs to go on.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Merged {
    Reply(Reply),
    Info { sections: Vec<String>, keys: usize, expiring: usize },
}

/// The shard of a key: FNV-1a, which is the same in every run and short for short keys. Someone
/// who crafts keys can aim at one shard, but not slow its table down, whose hash has a secret.
pub(crate) fn shard_of(key: &[u8], shards: usize) -> usize {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for &byte in key {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    // The upper half takes part: the lowest bits of FNV depend on the lowest bits of the key only.
    hash ^= hash >> 32;
    usize::try_from(hash % (shards as u64)).unwrap_or(0)
}

/// Splits a command over `shards` shards.
pub(crate) fn split(command: Command, shards: usize) -> Plan {
    match command {
        Command::Local(local) => Plan::Local(local),
        Command::Key(key, op) => Plan::One(shard_of(&key, shards), ShardOp::Key(key, op)),
        Command::MGet(keys) => mget(keys, shards),
        Command::MSet(pairs) => {
            let parts = divide(pairs, shards, |(key, _)| key);
            several(parts, ShardOp::MSet, Merge::AllOk)
        }
        Command::Del(keys) => several(divide(keys, shards, |key| key), ShardOp::Del, Merge::Sum),
        Command::Exists(keys) => several(divide(keys, shards, |key| key), ShardOp::Exists, Merge::Sum),
        Command::Keys(pattern) => to_all(shards, || ShardOp::Keys(pattern.clone()), Merge::Concat),
        Command::DbSize => to_all(shards, || ShardOp::Len, Merge::Sum),
        Command::FlushAll => to_all(shards, || ShardOp::Flush, Merge::AllOk),
        Command::Info(sections) => to_all(shards, || ShardOp::Stats, Merge::Info(sections)),
        Command::Scan { cursor, filter, count } => {
            // A cursor is `position * shards + shard`, so 0 is the start of the first shard and
            // nothing else is.
            let shard = usize::try_from(cursor % shards as u64).unwrap_or(0);
            let position = cursor / shards as u64;
            let step = ScanStep { position, filter, count };
            Plan::Many(vec![(shard, ShardOp::Scan(step))], Merge::Page { shard, shards })
        }
    }
}

/// Sorts items by the shard of their key; within a shard they stay in order.
fn divide<T>(items: Vec<T>, shards: usize, key: impl Fn(&T) -> &Bytes) -> Vec<(usize, Vec<T>)> {
    let first = items.first().map_or(0, |item| shard_of(key(item), shards));
    if items.iter().all(|item| shard_of(key(item), shards) == first) {
        return vec![(first, items)];
    }
    let mut parts: Vec<_> = (0..shards).map(|shard| (shard, Vec::new())).collect();
    for item in items {
        parts[shard_of(key(&item), shards)].1.push(item);
    }
    parts.retain(|(_, items)| !items.is_empty());
    parts
}

fn several<T>(mut parts: Vec<(usize, Vec<T>)>, op: impl Fn(Vec<T>) -> ShardOp, merge: Merge) -> Plan {
    if parts.len() == 1
        && let Some((shard, items)) = parts.pop()
    {
        return Plan::One(shard, op(items));
    }
    Plan::Many(parts.into_iter().map(|(shard, items)| (shard, op(items))).collect(), merge)
}

fn to_all(shards: usize, op: impl Fn() -> ShardOp, merge: Merge) -> Plan {
    Plan::Many((0..shards).map(|shard| (shard, op())).collect(), merge)
}

fn mget(keys: Vec<Bytes>, shards: usize) -> Plan {
    let numbered = keys.into_iter().enumerate().collect();
    let mut places = Vec::new();
    let mut parts = Vec::new();
    for (shard, items) in divide(numbered, shards, |(_, key)| key) {
        let (at, keys): (Vec<_>, Vec<_>) = items.into_iter().unzip();
        places.push(at);
        parts.push((shard, keys));
    }
    several(parts, ShardOp::MGet, Merge::Scatter(places))
}

impl Merge {
    /// Puts the answers together. The first error among them is the error of the whole.
    pub(crate) fn merge(self, replies: Vec<ShardReply>) -> Merged {
        let failed = replies.iter().find_map(|reply| match reply {
            ShardReply::Reply(error @ Reply::Error(_)) => Some(error.clone()),
            _ => None,
        });
        if let Some(error) = failed {
            return Merged::Reply(error);
        }
        Merged::Reply(match self {
            Self::AllOk => Reply::OK,
            Self::Sum => Reply::Int(replies.iter().map(count).sum()),
            Self::Concat => Reply::Array(replies.into_iter().flat_map(elements).collect()),
            Self::Scatter(places) => scatter(&places, replies),
            Self::Page { shard, shards } => page(shard, shards, replies),
            Self::Info(sections) => {
                let (keys, expiring) =
                    replies.iter().map(stats).fold((0, 0), |sum, part| (sum.0 + part.0, sum.1 + part.1));
                return Merged::Info { sections, keys, expiring };
            }
        })
    }
}

fn count(reply: &ShardReply) -> i64 {
    match reply {
        ShardReply::Reply(Reply::Int(count)) => *count,
        _ => 0,
    }
}

fn stats(reply: &ShardReply) -> (usize, usize) {
    match reply {
        ShardReply::Stats { keys, expiring } => (*keys, *expiring),
        _ => (0, 0),
    }
}

fn elements(reply: ShardReply) -> Vec<Reply> {
    match reply {
        ShardReply::Reply(Reply::Array(elements)) => elements,
        _ => Vec::new(),
    }
}

fn scatter(places: &[Vec<usize>], replies: Vec<ShardReply>) -> Reply {
    let mut whole = vec![Reply::Null; places.iter().map(Vec::len).sum()];
    for (places, reply) in places.iter().zip(replies) {
        for (&place, element) in places.iter().zip(elements(reply)) {
            whole[place] = element;
        }
    }
    Reply::Array(whole)
}

/// A page and the cursor behind it. At the end of a shard the next one begins.
fn page(shard: usize, shards: usize, replies: Vec<ShardReply>) -> Reply {
    let Some(ShardReply::Page { keys, next }) = replies.into_iter().next() else {
        return Reply::error("ERR the shard did not answer with a page");
    };
    let cursor = match next {
        0 if shard + 1 == shards => 0,
        0 => shard as u64 + 1,
        position => position * shards as u64 + shard as u64,
    };
    Reply::Array(vec![Reply::text(cursor.to_string()), Reply::Array(keys)])
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
