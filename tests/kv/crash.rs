//! `DEBUG PANIC`: a shard breaks, and what that does to everyone else.

use std::time::{Duration, Instant};

use crate::{
    raw::Client,
    server::{PATIENCE, Server},
};

const CRASHED: &str = "-ERR the shard of this key crashed, the command may not be done";

#[test]
fn a_crash_costs_one_command() {
    let server = Server::start(&["--shards", "2"]);
    let mut clients: Vec<Client> = (0..20).map(|_| server.connect()).collect();
    for (n, client) in clients.iter_mut().enumerate() {
        assert_eq!(client.ask(&format!("SET key:{n} {n}")), "+OK");
    }
    let id = clients[3].ask("CLIENT ID");
    assert_eq!(clients[3].ask("DEBUG PANIC key:0"), CRASHED);
    // All connections live, with all data of both shards.
    for (n, client) in clients.iter_mut().enumerate() {
        assert_eq!(client.ask(&format!("GET key:{n}")), n.to_string());
    }
    assert_eq!(clients[3].ask("CLIENT ID"), id, "it is the same connection");
    assert_eq!(clients[0].ask("DBSIZE"), ":20");
    assert_eq!(clients[0].ask("SET key:0 new"), "+OK");
    assert_eq!(clients[1].ask("GET key:0"), "new");
    server.signal("TERM");
    let ended = server.ends_within(PATIENCE);
    assert_eq!(ended.code, Some(0), "a crash that was survived is no failure: {}", ended.stderr);
    assert!(ended.stderr.contains("DEBUG PANIC of key 'key:0'"), "the reason is told: {}", ended.stderr);
}

#[test]
fn the_shard_serves_again_within_100_ms() {
    let server = Server::start(&["--shards", "1"]);
    let mut client = server.connect();
    assert_eq!(client.ask("SET key value"), "+OK");
    for _ in 0..4 {
        assert_eq!(client.ask("DEBUG PANIC key"), CRASHED);
        let start = Instant::now();
        assert_eq!(client.ask("GET key"), "value");
        let away = start.elapsed();
        assert!(away <= Duration::from_millis(100), "it was away for {away:?}");
    }
}

#[test]
fn what_is_queued_behind_a_crash_is_answered() {
    let server = Server::start(&["--shards", "1"]);
    let mut client = server.connect();
    client.send("SET a 1\r\nDEBUG PANIC a\r\nGET a\r\nINCR a\r\nDEBUG PANIC b\r\nMGET a b\r\nPING\r\nDBSIZE\r\n");
    let replies = [(); 8].map(|()| client.reply());
    assert_eq!(replies, ["+OK", CRASHED, "1", ":2", CRASHED, r#"["2", "null"]"#, "+PONG", ":1"]);
}

#[test]
fn other_clients_do_not_notice() {
    let server = Server::start(&["--shards", "1"]);
    let mut culprit = server.connect();
    let mut others: Vec<Client> = (0..8).map(|_| server.connect()).collect();
    for round in 1..=3 {
        for other in &mut others {
            other.send("INCR n\r\n".repeat(100));
        }
        assert_eq!(culprit.ask("DEBUG PANIC n"), CRASHED);
        for other in &mut others {
            for _ in 0..100 {
                let reply = other.reply();
                assert!(reply.starts_with(':'), "{reply}");
            }
        }
        assert_eq!(culprit.ask("GET n"), (round * 800).to_string(), "no increment is lost or done twice");
    }
}

#[test]
fn five_crashes_within_a_second_end_the_server() {
    let server = Server::start(&["--shards", "2"]);
    let mut client = server.connect();
    client.send("DEBUG PANIC a\r\n".repeat(5));
    for n in 0..5 {
        // The server may be gone before it could say so a last time.
        let Some(reply) = client.try_reply() else { break };
        assert!(reply == CRASHED || n == 4, "{reply}");
    }
    let ended = server.ends_within(PATIENCE);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
    let reason = ended.stderr.lines().last().unwrap_or_default();
    assert!(reason.contains("shard-") && reason.contains("gave up"), "{}", ended.stderr);
}

#[test]
fn the_crashes_of_different_shards_count_together() {
    let server = Server::start(&["--shards", "8"]);
    let mut client = server.connect();
    for key in 'a'..='e' {
        if client.try_send(format!("DEBUG PANIC {key}\r\n")).is_err() || client.try_reply().is_none() {
            break;
        }
    }
    let ended = server.ends_within(PATIENCE);
    assert_eq!(ended.code, Some(1), "{}", ended.stderr);
}
