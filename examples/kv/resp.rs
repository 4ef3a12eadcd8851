//! Requests off the wire: an incremental RESP2 decoder.
//!
//! The decoder owns the bytes read so far and remembers where it stopped, so a frame that comes in
//! a thousand pieces is looked at once, not a thousand times. A finished request is lent out as
//! [`Args`], which point into the buffer: what a command keeps, it copies once; its name and its
//! options are never copied.
//!
//! No announcement is believed: memory grows with the bytes that came, never with the sizes a
//! header promises.

use std::{fmt, ops::Range};

use crate::{inline, number::parse_int};

/// How much one read may bring; also the least room a connection's buffer keeps.
const READ_CHUNK: usize = 16 * 1024;

/// A buffer that grew beyond this is given back once its large frame is done.
const KEEP: usize = 4 * READ_CHUNK;

/// What a request may cost before it is refused.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// Bytes of an inline command or of a header line.
    line: usize,
    /// Arguments of one request.
    args: usize,
    /// Bytes of one whole request.
    frame: usize,
}

impl Limits {
    /// The limits of Redis, and `max_frame` bytes for a request as a whole.
    pub(crate) fn with_max_frame(max_frame: usize) -> Self {
        Self { line: 64 * 1024, args: 1024 * 1024, frame: max_frame }
    }
}

/// A request that is not RESP2, or is beyond a limit. Its text is what the client is told before
/// the connection is closed: after it nothing says where the next request begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProtocolError {
    /// The count after `*` is no number or too large.
    MultibulkLength,
    /// The length after `$` is no number, negative or too large.
    BulkLength,
    /// An argument begins with this byte instead of `$`.
    NoDollar(u8),
    /// The bytes of an argument are not followed by CRLF.
    NoCrlf,
    /// The line of the count does not end.
    LongMultibulkHeader,
    /// The line of a length does not end.
    LongBulkHeader,
    /// The line of an inline command does not end.
    LongInline,
    /// The quotes of an inline command do not pair up.
    Quotes,
    /// All arguments together are beyond `max_frame`.
    LongRequest,
}

impl fmt::Display for ProtocolError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ERR Protocol error: ")?;
        match self {
            Self::MultibulkLength => f.write_str("invalid multibulk length"),
            Self::BulkLength => f.write_str("invalid bulk length"),
            Self::NoDollar(found) => {
                write!(f, "expected '$', got '{}'", char::from(*found).escape_default())
            }
            Self::NoCrlf => f.write_str("expected CRLF after a bulk string"),
            Self::LongMultibulkHeader => f.write_str("too big mbulk count string"),
            Self::LongBulkHeader => f.write_str("too big bulk count string"),
            Self::LongInline => f.write_str("too big inline request"),
            Self::Quotes => f.write_str("unbalanced quotes in request"),
            Self::LongRequest => f.write_str("too big request"),
        }
    }
}

impl std::error::Error for ProtocolError {}

/// The arguments of one request, the command's name first. There is always at least one.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Args<'a> {
    base: &'a [u8],
    spans: &'a [Range<usize>],
}

impl<'a> Args<'a> {
    pub(crate) fn len(self) -> usize {
        self.spans.len()
    }

    /// The argument at `index`.
    ///
    /// # Panics
    ///
    /// If there is none; callers check the count first, because Redis has an error for it.
    pub(crate) fn at(self, index: usize) -> &'a [u8] {
        &self.base[self.spans[index].clone()]
    }

    /// The arguments from `index` on.
    pub(crate) fn from(self, index: usize) -> impl ExactSizeIterator<Item = &'a [u8]> {
        let base = self.base;
        self.spans[index..].iter().map(move |span| &base[span.clone()])
    }
}

/// Where the decoder is inside a frame.
#[derive(Debug, Clone, Copy)]
enum State {
    /// At the first byte of a request.
    Start,
    /// Before the header of an argument; this many are missing.
    Header(usize),
    /// Before the bytes of an argument of this length; so many are missing, it included.
    Body(usize, usize),
    /// A whole request was lent out and is forgotten before the next step.
    Done,
}

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Decoder {
    limits: Limits,
    buf: Vec<u8>,
    /// Where the current frame begins in `buf`. All other places are relative to it, so that the
    /// buffer can be moved up under a frame that is half there.
    start: usize,
    /// The next byte to look at.
    pos: usize,
    /// So many bytes from `pos` on are known to hold no end of line.
    scanned: usize,
    state: State,
    spans: Vec<Range<usize>>,
    /// The words of an inline command with their quotes undone.
    unquoted: Vec<u8>,
}

impl Decoder {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            buf: Vec::new(),
            start: 0,
            pos: 0,
            scanned: 0,
            state: State::Start,
            spans: Vec::new(),
            unquoted: Vec::new(),
        }
    }

    /// The buffer, with room for at least one read at its end. Bytes are only ever appended.
    ///
    /// Room is made by moving an unfinished frame to the front, at most once per finished frame,
    /// and by growing: reading a frame of n bytes costs O(n), however small its pieces.
    pub(crate) fn spare(&mut self) -> &mut Vec<u8> {
        if matches!(self.state, State::Done) {
            self.release();
        }
        if self.start > 0 {
            self.buf.drain(..self.start);
            self.start = 0;
            if self.buf.capacity() > KEEP && self.buf.len() <= READ_CHUNK {
                self.buf.shrink_to(KEEP);
            }
        }
        self.buf.reserve(READ_CHUNK);
        &mut self.buf
    }

    /// Whether a request has begun and is not complete.
    pub(crate) fn is_partial(&self) -> bool {
        match self.state {
            State::Done => self.start + self.pos < self.buf.len(),
            _ => self.start < self.buf.len(),
        }
    }

    /// The next complete request, or `None` until more bytes have come.
    ///
    /// After an error the decoder is of no more use: the connection has to be closed.
    pub(crate) fn decode(&mut self) -> Result<Option<Args<'_>>, ProtocolError> {
        loop {
            let step = match self.state {
                State::Done => {
                    self.release();
                    Some(())
                }
                State::Start => self.first()?,
                State::Header(left) => self.header(left)?,
                State::Body(left, len) => self.body(left, len)?,
            };
            if step.is_none() {
                return Ok(None);
            }
            // An empty request (`*0`, a blank line) has no reply; it is passed over.
            if matches!(self.state, State::Done) && !self.spans.is_empty() {
                return Ok(Some(self.args()));
            }
        }
    }

    fn args(&self) -> Args<'_> {
        // Only a multibulk request leaves `unquoted` alone, even if it holds nothing but "".
        let multibulk = self.buf[self.start] == b'*';
        Args { base: if multibulk { self.frame() } else { &self.unquoted }, spans: &self.spans }
    }

    /// The bytes of the current frame that are there, and whatever follows.
    fn frame(&self) -> &[u8] {
        &self.buf[self.start..]
    }

    /// Forgets the frame that was lent out.
    fn release(&mut self) {
        self.start += self.pos;
        self.pos = 0;
        self.state = State::Start;
        self.spans.clear();
        self.spans.shrink_to(1024);
        self.unquoted.clear();
    }

    /// The first line of a request: a count of arguments, or all of an inline command.
    fn first(&mut self) -> Result<Option<()>, ProtocolError> {
        match self.frame().first() {
            None => return Ok(None),
            Some(b'*') => {}
            Some(_) => return self.inline(),
        }
        let Some(line) = self.line(ProtocolError::LongMultibulkHeader)? else {
            return Ok(None);
        };
        let count = length(&self.frame()[line]).ok_or(ProtocolError::MultibulkLength)?;
        self.state = match usize::try_from(count) {
            Err(_) | Ok(0) => State::Done,
            Ok(count) if count <= self.limits.args => State::Header(count),
            Ok(_) => return Err(ProtocolError::MultibulkLength),
        };
        Ok(Some(()))
    }

    fn inline(&mut self) -> Result<Option<()>, ProtocolError> {
        let Some(line) = self.line(ProtocolError::LongInline)? else {
            return Ok(None);
        };
        let line = &self.buf[self.start..][line];
        inline::split(line, &mut self.unquoted, &mut self.spans).map_err(|_| ProtocolError::Quotes)?;
        self.state = State::Done;
        Ok(Some(()))
    }

    /// `$` and the length of the next argument.
    fn header(&mut self, left: usize) -> Result<Option<()>, ProtocolError> {
        match self.frame().get(self.pos) {
            None => return Ok(None),
            Some(b'$') => {}
            Some(&found) => return Err(ProtocolError::NoDollar(found)),
        }
        let Some(line) = self.line(ProtocolError::LongBulkHeader)? else {
            return Ok(None);
        };
        let len = length(&self.frame()[line])
            .and_then(|len| usize::try_from(len).ok())
            .filter(|&len| len <= self.limits.frame)
            .ok_or(ProtocolError::BulkLength)?;
        // Known to be too much already: said before the bytes are sent for nothing.
        if self.pos + len > self.limits.frame {
            return Err(ProtocolError::LongRequest);
        }
        self.state = State::Body(left, len);
        Ok(Some(()))
    }

    /// The bytes of an argument and the CRLF behind them.
    fn body(&mut self, left: usize, len: usize) -> Result<Option<()>, ProtocolError> {
        let end = self.pos + len;
        match self.frame().get(end..end + 2) {
            None => return Ok(None),
            Some(b"\r\n") => {}
            Some(_) => return Err(ProtocolError::NoCrlf),
        }
        self.spans.push(self.pos..end);
        self.pos = end + 2;
        self.state = match left - 1 {
            0 => State::Done,
            left => State::Header(left),
        };
        Ok(Some(()))
    }

    /// Steps over one line and returns its place, the `\n` left off; `None` if it has no end yet.
    fn line(&mut self, too_long: ProtocolError) -> Result<Option<Range<usize>>, ProtocolError> {
        let unseen = &self.buf[self.start + self.pos + self.scanned..];
        let (len, ended) = match unseen.iter().position(|&byte| byte == b'\n') {
            Some(at) => (self.scanned + at, true),
            None => (self.scanned + unseen.len(), false),
        };
        if len > self.limits.line {
            return Err(too_long);
        }
        if !ended {
            self.scanned = len;
            return Ok(None);
        }
        let line = self.pos..self.pos + len;
        self.pos += len + 1;
        self.scanned = 0;
        Ok(Some(line))
    }
}

/// The number in a header line: its first byte is the tag, its last one has to be `\r`.
fn length(line: &[u8]) -> Option<i64> {
    parse_int(line.get(1..)?.strip_suffix(b"\r")?)
}

#[cfg(test)]
#[path = "resp_tests.rs"]
mod tests;
