//! Each operation against Redis's rules, and all tables against each other.

use std::{cmp::Ordering, collections::HashMap};

use bytes::Bytes;

use super::Store;
use crate::{
    op::{ExpireIf, ScanFilter, SetIf, SetRule, SetTtl, TtlUnit},
    reply::Reply,
};

fn bytes(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

fn bulk(text: &str) -> Reply {
    Reply::Bulk(bytes(text))
}

fn put(store: &mut Store, key: &str, value: &str) {
    assert_eq!(store.set(bytes(key), bytes(value), SetRule::default(), 0), Reply::OK);
}

fn with(ttl: SetTtl) -> SetRule {
    SetRule { ttl, ..SetRule::default() }
}

/// All tables tell the same story.
fn check(store: &Store) {
    let held = store.slots.iter().flatten().count();
    assert_eq!(held, store.entries.len());
    assert_eq!(store.slots.len() - held, store.free.len());
    for (key, entry) in &store.entries {
        assert_eq!(store.slots[entry.slot].as_ref(), Some(key));
        if let Some(at) = entry.deadline {
            assert!(store.deadlines.contains(&(at, entry.slot)));
        }
    }
    let expiring = store.entries.values().filter(|entry| entry.deadline.is_some()).count();
    assert_eq!(expiring, store.deadlines.len());
}

/// All keys by way of `scan`, with `between` called after each page.
fn scan_all(store: &mut Store, count: usize, mut between: impl FnMut(&mut Store)) -> Vec<String> {
    let (mut found, mut position) = (Vec::new(), 0);
    loop {
        let (page, next) = store.scan(position, &ScanFilter::default(), count, 0);
        assert!(page.len() <= count);
        for key in page {
            let Reply::Bulk(key) = key else { panic!("a key is a bulk string") };
            found.push(String::from_utf8(key.to_vec()).expect("the samples are text"));
        }
        if next == 0 {
            return found;
        }
        position = next;
        between(store);
    }
}

#[test]
fn set_obeys_its_conditions() {
    let mut store = Store::new();
    let rule = |when, get| SetRule { when, get, ..SetRule::default() };
    let mut set = |value, rule| store.set(bytes("k"), bytes(value), rule, 0);
    assert_eq!(set("1", rule(SetIf::Present, false)), Reply::Null);
    assert_eq!(set("1", rule(SetIf::Absent, true)), Reply::Null);
    assert_eq!(set("2", rule(SetIf::Absent, false)), Reply::Null);
    assert_eq!(set("2", rule(SetIf::Absent, true)), bulk("1"));
    assert_eq!(set("3", rule(SetIf::Present, true)), bulk("1"));
    assert_eq!(set("4", rule(SetIf::Always, false)), Reply::OK);
    assert_eq!(store.get(b"k", 0), Some(bytes("4")));
    check(&store);
}

#[test]
fn a_deadline_is_cleared_kept_or_set() {
    let mut store = Store::new();
    store.set(bytes("k"), bytes("1"), with(SetTtl::After(100)), 0);
    assert_eq!(store.ttl(b"k", TtlUnit::Millis, 10), 90);
    store.set(bytes("k"), bytes("2"), with(SetTtl::Keep), 20);
    assert_eq!(store.ttl(b"k", TtlUnit::Millis, 20), 80);
    store.set(bytes("k"), bytes("3"), with(SetTtl::Clear), 30);
    assert_eq!(store.ttl(b"k", TtlUnit::Millis, 30), -1);
    assert_eq!(store.ttl(b"none", TtlUnit::Millis, 30), -2);
    check(&store);
}

#[test]
fn an_expired_key_is_not_there_for_anybody() {
    let mut store = Store::new();
    let due = |store: &mut Store| {
        store.clear();
        store.set(bytes("k"), bytes("5"), with(SetTtl::After(10)), 0);
    };
    due(&mut store);
    assert_eq!(store.get(b"k", 9), Some(bytes("5")));
    assert_eq!(store.keys(b"*", 10), []);
    assert_eq!(store.scan(0, &ScanFilter::default(), 10, 10), (Vec::new(), 0));
    assert_eq!(store.get(b"k", 10), None);
    check(&store);
    due(&mut store);
    assert!(!store.remove(b"k", 10));
    due(&mut store);
    assert_eq!(store.incr_by(bytes("k"), 1, 10), Reply::Int(1));
    assert_eq!(store.ttl(b"k", TtlUnit::Millis, 10), -1);
    due(&mut store);
    assert_eq!(store.append(bytes("k"), bytes("x"), 10), Reply::Int(1));
    due(&mut store);
    assert!(!store.expire(b"k", 5, ExpireIf::default(), 10));
    check(&store);
}

#[test]
fn the_sweep_takes_what_is_due_up_to_its_limit() {
    let mut store = Store::new();
    for i in 0..100 {
        store.set(bytes(&format!("k{i}")), bytes("v"), with(SetTtl::After(i + 1)), 0);
    }
    put(&mut store, "stays", "v");
    assert_eq!(store.sweep(50, 20), 20);
    assert_eq!(store.sweep(50, 100), 30);
    assert_eq!(store.sweep(50, 100), 0);
    assert_eq!(store.len(), 51);
    assert_eq!(store.expiring(), 50);
    check(&store);
}

#[test]
fn expire_obeys_its_conditions() {
    let mut store = Store::new();
    put(&mut store, "k", "v");
    let when = |had, moves| ExpireIf { had, moves };
    let (nx, xx) = (Some(false), Some(true));
    let (gt, lt) = (Some(Ordering::Greater), Some(Ordering::Less));
    let mut expire = |ttl, when| store.expire(b"k", ttl, when, 0);
    assert!(!expire(10, when(xx, None)));
    assert!(!expire(10, when(None, gt)));
    assert!(expire(10, when(nx, None)));
    assert!(!expire(20, when(nx, None)));
    assert!(!expire(20, when(None, lt)));
    assert!(expire(20, when(xx, gt)));
    assert!(expire(15, when(None, lt)));
    assert_eq!(store.ttl(b"k", TtlUnit::Millis, 0), 15);
    assert!(store.persist(b"k", 0));
    assert!(!store.persist(b"k", 0));
    assert!(store.expire(b"k", i64::MAX, ExpireIf::default(), 5));
    assert!(store.expire(b"k", -1, ExpireIf::default(), 5));
    assert_eq!(store.len(), 0);
    check(&store);
}

#[test]
fn ttl_in_seconds_is_rounded() {
    let mut store = Store::new();
    put(&mut store, "k", "v");
    store.expire(b"k", 10_000, ExpireIf::default(), 0);
    assert_eq!(store.ttl(b"k", TtlUnit::Seconds, 1), 10);
    assert_eq!(store.ttl(b"k", TtlUnit::Seconds, 501), 9);
}

#[test]
fn numbers_are_kept_as_text() {
    let mut store = Store::new();
    assert_eq!(store.incr_by(bytes("n"), 41, 0), Reply::Int(41));
    assert_eq!(store.incr_by(bytes("n"), -42, 0), Reply::Int(-1));
    assert_eq!(store.get(b"n", 0), Some(bytes("-1")));
    put(&mut store, "n", "9223372036854775807");
    let overflow = Reply::error("ERR increment or decrement would overflow");
    assert_eq!(store.incr_by(bytes("n"), 1, 0), overflow);
    put(&mut store, "n", "1 ");
    let no_number = Reply::error("ERR value is not an integer or out of range");
    assert_eq!(store.incr_by(bytes("n"), 1, 0), no_number);
}

#[test]
fn append_is_linear_and_leaves_replies_alone() {
    let mut store = Store::new();
    let held = {
        store.append(bytes("k"), bytes("ab"), 0);
        store.get(b"k", 0)
    };
    assert_eq!(store.append(bytes("k"), bytes("cd"), 0), Reply::Int(4));
    assert_eq!(held, Some(bytes("ab")));
    assert_eq!(store.get(b"k", 0), Some(bytes("abcd")));
    // A copy per append would move 20 GB here.
    let tail = bytes("0123456789");
    for _ in 0..200_000 {
        store.append(bytes("long"), tail.clone(), 0);
    }
    assert_eq!(store.strlen(b"long", 0), 2_000_000);
}

#[test]
fn a_scan_finds_what_stays_once_whatever_comes_and_goes() {
    let mut store = Store::new();
    for i in 0..500 {
        put(&mut store, &format!("stay{i}"), "v");
        put(&mut store, &format!("go{i}"), "v");
    }
    let mut round = 0;
    let found = scan_all(&mut store, 7, |store| {
        for i in 0..9 {
            store.remove(format!("go{}", round * 9 + i).as_bytes(), 0);
            put(store, &format!("new{round}-{i}"), "v");
        }
        round += 1;
    });
    let mut seen = HashMap::new();
    for key in &found {
        *seen.entry(key.as_str()).or_insert(0) += 1;
    }
    for i in 0..500 {
        assert_eq!(seen.get(format!("stay{i}").as_str()), Some(&1));
    }
    check(&store);
}

#[test]
fn a_scan_ends_though_keys_keep_coming() {
    let mut store = Store::new();
    for i in 0..100 {
        put(&mut store, &format!("k{i}"), "v");
    }
    let mut next = 0;
    let found = scan_all(&mut store, 1, |store| {
        for _ in 0..10 {
            put(store, &format!("new{next}"), "v");
            next += 1;
        }
    });
    assert_eq!(found.len(), 100);
}

#[test]
fn a_scan_over_holes_is_bounded_per_call() {
    let mut store = Store::new();
    for i in 0..10_000 {
        put(&mut store, &format!("k{i}"), "v");
    }
    for i in 1..10_000 {
        store.remove(format!("k{i}").as_bytes(), 0);
    }
    assert_eq!(store.scan(0, &ScanFilter::default(), 10, 0), (Vec::new(), 9_900));
    assert_eq!(scan_all(&mut store, 10, |_| ()), ["k0"]);
    store.remove(b"k0", 0);
    assert!(store.slots.is_empty());
}

#[test]
fn a_scan_filters() {
    let mut store = Store::new();
    for i in 0..20 {
        put(&mut store, &format!("k{i}"), "v");
    }
    let filter = ScanFilter { pattern: Some(bytes("k1?")), nothing: false };
    assert_eq!(store.scan(0, &filter, 100, 0).0.len(), 10);
    let filter = ScanFilter { pattern: None, nothing: true };
    assert_eq!(store.scan(0, &filter, 100, 0), (Vec::new(), 0));
}
