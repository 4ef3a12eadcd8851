//! Memory is taken by what comes, never by what is announced, and a slow reader is held back.

use std::{
    io::{ErrorKind, Write},
    thread,
    time::{Duration, Instant},
};

use crate::{
    raw::{Client, request},
    server::{PATIENCE, Server, until},
};

const MIB: u64 = 1024 * 1024;

/// The most memory the server is seen to have for a while.
fn peak(server: &Server, during: Duration) -> u64 {
    let end = Instant::now() + during;
    let mut most = 0;
    while Instant::now() < end {
        most = most.max(server.memory());
        thread::sleep(Duration::from_millis(5));
    }
    most
}

/// A number out of `INFO`.
fn info(client: &mut Client, name: &str) -> u64 {
    let info = client.ask("INFO");
    let line = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|value| value.trim().parse().ok()).unwrap_or_else(|| panic!("no {name} in {info}"))
}

#[test]
fn announced_sizes_reserve_nothing() {
    let server = Server::start(&["--max-frame", "536870912"]);
    let before = server.memory();
    let mut clients: Vec<Client> = Vec::new();
    for n in 0..30 {
        let mut client = server.connect();
        // The reply shows that the announcement behind it was read: both came in one piece.
        let announced: &[u8] = if n % 2 == 0 {
            b"PING\r\n*1048576\r\n$3\r\nDEL\r\n$500000000\r\nx"
        } else {
            b"PING\r\n*2\r\n$536870000\r\nx"
        };
        client.send(announced);
        assert_eq!(client.reply(), "+PONG");
        clients.push(client);
    }
    let taken = peak(&server, Duration::from_millis(300)).saturating_sub(before);
    assert!(taken < 16 * MIB, "{taken} bytes for 30 announcements");
    assert_eq!(server.connect().ask("PING"), "+PONG");
}

#[test]
fn a_client_that_reads_nothing_is_held_back() {
    let server = Server::start(&[]);
    let mut bystander = server.connect();
    bystander.send(request(&["SET", "big", &"x".repeat(1_000_000)]));
    assert_eq!(bystander.reply(), "+OK");
    let before = server.memory();
    // Ten gigabytes of replies to one, in single values and in arrays of them.
    let mut values = server.connect();
    values.send("GET big\r\n".repeat(10_000));
    let mut arrays = server.connect();
    arrays.send(format!("MGET{}\r\n", " big".repeat(10_000)));
    until("the first of the requests", || info(&mut bystander, "total_commands_processed") > 1000);
    let taken = peak(&server, Duration::from_millis(700)).saturating_sub(before);
    assert!(taken < 32 * MIB, "{taken} bytes for replies that nobody reads");
    assert_eq!(bystander.ask("STRLEN big"), ":1000000");
}

#[test]
fn a_client_that_sends_and_reads_nothing_is_not_read_either() {
    let server = Server::start(&[]);
    let before = server.memory();
    let mut slow = server.connect();
    slow.socket().set_nonblocking(true).expect("a socket has this mode");
    let payload = "y".repeat(50_000);
    let echo = request(&["ECHO", &payload]);
    let (mut sent, mut progress) = (0, Instant::now());
    // Held back is who cannot send for a second; more than this no pair of socket buffers holds.
    while progress.elapsed() < Duration::from_secs(1) {
        assert!(sent < 200 * 1024 * 1024, "{sent} bytes were taken");
        match slow.socket().write(&echo[sent % echo.len()..]) {
            Ok(more) => (sent, progress) = (sent + more, Instant::now()),
            Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(Duration::from_millis(1)),
            Err(error) => panic!("{error}"),
        }
    }
    let taken = server.memory().saturating_sub(before);
    assert!(taken < 16 * MIB, "{taken} bytes for a client that reads nothing");
    assert_eq!(server.connect().ask("PING"), "+PONG", "others are served");
    // It reads at last, and nothing is missing. The rest of the last request is sent beside it.
    slow.socket().set_nonblocking(false).expect("a socket has this mode");
    slow.socket().set_write_timeout(Some(PATIENCE)).expect("a socket has timeouts");
    let mut writer = slow.socket().try_clone().expect("a socket has many ends");
    let rest = echo[sent % echo.len()..].to_vec();
    let writing = thread::spawn(move || writer.write_all(&rest));
    for n in 0..=sent / echo.len() {
        assert!(slow.reply() == payload, "reply {n} is another");
    }
    writing.join().expect("it only writes").expect("the server reads again");
    assert_eq!(slow.ask("PING"), "+PONG");
}
