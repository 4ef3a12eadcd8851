//! The data of one shard: plain synchronous code. Time is an argument, so tests need no clock.
//!
//! # Layout
//!
//! A hash table holds the entries: `GET` and an overwriting `SET` are one lookup and touch nothing
//! else. Two more tables serve what a hash table cannot:
//!
//! - `slots` lists the keys by number. A key keeps its slot for as long as it lives, so a `SCAN`
//!   that walks the slots downwards from the end returns each key that was there all the time
//!   *exactly* once (Redis promises at least once), in bounded steps, with a plain number as
//!   cursor. Downwards, because keys that come meanwhile mostly go to the end: a scan cannot be
//!   kept running by writes. Inserting and removing stay O(1), which an ordered index would not
//!   give; the price is that a table that shrank is walked over its holes until it is empty.
//! - `deadlines` is ordered by time. The sweep takes what is due and looks at nothing else, and a
//!   command knows by its first element that nothing at all is due.

use std::collections::{BTreeSet, HashMap};

use bytes::{Bytes, BytesMut};

use crate::{
    glob,
    number::{parse_int, push_int},
    op::{ExpireIf, ScanFilter, SetIf, SetRule, SetTtl, TtlUnit},
    reply::Reply,
};

/// The longest value, as in Redis. Without it `APPEND` could take all memory.
const MAX_VALUE: usize = 512 * 1024 * 1024;

/// How many slots a `SCAN` may look at for each key it was asked for.
const SLOTS_PER_KEY: usize = 10;

#[derive(Debug)]
struct Entry {
    value: Bytes,
    slot: usize,
    deadline: Option<u64>,
}

/// See the [module](self).
///
/// It stays usable when a panic unwinds through a method: every method changes the entry last or
/// does nothing that can panic between two changes.
#[derive(Debug, Default)]
pub(crate) struct Store {
    entries: HashMap<Bytes, Entry>,
    slots: Vec<Option<Bytes>>,
    /// The empty slots.
    free: Vec<usize>,
    /// Deadline and slot of each key that expires.
    deadlines: BTreeSet<(u64, usize)>,
}

impl Store {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Keys held, expired ones that nobody asked for yet included.
    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Keys with a deadline.
    pub(crate) fn expiring(&self) -> usize {
        self.deadlines.len()
    }

    pub(crate) fn clear(&mut self) {
        *self = Self::new();
    }

    /// Removes keys whose deadline has passed, at most `limit`, and returns how many. If it is
    /// `limit`, more may be due.
    pub(crate) fn sweep(&mut self, now: u64, limit: usize) -> usize {
        let mut removed = 0;
        while removed < limit {
            let due = self.deadlines.first().filter(|(at, _)| *at <= now);
            let Some(key) = due.and_then(|&(_, slot)| self.slots[slot].clone()) else {
                break;
            };
            self.unlink(&key);
            removed += 1;
        }
        removed
    }

    pub(crate) fn get(&mut self, key: &[u8], now: u64) -> Option<Bytes> {
        self.live(key, now).map(|entry| entry.value.clone())
    }

    pub(crate) fn contains(&mut self, key: &[u8], now: u64) -> bool {
        self.live(key, now).is_some()
    }

    pub(crate) fn strlen(&mut self, key: &[u8], now: u64) -> usize {
        self.live(key, now).map_or(0, |entry| entry.value.len())
    }

    pub(crate) fn remove(&mut self, key: &[u8], now: u64) -> bool {
        // An expired key is gone either way, but was not there to be removed.
        let was_live = self.live(key, now).is_some();
        self.unlink(key);
        was_live
    }

    /// `SET` with its options.
    pub(crate) fn set(&mut self, key: Bytes, value: Bytes, rule: SetRule, now: u64) -> Reply {
        let deadline = match rule.ttl {
            SetTtl::After(ttl) => Some(now.saturating_add(ttl)),
            SetTtl::Clear | SetTtl::Keep => None,
        };
        let Some(entry) = self.live(&key, now) else {
            if rule.when == SetIf::Present {
                return Reply::Null;
            }
            self.insert(key, value, deadline);
            return if rule.get { Reply::Null } else { Reply::OK };
        };
        if rule.when == SetIf::Absent {
            return if rule.get { Reply::Bulk(entry.value.clone()) } else { Reply::Null };
        }
        let before = std::mem::replace(&mut entry.value, value);
        let (slot, old) = (entry.slot, entry.deadline);
        if rule.ttl != SetTtl::Keep && old != deadline {
            entry.deadline = deadline;
            self.move_deadline(slot, old, deadline);
        }
        if rule.get { Reply::Bulk(before) } else { Reply::OK }
    }

    pub(crate) fn append(&mut self, key: Bytes, tail: Bytes, now: u64) -> Reply {
        let Some(entry) = self.live(&key, now) else {
            let len = tail.len();
            self.insert(key, tail, None);
            return Reply::count(len);
        };
        let len = entry.value.len().saturating_add(tail.len());
        if len > MAX_VALUE {
            return Reply::error("ERR string exceeds maximum allowed size (proto-max-bulk-len)");
        }
        // In place, with room to spare, unless a reply still holds the value: many small appends
        // are linear in what they add up to.
        let value = std::mem::take(&mut entry.value);
        let mut joined = value.try_into_mut().unwrap_or_else(|shared| BytesMut::from(&shared[..]));
        joined.extend_from_slice(&tail);
        entry.value = joined.freeze();
        Reply::count(len)
    }

    pub(crate) fn incr_by(&mut self, key: Bytes, delta: i64, now: u64) -> Reply {
        let Some(entry) = self.live(&key, now) else {
            self.insert(key, spelled(delta), None);
            return Reply::Int(delta);
        };
        let Some(before) = parse_int(&entry.value) else {
            return Reply::error("ERR value is not an integer or out of range");
        };
        let Some(sum) = before.checked_add(delta) else {
            return Reply::error("ERR increment or decrement would overflow");
        };
        entry.value = spelled(sum);
        Reply::Int(sum)
    }

    /// `EXPIRE`: whether the deadline was set, or the key removed because it is not ahead.
    pub(crate) fn expire(&mut self, key: &[u8], ttl: i64, when: ExpireIf, now: u64) -> bool {
        let Some(entry) = self.live(key, now) else {
            return false;
        };
        let deadline = now.saturating_add_signed(ttl);
        let (slot, old) = (entry.slot, entry.deadline);
        let order = deadline.cmp(&old.unwrap_or(u64::MAX));
        if when.had.is_some_and(|had| had != old.is_some()) || when.moves.is_some_and(|moves| moves != order) {
            return false;
        }
        if ttl <= 0 {
            self.unlink(key);
        } else {
            entry.deadline = Some(deadline);
            self.move_deadline(slot, old, Some(deadline));
        }
        true
    }

    pub(crate) fn ttl(&mut self, key: &[u8], unit: TtlUnit, now: u64) -> i64 {
        let Some(entry) = self.live(key, now) else {
            return -2;
        };
        let Some(deadline) = entry.deadline else {
            return -1;
        };
        let millis = i64::try_from(deadline - now).unwrap_or(i64::MAX);
        match unit {
            TtlUnit::Millis => millis,
            // Rounded as Redis does: a key set to 10 s shows 10 at first.
            TtlUnit::Seconds => millis.saturating_add(500) / 1000,
        }
    }

    /// Whether there was a deadline to take away.
    pub(crate) fn persist(&mut self, key: &[u8], now: u64) -> bool {
        let Some(entry) = self.live(key, now) else {
            return false;
        };
        let (slot, old) = (entry.slot, entry.deadline.take());
        self.move_deadline(slot, old, None);
        old.is_some()
    }

    /// All keys that match. O(n), as in Redis.
    pub(crate) fn keys(&self, pattern: &[u8], now: u64) -> Vec<Reply> {
        let live = self.entries.iter().filter(|(_, entry)| !entry.is_due(now));
        live.filter(|(key, _)| glob::matches(pattern, key)).map(|(key, _)| Reply::Bulk(key.clone())).collect()
    }

    /// A page of about `count` keys from `position` on, and the next position, 0 at the end.
    /// A position other than 0 says that the slots below it are still to be seen.
    pub(crate) fn scan(&self, position: u64, filter: &ScanFilter, count: usize, now: u64) -> (Vec<Reply>, u64) {
        let end = self.slots.len();
        let mut below = match usize::try_from(position) {
            Ok(0) | Err(_) => end,
            Ok(position) => position.min(end),
        };
        let last = below.saturating_sub(count.saturating_mul(SLOTS_PER_KEY));
        let mut keys = Vec::new();
        while below > last && keys.len() < count {
            below -= 1;
            keys.extend(self.slots[below].as_ref().and_then(|key| self.shown(key, filter, now)));
        }
        (keys, below as u64)
    }

    /// The key as a reply, if a scan with this filter shows it.
    fn shown(&self, key: &Bytes, filter: &ScanFilter, now: u64) -> Option<Reply> {
        let matched = filter.pattern.as_ref().is_none_or(|pattern| glob::matches(pattern, key));
        let wanted = matched && !filter.nothing && self.entries.get(key).is_some_and(|entry| !entry.is_due(now));
        wanted.then(|| Reply::Bulk(key.clone()))
    }

    /// The entry of a key that has not expired.
    fn live(&mut self, key: &[u8], now: u64) -> Option<&mut Entry> {
        // Only when something is due, which the sweep makes rare, the key is looked up twice.
        if self.deadlines.first().is_some_and(|(at, _)| *at <= now)
            && self.entries.get(key).is_some_and(|entry| entry.is_due(now))
        {
            self.unlink(key);
        }
        self.entries.get_mut(key)
    }

    /// Adds a key that is not there.
    fn insert(&mut self, key: Bytes, value: Bytes, deadline: Option<u64>) {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            self.slots.len() - 1
        });
        self.slots[slot] = Some(key.clone());
        self.entries.insert(key, Entry { value, slot, deadline });
        self.move_deadline(slot, None, deadline);
    }

    /// Removes a key from all tables.
    fn unlink(&mut self, key: &[u8]) {
        let Some(entry) = self.entries.remove(key) else {
            return;
        };
        self.move_deadline(entry.slot, entry.deadline, None);
        self.slots[entry.slot] = None;
        if self.entries.is_empty() {
            // No key lived through to here, so no scan is owed anything: the holes can go.
            self.slots.clear();
            self.free.clear();
        } else {
            self.free.push(entry.slot);
        }
    }

    fn move_deadline(&mut self, slot: usize, old: Option<u64>, new: Option<u64>) {
        if let Some(at) = old {
            self.deadlines.remove(&(at, slot));
        }
        if let Some(at) = new {
            self.deadlines.insert((at, slot));
        }
    }
}

impl Entry {
    fn is_due(&self, now: u64) -> bool {
        self.deadline.is_some_and(|at| at <= now)
    }
}

/// The decimal text of a number, as a value.
fn spelled(number: i64) -> Bytes {
    let mut text = Vec::with_capacity(20);
    push_int(&mut text, number);
    // An exact copy: a `Bytes` over a vector with room to spare needs a second allocation.
    Bytes::copy_from_slice(&text)
}

#[cfg(test)]
#[path = "store_tests.rs"]
mod tests;
