//! The decoder against pieces of every size and against hostile frames.

use super::{Decoder, KEEP, Limits, ProtocolError, READ_CHUNK};

type Request = Vec<Vec<u8>>;

fn decoder() -> Decoder {
    Decoder::new(Limits::with_max_frame(1024 * 1024))
}

/// Feeds `pieces` one after the other and returns all requests, up to the first error.
fn feed<'a>(decoder: &mut Decoder, pieces: impl IntoIterator<Item = &'a [u8]>) -> Result<Vec<Request>, ProtocolError> {
    let mut requests = Vec::new();
    for piece in pieces {
        decoder.spare().extend_from_slice(piece);
        while let Some(args) = decoder.decode()? {
            requests.push(args.from(0).map(<[u8]>::to_vec).collect());
        }
    }
    Ok(requests)
}

fn frame(args: &[&[u8]]) -> Vec<u8> {
    let mut out = format!("*{}\r\n", args.len()).into_bytes();
    for arg in args {
        out.extend_from_slice(format!("${}\r\n", arg.len()).as_bytes());
        out.extend_from_slice(arg);
        out.extend_from_slice(b"\r\n");
    }
    out
}

/// A pipeline with a bit of everything, and what it means.
fn mixed() -> (Vec<u8>, Vec<Request>) {
    let large = vec![b'\n'; 3000];
    let requests: [&[&[u8]]; 4] = [&[b"SET", b"k", b"a\r\nb"], &[b""], &[b"GET", b""], &[b"ECHO", &large]];
    let mut wire = Vec::new();
    let mut expected = Vec::new();
    for request in requests {
        wire.extend_from_slice(b"\r\n*0\r\n*-1\r\n");
        wire.extend_from_slice(&frame(request));
        wire.extend_from_slice(b"PING 'a b'\r\n   \n");
        expected.push(request.iter().map(|arg| arg.to_vec()).collect());
        expected.push(vec![b"PING".to_vec(), b"a b".to_vec()]);
    }
    (wire, expected)
}

#[test]
fn one_piece_and_byte_by_byte_are_the_same() {
    let (wire, expected) = mixed();
    assert_eq!(feed(&mut decoder(), [&wire[..]]).as_ref(), Ok(&expected));
    assert_eq!(feed(&mut decoder(), wire.chunks(1)).as_ref(), Ok(&expected));
}

#[test]
fn random_pieces_are_the_same() {
    let (wire, expected) = mixed();
    // A fixed linear generator: a failure can be run again.
    let mut seed = 7_u64;
    for _ in 0..500 {
        let mut pieces = Vec::new();
        let mut rest = &wire[..];
        while !rest.is_empty() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            let len = usize::try_from(seed >> 54).expect("ten bits") % rest.len() + 1;
            let (piece, tail) = rest.split_at(len);
            pieces.push(piece);
            rest = tail;
        }
        assert_eq!(feed(&mut decoder(), pieces).as_ref(), Ok(&expected));
    }
}

#[test]
fn malformed_frames_have_the_errors_of_redis() {
    let cases: [(&[u8], ProtocolError, &str); 13] = [
        (b"*x\r\n", ProtocolError::MultibulkLength, "invalid multibulk length"),
        (b"*1\n", ProtocolError::MultibulkLength, "invalid multibulk length"),
        (b"*\r\n", ProtocolError::MultibulkLength, "invalid multibulk length"),
        (b"*1048577\r\n", ProtocolError::MultibulkLength, "invalid multibulk length"),
        (b"*99999999999999999999\r\n", ProtocolError::MultibulkLength, "invalid multibulk length"),
        (b"*1\r\n!", ProtocolError::NoDollar(b'!'), "expected '$', got '!'"),
        (b"*1\r\n$x\r\n", ProtocolError::BulkLength, "invalid bulk length"),
        (b"*1\r\n$-1\r\n", ProtocolError::BulkLength, "invalid bulk length"),
        (b"*1\r\n$536870912\r\n", ProtocolError::BulkLength, "invalid bulk length"),
        (b"*1\r\n$9223372036854775807\r\n", ProtocolError::BulkLength, "invalid bulk length"),
        (b"*2\r\n$3\r\nGET\r\n$1048570\r\n", ProtocolError::LongRequest, "too big request"),
        (b"*1\r\n$1\r\nabc", ProtocolError::NoCrlf, "expected CRLF after a bulk string"),
        (b"GET \"a\r\n", ProtocolError::Quotes, "unbalanced quotes in request"),
    ];
    for (wire, error, text) in cases {
        assert_eq!(feed(&mut decoder(), [wire]), Err(error), "{}", wire.escape_ascii());
        assert_eq!(feed(&mut decoder(), wire.chunks(1)), Err(error));
        assert_eq!(error.to_string(), format!("ERR Protocol error: {text}"));
    }
}

#[test]
fn a_line_without_end_is_refused_at_the_limit() {
    for (head, error) in [
        (&b"*"[..], ProtocolError::LongMultibulkHeader),
        (b"*1\r\n$", ProtocolError::LongBulkHeader),
        (b"SET", ProtocolError::LongInline),
    ] {
        let mut decoder = decoder();
        let endless = vec![b'1'; 70_000];
        assert_eq!(feed(&mut decoder, [head, &endless[..60_000]]), Ok(Vec::new()));
        assert_eq!(feed(&mut decoder, [&endless[60_000..]]), Err(error));
    }
}

#[test]
fn requests_before_a_broken_one_are_served() {
    let mut decoder = decoder();
    decoder.spare().extend_from_slice(b"PING\r\n*1\r\nbad");
    let first = decoder.decode().map(|args| args.map(|args| args.at(0).to_vec()));
    assert_eq!(first, Ok(Some(b"PING".to_vec())));
    assert_eq!(decoder.decode().map(|_| ()), Err(ProtocolError::NoDollar(b'b')));
}

#[test]
fn an_announcement_reserves_nothing() {
    let mut decoder = Decoder::new(Limits::with_max_frame(1 << 30));
    let wire = b"*1048576\r\n$536870912\r\nabc";
    assert_eq!(feed(&mut decoder, [&wire[..]]), Ok(Vec::new()));
    assert!(decoder.buf.capacity() <= 2 * READ_CHUNK);
    assert_eq!(decoder.spans.capacity(), 0);
    assert!(decoder.is_partial());
}

#[test]
fn a_large_frame_gives_its_memory_back() {
    let mut decoder = decoder();
    let wire = frame(&[b"SET", b"k", &vec![b'x'; 900_000]]);
    assert_eq!(feed(&mut decoder, wire.chunks(1000)).map(|all| all.len()), Ok(1));
    assert!(decoder.buf.capacity() > KEEP);
    assert!(decoder.spare().capacity() <= KEEP);
    assert!(!decoder.is_partial());
}

#[test]
fn small_pieces_of_a_large_frame_are_looked_at_once() {
    // Quadratic work would be 10^11 steps here; linear work is not to be noticed.
    let mut decoder = decoder();
    let wire = frame(&[b"SET", b"k", &vec![b'x'; 1_000_000]]);
    assert_eq!(feed(&mut decoder, wire.chunks(1)).map(|all| all.len()), Ok(1));
    // The same for a header line and for an inline command.
    let mut inline = vec![b'a'; 65_000];
    inline.push(b'\n');
    assert_eq!(feed(&mut decoder, inline.chunks(1)).map(|all| all.len()), Ok(1));
}
