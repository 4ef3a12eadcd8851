//! From the arguments of a request to a command that is known to be well-formed.

use std::cmp::Ordering;

use bytes::Bytes;

use crate::{
    args::{CommandError, Upper, at_least, exactly, excerpt, int, owned, owned_from},
    local::{self, Local},
    number::parse_int,
    op::{ExpireIf, KeyOp, ScanFilter, SetIf, SetRule, SetTtl, TtlUnit},
    resp::Args,
};

/// A `SCAN` looks for at most this many keys at a time: the count is a hint, and a shard has
/// others to serve.
const MAX_SCAN_COUNT: i64 = 10_000;

const NX_ALONE: &str = "ERR NX and XX, GT or LT options at the same time are not compatible";

/// A command. What concerns keys is done by shards, [`Local`] by the connection itself.
#[derive(Debug)]
pub(crate) enum Command {
    /// About one key, so for one shard.
    Key(Bytes, KeyOp),
    MGet(Vec<Bytes>),
    MSet(Vec<(Bytes, Bytes)>),
    Del(Vec<Bytes>),
    Exists(Vec<Bytes>),
    Keys(Bytes),
    Scan {
        cursor: u64,
        filter: ScanFilter,
        count: usize,
    },
    DbSize,
    FlushAll,
    /// The sections of `INFO` asked for, in lower case; none means all.
    Info(Vec<String>),
    Local(Local),
}

/// All names of commands, for `COMMAND COUNT` and for the test that each is known.
pub(crate) const NAMES: &str = "APPEND CLIENT COMMAND CONFIG DBSIZE DEBUG DECR DECRBY DEL ECHO \
     EXISTS EXPIRE FLUSHALL FLUSHDB GET HELLO INCR INCRBY INFO KEYS MGET MSET PERSIST PEXPIRE \
     PING PTTL QUIT RESET SCAN SELECT SET SHUTDOWN STRLEN TOUCH TTL TYPE UNLINK";

/// Reads a request. Every error leaves the connection as it was.
pub(crate) fn parse(args: Args<'_>) -> Result<Command, CommandError> {
    let name = Upper::new(args.at(0));
    match name.word() {
        b"GET" => one_key(args, "get", KeyOp::Get),
        b"SET" => set(args),
        b"INCR" => one_key(args, "incr", KeyOp::IncrBy(1)),
        b"DECR" => one_key(args, "decr", KeyOp::IncrBy(-1)),
        b"INCRBY" => incr_by(args),
        b"DECRBY" => decr_by(args),
        b"APPEND" => append(args),
        b"STRLEN" => one_key(args, "strlen", KeyOp::StrLen),
        b"EXPIRE" => expire(args, "expire", 1000),
        b"PEXPIRE" => expire(args, "pexpire", 1),
        b"TTL" => one_key(args, "ttl", KeyOp::Ttl(TtlUnit::Seconds)),
        b"PTTL" => one_key(args, "pttl", KeyOp::Ttl(TtlUnit::Millis)),
        b"PERSIST" => one_key(args, "persist", KeyOp::Persist),
        b"TYPE" => one_key(args, "type", KeyOp::Type),
        b"MGET" => at_least(args, 2, "mget").map(|()| Command::MGet(owned_from(args, 1))),
        b"MSET" => mset(args),
        b"DEL" => at_least(args, 2, "del").map(|()| Command::Del(owned_from(args, 1))),
        b"UNLINK" => at_least(args, 2, "unlink").map(|()| Command::Del(owned_from(args, 1))),
        b"EXISTS" => at_least(args, 2, "exists").map(|()| Command::Exists(owned_from(args, 1))),
        b"TOUCH" => at_least(args, 2, "touch").map(|()| Command::Exists(owned_from(args, 1))),
        b"KEYS" => exactly(args, 2, "keys").map(|()| Command::Keys(owned(args, 1))),
        b"SCAN" => scan(args),
        b"DBSIZE" => exactly(args, 1, "dbsize").map(|()| Command::DbSize),
        b"FLUSHALL" | b"FLUSHDB" => flush(args),
        b"INFO" => Ok(Command::Info(args.from(1).map(|section| excerpt(section).to_ascii_lowercase()).collect())),
        b"DEBUG" => debug(args),
        _ => match local::parse(args)? {
            Some(local) => Ok(Command::Local(local)),
            None => Err(unknown(args)),
        },
    }
}

/// The error that quotes what was sent, up to a bound.
fn unknown(args: Args<'_>) -> CommandError {
    let quoted = args.from(1).take(8).map(excerpt).collect();
    CommandError::Unknown(excerpt(args.at(0)), quoted)
}

fn one_key(args: Args<'_>, name: &'static str, op: KeyOp) -> Result<Command, CommandError> {
    exactly(args, 2, name)?;
    Ok(Command::Key(owned(args, 1), op))
}

fn set(args: Args<'_>) -> Result<Command, CommandError> {
    at_least(args, 3, "set")?;
    let mut rule = SetRule::default();
    let mut next = 3;
    while next < args.len() {
        let option = Upper::new(args.at(next));
        next += 1;
        match option.word() {
            b"NX" if rule.when != SetIf::Present => rule.when = SetIf::Absent,
            b"XX" if rule.when != SetIf::Absent => rule.when = SetIf::Present,
            b"GET" => rule.get = true,
            b"KEEPTTL" if !matches!(rule.ttl, SetTtl::After(_)) => rule.ttl = SetTtl::Keep,
            unit @ (b"EX" | b"PX") if rule.ttl == SetTtl::Clear && next < args.len() => {
                let scale = if unit == b"EX" { 1000 } else { 1 };
                let ttl = int(args, next)?.checked_mul(scale).and_then(|ttl| u64::try_from(ttl).ok());
                rule.ttl = match ttl {
                    None | Some(0) => return Err(CommandError::ExpireTime("set")),
                    Some(ttl) => SetTtl::After(ttl),
                };
                next += 1;
            }
            _ => return Err(CommandError::Syntax),
        }
    }
    Ok(Command::Key(owned(args, 1), KeyOp::Set(owned(args, 2), rule)))
}

fn append(args: Args<'_>) -> Result<Command, CommandError> {
    exactly(args, 3, "append")?;
    Ok(Command::Key(owned(args, 1), KeyOp::Append(owned(args, 2))))
}

fn incr_by(args: Args<'_>) -> Result<Command, CommandError> {
    exactly(args, 3, "incrby")?;
    let delta = int(args, 2)?;
    Ok(Command::Key(owned(args, 1), KeyOp::IncrBy(delta)))
}

fn decr_by(args: Args<'_>) -> Result<Command, CommandError> {
    exactly(args, 3, "decrby")?;
    let negated = int(args, 2)?.checked_neg();
    let delta = negated.ok_or(CommandError::Other("ERR decrement would overflow"))?;
    Ok(Command::Key(owned(args, 1), KeyOp::IncrBy(delta)))
}

fn expire(args: Args<'_>, name: &'static str, scale: i64) -> Result<Command, CommandError> {
    at_least(args, 3, name)?;
    let ttl = int(args, 2)?.checked_mul(scale).ok_or(CommandError::ExpireTime(name))?;
    let mut when = ExpireIf::default();
    for option in args.from(3) {
        match Upper::new(option).word() {
            b"NX" if when.had != Some(true) => when.had = Some(false),
            b"XX" if when.had != Some(false) => when.had = Some(true),
            b"GT" if when.moves != Some(Ordering::Less) => when.moves = Some(Ordering::Greater),
            b"LT" if when.moves != Some(Ordering::Greater) => when.moves = Some(Ordering::Less),
            b"NX" | b"XX" => return Err(CommandError::Other(NX_ALONE)),
            b"GT" | b"LT" => {
                let text = "ERR GT and LT options at the same time are not compatible";
                return Err(CommandError::Other(text));
            }
            _ => return Err(CommandError::Option(excerpt(option))),
        }
    }
    if when.had == Some(false) && when.moves.is_some() {
        return Err(CommandError::Other(NX_ALONE));
    }
    Ok(Command::Key(owned(args, 1), KeyOp::Expire(ttl, when)))
}

fn mset(args: Args<'_>) -> Result<Command, CommandError> {
    at_least(args, 3, "mset")?;
    if args.len().is_multiple_of(2) {
        return Err(CommandError::Arity("mset"));
    }
    let mut rest = args.from(1).map(Bytes::copy_from_slice);
    let mut pairs = Vec::with_capacity(args.len() / 2);
    while let (Some(key), Some(value)) = (rest.next(), rest.next()) {
        pairs.push((key, value));
    }
    Ok(Command::MSet(pairs))
}

fn scan(args: Args<'_>) -> Result<Command, CommandError> {
    at_least(args, 2, "scan")?;
    // The cursor is unsigned: beyond the range of `parse_int`, which is for values.
    let cursor = std::str::from_utf8(args.at(1)).ok().and_then(|text| text.parse().ok());
    let cursor = cursor.ok_or(CommandError::Other("ERR invalid cursor"))?;
    let mut filter = ScanFilter::default();
    let mut count = 10;
    for option in (2..args.len()).step_by(2) {
        let value = option + 1;
        if value == args.len() {
            return Err(CommandError::Syntax);
        }
        match Upper::new(args.at(option)).word() {
            b"MATCH" => filter.pattern = Some(owned(args, value)),
            b"COUNT" => match parse_int(args.at(value)) {
                Some(number) if number > 0 => count = number.min(MAX_SCAN_COUNT),
                Some(_) => return Err(CommandError::Syntax),
                None => return Err(CommandError::NotInteger),
            },
            b"TYPE" => filter.nothing = Upper::new(args.at(value)).word() != b"STRING",
            _ => return Err(CommandError::Syntax),
        }
    }
    let count = usize::try_from(count).unwrap_or(1);
    Ok(Command::Scan { cursor, filter, count })
}

fn flush(args: Args<'_>) -> Result<Command, CommandError> {
    let known = match args.len() {
        1 => true,
        2 => matches!(Upper::new(args.at(1)).word(), b"SYNC" | b"ASYNC"),
        _ => false,
    };
    if known { Ok(Command::FlushAll) } else { Err(CommandError::Syntax) }
}

fn debug(args: Args<'_>) -> Result<Command, CommandError> {
    at_least(args, 2, "debug")?;
    match Upper::new(args.at(1)).word() {
        b"PANIC" => {
            exactly(args, 3, "debug|panic")?;
            Ok(Command::Key(owned(args, 2), KeyOp::Panic))
        }
        _ => Err(CommandError::UnknownSub(excerpt(args.at(1)), "DEBUG")),
    }
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
