//! Every command, through the `redis` crate.

use std::collections::{BTreeMap, BTreeSet};

use redis::{Connection, FromRedisValue, RedisError, Value};

use crate::server::{PATIENCE, Server, until};

/// Carries out a command given as one line, with no blank in any word.
fn try_do<T: FromRedisValue>(connection: &mut Connection, line: &str) -> Result<T, RedisError> {
    let mut words = line.split(' ');
    let mut command = redis::cmd(words.next().unwrap_or_default());
    words.for_each(|word| {
        command.arg(word);
    });
    command.query(connection)
}

#[track_caller]
fn run<T: FromRedisValue>(connection: &mut Connection, line: &str) -> T {
    try_do(connection, line).unwrap_or_else(|error| panic!("{line}: {error}"))
}

/// What the server says against it.
#[track_caller]
fn refused(connection: &mut Connection, line: &str) -> String {
    match try_do::<Value>(connection, line) {
        Err(error) if error.code().is_some() => {
            format!("{} {}", error.code().unwrap_or_default(), error.detail().unwrap_or_default())
        }
        other => panic!("{line}: {other:?}"),
    }
}

/// Each line with its reply as text; `nil` is none.
#[track_caller]
fn table(connection: &mut Connection, rows: &[(&str, &str)]) {
    for (line, expected) in rows {
        let reply: Option<String> = run(connection, line);
        assert_eq!(reply.as_deref().unwrap_or("nil"), *expected, "{line}");
    }
}

#[test]
fn connection_commands() {
    let server = Server::start(&[]);
    let connection = &mut server.redis();
    table(
        connection,
        &[
            ("PING", "PONG"),
            ("PING hello", "hello"),
            ("ECHO hello", "hello"),
            ("SELECT 0", "OK"),
            ("CLIENT GETNAME", "nil"),
            ("CLIENT SETNAME me", "OK"),
            ("CLIENT GETNAME", "me"),
            ("CLIENT SETINFO LIB-NAME test", "OK"),
        ],
    );
    assert_eq!(refused(connection, "SELECT 1"), "ERR DB index is out of range");
    let id: u64 = run(connection, "CLIENT ID");
    assert!(run::<String>(connection, "CLIENT INFO").contains(&format!("id={id} ")));
    let other: u64 = run(&mut server.redis(), "CLIENT ID");
    assert_ne!(other, id);
    assert!(run::<String>(connection, "CLIENT LIST").contains(" name=me "));
    let hello: BTreeMap<String, Value> = run(connection, "HELLO 2 SETNAME you");
    assert_eq!(hello["proto"], Value::Int(2));
    table(connection, &[("CLIENT GETNAME", "you")]);
    assert_eq!(refused(connection, "HELLO 3"), "NOPROTO unsupported protocol version");
    assert!(run::<u64>(connection, "COMMAND COUNT") > 30);
    assert!(run::<Vec<Value>>(connection, "COMMAND").is_empty());
    assert!(run::<Vec<Value>>(connection, "COMMAND DOCS").is_empty());
    table(connection, &[("QUIT", "OK")]);
    assert!(try_do::<Value>(connection, "PING").is_err_and(|error| error.is_io_error()), "QUIT ends the connection");
}

#[test]
fn the_handshake_of_resp3_is_refused_with_the_reason() {
    let server = Server::start(&[]);
    let address = format!("redis://127.0.0.1:{}/?protocol=resp3", server.port);
    let refusal = redis::Client::open(address).and_then(|client| client.get_connection_with_timeout(PATIENCE));
    let text = refusal.map(|_| ()).expect_err("only RESP2 is spoken").to_string();
    assert!(text.contains("unsupported protocol version"), "{text}");
}

#[test]
fn values() {
    let server = Server::start(&[]);
    let connection = &mut server.redis();
    table(
        connection,
        &[
            ("GET a", "nil"),
            ("SET a 1", "OK"),
            ("GET a", "1"),
            ("STRLEN a", "1"),
            ("STRLEN absent", "0"),
            ("APPEND a 23", "3"),
            ("APPEND b xy", "2"),
            ("GET a", "123"),
            ("INCR a", "124"),
            ("DECR a", "123"),
            ("INCRBY a 1000", "1123"),
            ("DECRBY a 23", "1100"),
            ("INCR n", "1"),
            ("DECR m", "-1"),
            ("MSET c 3 d 4 e 5 f 6", "OK"),
        ],
    );
    let values: Vec<Option<String>> = run(connection, "MGET f absent c e a d");
    let values: Vec<_> = values.iter().map(|value| value.as_deref().unwrap_or("nil")).collect();
    assert_eq!(values, ["6", "nil", "3", "5", "1100", "4"]);
    assert_eq!(refused(connection, "INCR b"), "ERR value is not an integer or out of range");
    assert_eq!(refused(connection, "INCRBY a x"), "ERR value is not an integer or out of range");
    run::<()>(connection, "SET max 9223372036854775807");
    assert_eq!(refused(connection, "INCR max"), "ERR increment or decrement would overflow");
    let binary: Vec<u8> = (0..=255).collect();
    redis::cmd("SET").arg(&binary).arg(&binary).exec(connection).expect("keys and values are any bytes");
    let back: Vec<u8> = redis::cmd("GET").arg(&binary).query(connection).expect("it is there");
    assert_eq!(back, binary);
    let large = "x".repeat(5_000_000);
    redis::cmd("SET").arg("large").arg(&large).exec(connection).expect("it is below the limit of a request");
    let back: String = run(connection, "GET large");
    assert!(back == large, "{} bytes came back", back.len());
}

#[test]
fn options_of_set() {
    let server = Server::start(&[]);
    let connection = &mut server.redis();
    table(
        connection,
        &[
            ("SET a 1 XX", "nil"),
            ("SET a 1 NX", "OK"),
            ("SET a 2 NX", "nil"),
            ("SET a 2 XX", "OK"),
            ("SET a 3 GET", "2"),
            ("SET b 1 GET", "nil"),
            ("SET a 4 NX GET", "3"),
            ("GET a", "3"),
            ("SET a 5 EX 100", "OK"),
            ("TTL a", "100"),
            ("SET a 6 KEEPTTL", "OK"),
            ("TTL a", "100"),
            ("SET a 7 PX 5000", "OK"),
            ("TTL a", "5"),
            ("SET a 8", "OK"),
            ("TTL a", "-1"),
        ],
    );
    for line in ["SET a 1 NX XX", "SET a 1 EX 1 PX 1", "SET a 1 EX", "SET a 1 SOON"] {
        assert_eq!(refused(connection, line), "ERR syntax error", "{line}");
    }
    for line in ["SET a 1 EX 0", "SET a 1 PX -1", "SET a 1 EX 9223372036854775807"] {
        assert_eq!(refused(connection, line), "ERR invalid expire time in 'set' command", "{line}");
    }
    table(connection, &[("GET a", "8")]);
}

#[test]
fn expiry() {
    let server = Server::start(&[]);
    let connection = &mut server.redis();
    table(
        connection,
        &[
            ("TTL a", "-2"),
            ("EXPIRE a 10", "0"),
            ("SET a 1", "OK"),
            ("TTL a", "-1"),
            ("PERSIST a", "0"),
            ("EXPIRE a 100", "1"),
            ("TTL a", "100"),
            ("EXPIRE a 200 NX", "0"),
            ("EXPIRE a 50 GT", "0"),
            ("EXPIRE a 50 LT", "1"),
            ("PEXPIRE a 70000 XX", "1"),
            ("TTL a", "70"),
            ("PERSIST a", "1"),
            ("PTTL a", "-1"),
            ("EXPIRE a -1", "1"),
            ("EXISTS a", "0"),
        ],
    );
    run::<()>(connection, "SET short 1 PX 60000");
    assert!((1..=60_000).contains(&run::<i64>(connection, "PTTL short")));
    run::<()>(connection, "SET short 1 PX 30");
    run::<()>(connection, "SET unseen 1 PX 30");
    until("the end of a key's time", || run::<i64>(connection, "EXISTS short") == 0);
    assert_eq!(run::<Option<String>>(connection, "GET short"), None);
    // Nobody asks for this one: only the sweep can remove it.
    until("the sweep", || run::<u64>(connection, "DBSIZE") == 0);
    assert_eq!(refused(connection, "EXPIRE a x"), "ERR value is not an integer or out of range");
    assert_eq!(
        refused(connection, "EXPIRE a 1 NX GT"),
        "ERR NX and XX, GT or LT options at the same time are not compatible"
    );
}

#[test]
fn keys_over_all_shards() {
    let server = Server::start(&["--shards", "5"]);
    let connection = &mut server.redis();
    let names: BTreeSet<String> = (0..500).map(|n| format!("key:{n}")).collect();
    let pairs: Vec<(&String, &str)> = names.iter().map(|name| (name, "v")).collect();
    redis::cmd("MSET").arg(&pairs).exec(connection).expect("a key may be in any shard");
    table(
        connection,
        &[
            ("DBSIZE", "500"),
            ("EXISTS key:1 key:2 key:3 key:4 key:5 key:5 absent", "6"),
            ("TYPE key:1", "string"),
            ("TYPE absent", "none"),
        ],
    );
    assert_eq!(run::<BTreeSet<String>>(connection, "KEYS *"), names);
    assert_eq!(run::<Vec<String>>(connection, "KEYS key:1[23]").len(), 2);
    let mut found = Vec::new();
    let mut cursor = 0_u64;
    loop {
        let page: Vec<String>;
        (cursor, page) = run(connection, &format!("SCAN {cursor} COUNT 7 MATCH key:*"));
        assert!(page.len() <= 7);
        found.extend(page);
        if cursor == 0 {
            break;
        }
    }
    assert_eq!(found.len(), 500, "each key once");
    assert_eq!(BTreeSet::from_iter(found), names);
    table(
        connection,
        &[
            ("DEL key:1 key:2 key:3 absent", "3"),
            ("UNLINK key:4", "1"),
            ("DBSIZE", "496"),
            ("FLUSHALL", "OK"),
            ("DBSIZE", "0"),
        ],
    );
}

#[test]
fn what_the_server_says_about_itself() {
    let server = Server::start(&["--shards", "3", "--max-connections", "77"]);
    let connection = &mut server.redis();
    run::<()>(connection, "SET a 1 EX 100");
    let info: String = run(connection, "INFO");
    let id = format!("process_id:{}", server.id);
    for line in ["# Server", "redis_mode:standalone", &id, "shards:3", "connected_clients:1", "db0:keys=1,expires=1"] {
        assert!(info.contains(line), "no {line} in {info}");
    }
    let one: String = run(connection, "INFO clients");
    assert!(one.contains("maxclients:77") && !one.contains("# Server"), "{one}");
    let config: BTreeMap<String, String> = run(connection, "CONFIG GET max*s p?rt");
    let expected = [("maxclients".to_owned(), "77".to_owned()), ("port".to_owned(), server.port.to_string())];
    assert_eq!(config, BTreeMap::from(expected));
}

#[test]
fn a_wrong_command_is_an_error_and_the_connection_goes_on() {
    let server = Server::start(&[]);
    let connection = &mut server.redis();
    for (line, error) in [
        ("NOSUCH a b", "ERR unknown command 'NOSUCH', with args beginning with: 'a' 'b' "),
        ("GET", "ERR wrong number of arguments for 'get' command"),
        ("GET a b", "ERR wrong number of arguments for 'get' command"),
        ("MSET a 1 b", "ERR wrong number of arguments for 'mset' command"),
        ("CLIENT NOSUCH", "ERR unknown subcommand 'NOSUCH'. Try CLIENT HELP."),
        ("SCAN x", "ERR invalid cursor"),
        ("FLUSHALL NEVER", "ERR syntax error"),
        ("SHUTDOWN NEVER", "ERR syntax error"),
    ] {
        assert_eq!(refused(connection, line), error, "{line}");
    }
    table(connection, &[("PING", "PONG")]);
}

#[test]
fn pipelines_are_answered_in_order() {
    let server = Server::start(&["--shards", "4"]);
    let connection = &mut server.redis();
    let mut pipe = redis::pipe();
    for n in 0..5000 {
        pipe.cmd("SET").arg(n).arg(n).ignore().cmd("INCR").arg(n).cmd("ECHO").arg(n);
    }
    let replies: Vec<u32> = pipe.query(connection).expect("all of it is well-formed");
    let expected: Vec<u32> = (0..5000).flat_map(|n| [n + 1, n]).collect();
    assert!(replies == expected, "{} replies", replies.len());
    // An error in the middle is the reply of that command alone.
    let replies: Vec<Result<Value, _>> = redis::pipe()
        .cmd("SET")
        .arg("a")
        .arg("x")
        .cmd("INCR")
        .arg("a")
        .cmd("GET")
        .arg("a")
        .ignore_errors()
        .query(connection)
        .expect("errors are replies");
    assert!(replies[0].is_ok() && replies[2] == Ok(Value::BulkString(b"x".to_vec())), "{replies:?}");
    let _: &RedisError = replies[1].as_ref().expect_err("x is no number");
}
