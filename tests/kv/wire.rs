//! The protocol, byte by byte: what a well-behaved client would never send.

use crate::{
    raw::request,
    server::{Server, until},
};

#[test]
fn inline_commands_are_understood() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    client.send("PING\r\nping\n\r\n   \r\nSET \"a key\" 'it\\'s'\r\nGET \"a\\x20key\"\r\n");
    assert_eq!([(); 4].map(|()| client.reply()), ["+PONG", "+PONG", "+OK", "it's"]);
}

#[test]
fn a_pipeline_in_one_write_is_answered_in_order() {
    let server = Server::start(&["--shards", "3"]);
    let mut client = server.connect();
    let mut bytes = Vec::new();
    for n in 0..3000 {
        let n = n.to_string();
        bytes.extend(request(&["SET", &n, &n]));
        bytes.extend_from_slice(format!("GET {n}\r\n").as_bytes());
    }
    client.send(bytes);
    for n in 0..3000 {
        assert_eq!([client.reply(), client.reply()], ["+OK".to_owned(), n.to_string()]);
    }
}

#[test]
fn a_request_may_come_byte_by_byte() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    let mut bytes = request(&["SET", "key", "a\r\nb"]);
    bytes.extend(b"*0\r\n*-1\r\nPING\r\n");
    bytes.extend(request(&["GET", "key"]));
    for byte in bytes {
        client.send([byte]);
    }
    assert_eq!([(); 3].map(|()| client.reply()), ["+OK", "+PONG", "a\r\nb"]);
}

#[test]
fn a_broken_frame_ends_its_own_connection_only() {
    let server = Server::start(&["--max-frame", "65536"]);
    let mut bystander = server.connect();
    let long = "a".repeat(70_000);
    let cases: [(Vec<u8>, &str); 14] = [
        (b"*x\r\n".to_vec(), "invalid multibulk length"),
        (b"*1048577\r\n".to_vec(), "invalid multibulk length"),
        (b"*99999999999999999999\r\n".to_vec(), "invalid multibulk length"),
        (b"*1\n".to_vec(), "invalid multibulk length"),
        (b"*1\r\n$x\r\n".to_vec(), "invalid bulk length"),
        (b"*1\r\n$-1\r\n".to_vec(), "invalid bulk length"),
        (b"*1\r\n$536870912\r\n".to_vec(), "invalid bulk length"),
        (b"*1\r\n!".to_vec(), "expected '$', got '!'"),
        (b"*1\r\n$4\r\nPINGxx".to_vec(), "expected CRLF after a bulk string"),
        (b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$65530\r\n".to_vec(), "too big request"),
        (b"ECHO \"a\r\n".to_vec(), "unbalanced quotes in request"),
        (long.clone().into_bytes(), "too big inline request"),
        (format!("*{long}").into_bytes(), "too big mbulk count string"),
        (format!("*1\r\n${long}").into_bytes(), "too big bulk count string"),
    ];
    for (frame, reason) in cases {
        let what = String::from_utf8_lossy(&frame[..frame.len().min(40)]).into_owned();
        let mut client = server.connect();
        // What came before is answered; what comes after is not looked at.
        client.send([b"PING\r\n", &frame[..]].concat());
        assert_eq!(client.reply(), "+PONG", "{what:?}");
        assert_eq!(client.reply(), format!("-ERR Protocol error: {reason}"), "{what:?}");
        // The server may be gone before this is sent.
        let _ = client.try_send("SET after it\r\n");
        client.ends();
        assert_eq!(bystander.ask("PING"), "+PONG", "{what:?}");
    }
    assert_eq!(bystander.ask("EXISTS after"), ":0");
    assert!(bystander.ask("INFO stats").contains("protocol_errors:14\r\n"));
}

#[test]
fn other_protocols_are_turned_away() {
    let server = Server::start(&[]);
    for greeting in ["GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", "\u{16}\u{3}\u{1}\u{2}\0\n"] {
        let mut client = server.connect();
        client.send(greeting);
        let reply = client.reply();
        assert!(reply.starts_with("-ERR "), "{reply}");
    }
    assert_eq!(server.connect().ask("PING"), "+PONG");
}

#[test]
fn an_error_cannot_be_made_to_look_like_two_replies() {
    let server = Server::start(&[]);
    let mut client = server.connect();
    client.send(request(&["NOSUCH\r\n+OK", "a\r\n:1"]));
    let reply = client.reply();
    assert!(reply.starts_with("-ERR unknown command"), "{reply}");
    assert_eq!(client.ask("PING"), "+PONG");
}

#[test]
fn clients_over_the_limit_are_told() {
    let server = Server::start(&["--max-connections", "2"]);
    let mut first = server.connect();
    let mut second = server.connect();
    assert_eq!([first.ask("PING"), second.ask("PING")], ["+PONG", "+PONG"]);
    for _ in 0..3 {
        let mut third = server.connect();
        assert_eq!(third.reply(), "-ERR max number of clients reached");
        third.ends();
    }
    assert!(first.ask("INFO stats").contains("rejected_connections:3\r\n"));
    drop(second);
    until("a free place", || server.connect().try_ask("PING").as_deref() == Some("+PONG"));
    assert_eq!(first.ask("PING"), "+PONG");
}

#[test]
fn what_was_sent_before_a_close_is_done() {
    let server = Server::start(&[]);
    for n in 0..200 {
        server.connect().send(format!("SET key:{n} v\r\n"));
    }
    let mut client = server.connect();
    until("200 keys", || client.ask("DBSIZE") == ":200");
    // The same for more than one read takes. Replies are then unread, so the close throws away what the client's own
    // system has not sent yet: it must not be more than the server's has room for.
    let pipeline: Vec<String> = (0..2000).map(|n| format!("INCR many:{n}\r\n")).collect();
    server.connect().send(pipeline.concat());
    until("all of the pipeline", || client.ask("DBSIZE") == ":2200");
}
