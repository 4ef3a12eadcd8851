//! Splitting and merging, with a store for each shard and no server.

use bytes::Bytes;

use super::{Merged, Plan, shard_of, split};
use crate::{
    command::{Command, parse},
    op::ShardReply,
    reply::Reply,
    resp::{Decoder, Limits},
    shard,
    store::Store,
};

fn command(line: &str) -> Command {
    let mut decoder = Decoder::new(Limits::with_max_frame(1 << 20));
    decoder.spare().extend_from_slice(line.as_bytes());
    decoder.spare().push(b'\n');
    parse(decoder.decode().expect("well-formed").expect("complete")).expect(line)
}

/// Runs a line as the server does, minus the sending.
fn run(stores: &mut [Store], line: &str) -> Reply {
    match split(command(line), stores.len()) {
        Plan::Local(_) => panic!("{line} asks no shard"),
        Plan::One(at, op) => match shard::apply(&mut stores[at], op, 0) {
            ShardReply::Reply(reply) => reply,
            other => panic!("{line}: {other:?}"),
        },
        Plan::Many(parts, merge) => {
            let parts = parts.into_iter();
            match merge.merge(parts.map(|(at, op)| shard::apply(&mut stores[at], op, 0)).collect()) {
                Merged::Reply(reply) => reply,
                Merged::Info { .. } => panic!("{line} is no INFO"),
            }
        }
    }
}

fn stores(shards: usize) -> Vec<Store> {
    (0..shards).map(|_| Store::new()).collect()
}

fn bulk(text: &str) -> Reply {
    Reply::Bulk(Bytes::copy_from_slice(text.as_bytes()))
}

#[test]
fn keys_spread_over_the_shards() {
    let mut hits = [0_u32; 7];
    for i in 0..7000 {
        hits[shard_of(format!("key:{i:012}").as_bytes(), 7)] += 1;
    }
    assert!(hits.iter().all(|hits| (800..1200).contains(hits)), "{hits:?}");
    // Fixed, by the published FNV-1a of "foo", dcb27518fed9d577: 0x7 ^ 0x8 after folding.
    assert_eq!(shard_of(b"foo", 16), 0xf);
}

#[test]
fn many_keys_keep_their_order_and_their_counts() {
    for shards in [1, 2, 5] {
        let mut stores = stores(shards);
        assert_eq!(run(&mut stores, "MSET a 1 b 2 c 3 d 4 a 5"), Reply::OK);
        let expected = Reply::Array(vec![bulk("4"), Reply::Null, bulk("5"), bulk("2"), bulk("5")]);
        assert_eq!(run(&mut stores, "MGET d none a b a"), expected);
        assert_eq!(run(&mut stores, "EXISTS a a none c"), Reply::Int(3));
        assert_eq!(run(&mut stores, "DBSIZE"), Reply::Int(4));
        assert_eq!(run(&mut stores, "DEL a a b none"), Reply::Int(2));
        assert_eq!(run(&mut stores, "KEYS [c]"), Reply::Array(vec![bulk("c")]));
        assert_eq!(run(&mut stores, "FLUSHALL"), Reply::OK);
        assert_eq!(run(&mut stores, "DBSIZE"), Reply::Int(0));
    }
}

#[test]
fn a_scan_walks_all_shards_once() {
    for shards in [1, 2, 5] {
        let mut stores = stores(shards);
        for i in 0..100 {
            run(&mut stores, &format!("SET k{i:02} v"));
        }
        let (mut keys, mut cursor) = (Vec::new(), String::from("0"));
        loop {
            let reply = run(&mut stores, &format!("SCAN {cursor} MATCH k?? COUNT 7 TYPE string"));
            let Reply::Array(parts) = reply else { panic!("{reply:?}") };
            let [Reply::Bulk(next), Reply::Array(page)] = &parts[..] else { panic!("{parts:?}") };
            keys.extend(page.iter().cloned());
            cursor = String::from_utf8(next.to_vec()).expect("a number");
            if cursor == "0" {
                break;
            }
        }
        keys.sort_by_key(|key| format!("{key:?}"));
        let expected: Vec<_> = (0..100).map(|i| bulk(&format!("k{i:02}"))).collect();
        assert_eq!(keys, expected);
    }
}

#[test]
fn any_cursor_is_survived() {
    let mut stores = stores(3);
    run(&mut stores, "SET k v");
    for cursor in ["1", "2", "18446744073709551615", "18446744073709551614"] {
        run(&mut stores, &format!("SCAN {cursor}"));
    }
}

#[test]
fn an_error_of_one_shard_is_the_error_of_all() {
    let error = Reply::error("ERR gone");
    let replies = vec![ShardReply::Reply(Reply::Int(1)), ShardReply::Reply(error.clone())];
    assert_eq!(super::Merge::Sum.merge(replies), Merged::Reply(error));
}
