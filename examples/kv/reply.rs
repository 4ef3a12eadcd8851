//! Replies and their RESP2 encoding.

use std::borrow::Cow;

use bytes::Bytes;

use crate::number::push_int;

/// One reply of the server.
///
/// A value is shared, not copied: a thousand pipelined `GET`s of one large value that wait for a
/// slow reader hold a thousand references to one buffer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Reply {
    /// `+OK`
    Simple(&'static str),
    /// `-ERR …`
    Error(Cow<'static, str>),
    /// `:1`
    Int(i64),
    /// `$3` and the bytes
    Bulk(Bytes),
    /// `$-1`, the absent value
    Null,
    /// `*2` and the elements
    Array(Vec<Reply>),
}

impl Reply {
    /// The reply of most writes.
    pub(crate) const OK: Self = Self::Simple("OK");

    /// An error with its code in front, such as `ERR syntax error`.
    pub(crate) fn error(text: impl Into<Cow<'static, str>>) -> Self {
        Self::Error(text.into())
    }

    /// A bulk string made of text.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Bulk(Bytes::from(text.into()))
    }

    /// A value or its absence.
    pub(crate) fn value(value: Option<Bytes>) -> Self {
        value.map_or(Self::Null, Self::Bulk)
    }

    /// A count, which cannot exceed what memory holds.
    pub(crate) fn count(count: usize) -> Self {
        Self::Int(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// Appends the encoding of the whole reply.
    pub(crate) fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Simple(text) => line(out, b'+', text),
            Self::Error(text) => line(out, b'-', text),
            Self::Int(value) => header(out, b':', *value),
            Self::Bulk(bytes) => {
                bulk_header(out, bytes.len());
                out.extend_from_slice(bytes);
                out.extend_from_slice(b"\r\n");
            }
            Self::Null => out.extend_from_slice(b"$-1\r\n"),
            Self::Array(items) => {
                array_header(out, items.len());
                for item in items {
                    item.encode(out);
                }
            }
        }
    }
}

/// Appends the head of a bulk string; the caller sends the bytes and the final CRLF.
pub(crate) fn bulk_header(out: &mut Vec<u8>, len: usize) {
    header(out, b'$', i64::try_from(len).unwrap_or(i64::MAX));
}

/// Appends the head of an array; the caller sends the elements.
pub(crate) fn array_header(out: &mut Vec<u8>, len: usize) {
    header(out, b'*', i64::try_from(len).unwrap_or(i64::MAX));
}

fn header(out: &mut Vec<u8>, tag: u8, value: i64) {
    out.push(tag);
    push_int(out, value);
    out.extend_from_slice(b"\r\n");
}

/// A line of text. Errors quote what the client sent, so line breaks become blanks: a reply must
/// not be able to smuggle in a second one.
fn line(out: &mut Vec<u8>, tag: u8, text: &str) {
    out.push(tag);
    out.extend(text.bytes().map(|byte| match byte {
        b'\r' | b'\n' => b' ',
        other => other,
    }));
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::Reply;

    fn encoded(reply: &Reply) -> String {
        let mut out = Vec::new();
        reply.encode(&mut out);
        String::from_utf8(out).expect("the samples are text")
    }

    #[test]
    fn every_kind_has_its_encoding() {
        assert_eq!(encoded(&Reply::OK), "+OK\r\n");
        assert_eq!(encoded(&Reply::error("ERR no")), "-ERR no\r\n");
        assert_eq!(encoded(&Reply::Int(-12)), ":-12\r\n");
        assert_eq!(encoded(&Reply::Bulk(Bytes::from("a\r\nb"))), "$4\r\na\r\nb\r\n");
        assert_eq!(encoded(&Reply::Bulk(Bytes::new())), "$0\r\n\r\n");
        assert_eq!(encoded(&Reply::Null), "$-1\r\n");
        let nested = Reply::Array(vec![Reply::Int(1), Reply::Array(Vec::new()), Reply::Null]);
        assert_eq!(encoded(&nested), "*3\r\n:1\r\n*0\r\n$-1\r\n");
    }

    #[test]
    fn an_error_stays_on_its_line() {
        assert_eq!(encoded(&Reply::error("ERR 'a\r\n+OK'")), "-ERR 'a  +OK'\r\n");
    }
}
