//! Replies on their way to the client, in bounded memory.

use std::time::Duration;

use bytes::Bytes;
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};

use crate::reply::{Reply, array_header, bulk_header};

/// Encoded bytes are sent when they exceed this. Until the client has taken them, nothing more is
/// encoded and nothing more is read: that is how a slow reader is held back.
const SEND_AT: usize = 64 * 1024;

/// A value from here on is sent from where it is instead of being copied.
const LARGE: usize = 16 * 1024;

/// How long a connection closed because of an error waits for the client to have read why.
const LINGER: Duration = Duration::from_secs(1);

/// Encoded replies not yet sent: never more than [`SEND_AT`] + [`LARGE`] bytes and a header,
/// whatever the replies.
#[derive(Debug, Default)]
pub(crate) struct Output {
    buf: Vec<u8>,
    /// The client does not take replies any more. What it sent is carried out all the same.
    broken: bool,
}

impl Output {
    /// Encodes a reply, and sends what has piled up.
    pub(crate) async fn reply(&mut self, socket: &mut TcpStream, reply: Reply) {
        match reply {
            Reply::Array(items) => self.array(socket, items).await,
            scalar => self.scalar(socket, scalar).await,
        }
    }

    /// Arrays within arrays by a stack of what is left of each: an array may be far larger than
    /// the buffer, so it has to be possible to send in the middle of it.
    async fn array(&mut self, socket: &mut TcpStream, items: Vec<Reply>) {
        array_header(&mut self.buf, items.len());
        let mut open = vec![items.into_iter()];
        while let Some(items) = open.last_mut() {
            match items.next() {
                None => {
                    open.pop();
                }
                Some(Reply::Array(inner)) => {
                    array_header(&mut self.buf, inner.len());
                    open.push(inner.into_iter());
                }
                Some(scalar) => self.scalar(socket, scalar).await,
            }
        }
    }

    async fn scalar(&mut self, socket: &mut TcpStream, reply: Reply) {
        match reply {
            Reply::Bulk(value) if value.len() >= LARGE => self.large(socket, value).await,
            small => small.encode(&mut self.buf),
        }
        if self.buf.len() >= SEND_AT {
            self.flush(socket).await;
        }
    }

    async fn large(&mut self, socket: &mut TcpStream, value: Bytes) {
        bulk_header(&mut self.buf, value.len());
        self.flush(socket).await;
        self.broken = self.broken || socket.write_all(&value).await.is_err();
        self.buf.extend_from_slice(b"\r\n");
    }

    /// Sends all that is encoded, and waits until the system has taken it.
    pub(crate) async fn flush(&mut self, socket: &mut TcpStream) {
        if !self.broken && !self.buf.is_empty() {
            self.broken = socket.write_all(&self.buf).await.is_err();
        }
        self.buf.clear();
    }
}

/// Says to the client that no more will come, and waits a little for it to end, too.
pub(crate) async fn linger(socket: &mut TcpStream) {
    let ending = async {
        socket.shutdown().await?;
        tokio::io::copy(socket, &mut tokio::io::sink()).await
    };
    // Whether it ends, fails or takes too long: it is over.
    let _ = timeout(LINGER, ending).await;
}
