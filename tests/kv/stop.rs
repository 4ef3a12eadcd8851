//! Signals and `SHUTDOWN`: what was begun is finished, and the server ends in time.

use std::{
    thread,
    time::{Duration, Instant},
};

use crate::{
    raw::{Client, request},
    server::{Server, until},
};

/// What a client may take to read its replies, and some more for a machine that has other things to do.
const GRACE: Duration = Duration::from_secs(5 + 3);

/// For an end that waits for nobody.
const SOON: Duration = Duration::from_secs(2);

fn clean(server: Server, within: Duration) -> Duration {
    let ended = server.ends_within(within);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    ended.after
}

/// Idle, busy, mid-frame and never-reading connections, all at once.
fn stops_on(signal: &str) {
    let server = Server::start(&[]);
    let mut idle = server.connect();
    idle.send(request(&["SET", "big", &"x".repeat(1_000_000)]));
    assert_eq!(idle.reply(), "+OK");
    let mut half = server.connect();
    half.send("PING\r\n*3\r\n$3\r\nSET\r\n$4\r\nha");
    assert_eq!(half.reply(), "+PONG");
    let mut never = server.connect();
    never.send("GET big\r\n".repeat(2000));
    let mut asking = server.connect();
    assert_eq!(asking.ask("PING"), "+PONG");
    // Busy for as long as it can: one request after the other, each answered, until the end.
    let mut busy = server.connect();
    assert_eq!(busy.ask("PING"), "+PONG");
    let busy = thread::spawn(move || {
        let mut answered = 0_u64;
        while busy.try_send("INCR n\r\n").is_ok() {
            match busy.try_reply() {
                Some(reply) if reply == format!(":{}", answered + 1) => answered += 1,
                Some(reply) => panic!("{reply} after {answered}"),
                None => break,
            }
        }
        answered
    });
    until("busy work", || asking.ask("GET n").parse::<u64>().is_ok_and(|n| n > 10));
    // In flight: sent whole, and no reply taken when the signal comes.
    asking.send("INCR flight\r\n".repeat(5000));
    let start = Instant::now();
    server.signal(signal);
    for n in 1..=5000 {
        assert_eq!(asking.reply(), format!(":{n}"));
    }
    asking.ends();
    idle.ends();
    assert_eq!(half.reply(), "-ERR the server is shutting down");
    half.ends();
    assert!(busy.join().expect("every reply is the right one") > 10);
    assert!(start.elapsed() < Duration::from_secs(4), "those who read do not wait for the one who does not");
    let after = clean(server, GRACE);
    assert!(start.elapsed() >= Duration::from_secs(3), "who reads late is given time, not {after:?}");
    drop(never);
}

#[test]
fn sigterm_finishes_what_was_begun() {
    stops_on("TERM");
}

#[test]
fn sigint_finishes_what_was_begun() {
    stops_on("INT");
}

#[test]
fn a_slow_reader_gets_all_of_its_replies() {
    let server = Server::start(&[]);
    let mut slow = server.connect();
    let value = "x".repeat(1_000_000);
    slow.send(request(&["SET", "big", &value]));
    assert_eq!(slow.reply(), "+OK");
    slow.send("GET big\r\n".repeat(30));
    assert!(slow.reply() == value);
    server.signal("TERM");
    // The door is closed first: from then on the server is about to end.
    until("the closed door", || std::net::TcpStream::connect(("127.0.0.1", server.port)).is_err());
    for _ in 0..29 {
        assert!(slow.reply() == value);
    }
    slow.ends();
    clean(server, SOON);
}

#[test]
fn many_idle_connections_end_at_once() {
    let server = Server::start(&[]);
    let mut clients: Vec<Client> = (0..200).map(|_| server.connect()).collect();
    for client in &mut clients {
        assert_eq!(client.ask("PING"), "+PONG");
    }
    server.signal("TERM");
    clean(server, SOON);
    clients.iter_mut().for_each(Client::ends);
}

#[test]
fn without_connections_it_ends_at_once() {
    for signal in ["TERM", "INT"] {
        let server = Server::start(&[]);
        server.signal(signal);
        clean(server, SOON);
    }
}

#[test]
fn shutdown_ends_the_server() {
    for command in ["SHUTDOWN", "SHUTDOWN NOSAVE"] {
        let server = Server::start(&[]);
        let mut other = server.connect();
        assert_eq!(other.ask("PING"), "+PONG");
        let mut client = server.connect();
        client.send(format!("SET a 1\r\n{command}\r\nPING\r\n"));
        assert_eq!(client.reply(), "+OK");
        client.ends();
        other.ends();
        drop((client, other));
        clean(server, SOON);
    }
}

#[test]
fn a_second_signal_cuts_the_shutdown_short() {
    let server = Server::start(&[]);
    let mut never = server.connect();
    never.send(request(&["SET", "big", &"x".repeat(1_000_000)]));
    assert_eq!(never.reply(), "+OK");
    never.send("GET big\r\n".repeat(2000));
    assert_eq!(never.reply().len(), 1_000_000);
    server.signal("TERM");
    until("the closed door", || std::net::TcpStream::connect(("127.0.0.1", server.port)).is_err());
    server.signal("TERM");
    let ended = server.ends_within(SOON);
    assert!(ended.code.is_some(), "it ends by itself, not by the signal");
}
