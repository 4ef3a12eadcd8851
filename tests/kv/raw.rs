//! A client that sends bytes as they are and reads replies in RESP2.

use std::{
    io::{BufRead, BufReader, ErrorKind, Read, Write},
    net::TcpStream,
};

use crate::server::PATIENCE;

pub(crate) struct Client {
    socket: BufReader<TcpStream>,
}

impl Client {
    pub(crate) fn connect(port: u16) -> Self {
        let socket = TcpStream::connect(("127.0.0.1", port)).expect("the server listens");
        socket.set_read_timeout(Some(PATIENCE)).expect("a socket has timeouts");
        socket.set_write_timeout(Some(PATIENCE)).expect("a socket has timeouts");
        socket.set_nodelay(true).expect("a socket has this option");
        Client { socket: BufReader::new(socket) }
    }

    pub(crate) fn socket(&self) -> &TcpStream {
        self.socket.get_ref()
    }

    /// Sends these bytes in one go.
    pub(crate) fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_send(bytes).expect("the server reads");
    }

    /// As [`send`](Self::send), where the server may have closed the connection.
    pub(crate) fn try_send(&mut self, bytes: impl AsRef<[u8]>) -> std::io::Result<()> {
        self.socket.get_mut().write_all(bytes.as_ref())
    }

    /// Sends a line and gives its reply.
    pub(crate) fn ask(&mut self, line: &str) -> String {
        self.send(format!("{line}\r\n"));
        self.reply()
    }

    /// As [`ask`](Self::ask); `None` if the connection ends instead.
    pub(crate) fn try_ask(&mut self, line: &str) -> Option<String> {
        self.try_send(format!("{line}\r\n")).ok()?;
        self.try_reply()
    }

    /// One reply as text: a line as it is, a bulk string without its length, an array in brackets.
    pub(crate) fn reply(&mut self) -> String {
        self.try_reply().unwrap_or_else(|| panic!("the server closed the connection"))
    }

    /// As [`reply`](Self::reply); `None` if the connection ends instead.
    pub(crate) fn try_reply(&mut self) -> Option<String> {
        let mut line = Vec::new();
        match self.socket.read_until(b'\n', &mut line) {
            Ok(0) => return None,
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return None,
            Err(error) => panic!("no reply: {error}"),
        }
        let line = String::from_utf8(line).expect("a reply is text");
        let line = line.strip_suffix("\r\n").unwrap_or_else(|| panic!("half a reply: {line:?}"));
        let length = |text: &str| text.parse::<i64>().expect("a length");
        Some(match line.split_at(1) {
            ("$" | "*", "-1") => "null".to_owned(),
            ("$", len) => self.bulk(usize::try_from(length(len)).expect("a length")),
            ("*", len) => format!("{:?}", (0..length(len)).map(|_| self.reply()).collect::<Vec<_>>()),
            _ => line.to_owned(),
        })
    }

    fn bulk(&mut self, len: usize) -> String {
        let mut bytes = vec![0; len + 2];
        self.socket.read_exact(&mut bytes).expect("a bulk string comes whole");
        assert_eq!(bytes.split_off(len), b"\r\n");
        String::from_utf8(bytes).expect("a value is text")
    }

    /// The server has nothing more to say and closes in an orderly way.
    pub(crate) fn ends(&mut self) {
        assert_eq!(self.try_reply(), None, "the connection goes on");
    }
}

/// A request in the protocol of clients.
pub(crate) fn request(words: &[&str]) -> Vec<u8> {
    let mut bytes = format!("*{}\r\n", words.len()).into_bytes();
    for word in words {
        bytes.extend_from_slice(format!("${}\r\n{word}\r\n", word.len()).as_bytes());
    }
    bytes
}
