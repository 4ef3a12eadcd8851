//! The one door to a shard's data, for whatever loop runs it.

use bytes::Bytes;

use crate::{
    op::{KeyOp, SetRule, ShardOp, ShardReply},
    reply::Reply,
    store::Store,
};

/// How many expired keys one sweep removes before the shard looks at its mailbox again.
pub(crate) const SWEEP_LIMIT: usize = 1000;

/// Does what `op` says and answers it.
///
/// # Panics
///
/// On [`KeyOp::Panic`], before it touches anything.
pub(crate) fn apply(store: &mut Store, op: ShardOp, now: u64) -> ShardReply {
    ShardReply::Reply(match op {
        ShardOp::Key(key, op) => key_op(store, key, op, now),
        ShardOp::MGet(keys) => Reply::Array(keys.iter().map(|key| Reply::value(store.get(key, now))).collect()),
        ShardOp::MSet(pairs) => {
            for (key, value) in pairs {
                store.set(key, value, SetRule::default(), now);
            }
            Reply::OK
        }
        ShardOp::Del(keys) => Reply::count(keys.iter().filter(|key| store.remove(key, now)).count()),
        ShardOp::Exists(keys) => Reply::count(keys.iter().filter(|key| store.contains(key, now)).count()),
        ShardOp::Keys(pattern) => Reply::Array(store.keys(&pattern, now)),
        ShardOp::Len => Reply::count(store.len()),
        ShardOp::Flush => {
            store.clear();
            Reply::OK
        }
        ShardOp::Scan(step) => {
            let (keys, next) = store.scan(step.position, &step.filter, step.count, now);
            return ShardReply::Page { keys, next };
        }
        ShardOp::Stats => {
            return ShardReply::Stats { keys: store.len(), expiring: store.expiring() };
        }
    })
}

fn key_op(store: &mut Store, key: Bytes, op: KeyOp, now: u64) -> Reply {
    match op {
        KeyOp::Get => Reply::value(store.get(&key, now)),
        KeyOp::Set(value, rule) => store.set(key, value, rule, now),
        KeyOp::Append(tail) => store.append(key, tail, now),
        KeyOp::StrLen => Reply::count(store.strlen(&key, now)),
        KeyOp::IncrBy(delta) => store.incr_by(key, delta, now),
        KeyOp::Expire(ttl, when) => Reply::Int(store.expire(&key, ttl, when, now).into()),
        KeyOp::Ttl(unit) => Reply::Int(store.ttl(&key, unit, now)),
        KeyOp::Persist => Reply::Int(store.persist(&key, now).into()),
        KeyOp::Type => Reply::Simple(if store.contains(&key, now) { "string" } else { "none" }),
        KeyOp::Panic => panic!("DEBUG PANIC of key '{}'", key.escape_ascii()),
    }
}
