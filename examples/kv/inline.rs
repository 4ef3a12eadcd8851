//! Inline commands: a line of words, as typed into a plain terminal.

use std::ops::Range;

/// The quotes of a line do not pair up.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unbalanced;

/// Splits a line into words with the quoting rules of Redis: `"…"` knows the escapes `\n \r \t \b
/// \a \xHH \" \\`, `'…'` knows `\'` alone, and a closing quote ends the word.
///
/// The words are appended to `text` with their quotes undone, and their places to `spans`.
pub(crate) fn split(line: &[u8], text: &mut Vec<u8>, spans: &mut Vec<Range<usize>>) -> Result<(), Unbalanced> {
    let mut rest = line.trim_ascii_start();
    while !rest.is_empty() {
        let start = text.len();
        rest = word(rest, text)?.trim_ascii_start();
        spans.push(start..text.len());
    }
    Ok(())
}

/// Takes one word and returns what follows it.
fn word<'a>(mut rest: &'a [u8], text: &mut Vec<u8>) -> Result<&'a [u8], Unbalanced> {
    while let [first, tail @ ..] = rest {
        match first {
            b'"' => return closed(double_quoted(tail, text)?),
            b'\'' => return closed(single_quoted(tail, text)?),
            byte if byte.is_ascii_whitespace() || *byte == 0 => return Ok(tail),
            byte => text.push(*byte),
        }
        rest = tail;
    }
    Ok(rest)
}

/// After a closing quote comes a blank or the end of the line.
fn closed(rest: &[u8]) -> Result<&[u8], Unbalanced> {
    match rest.first() {
        Some(byte) if !byte.is_ascii_whitespace() => Err(Unbalanced),
        _ => Ok(rest),
    }
}

fn double_quoted<'a>(mut rest: &'a [u8], text: &mut Vec<u8>) -> Result<&'a [u8], Unbalanced> {
    loop {
        rest = match rest {
            [b'"', tail @ ..] => return Ok(tail),
            [b'\\', b'x', high, low, tail @ ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit() => {
                text.push(hex(*high) << 4 | hex(*low));
                tail
            }
            [b'\\', escaped, tail @ ..] => {
                text.push(match escaped {
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'b' => 0x08,
                    b'a' => 0x07,
                    other => *other,
                });
                tail
            }
            [byte, tail @ ..] => {
                text.push(*byte);
                tail
            }
            [] => return Err(Unbalanced),
        };
    }
}

fn single_quoted<'a>(mut rest: &'a [u8], text: &mut Vec<u8>) -> Result<&'a [u8], Unbalanced> {
    loop {
        rest = match rest {
            [b'\'', tail @ ..] => return Ok(tail),
            [b'\\', b'\'', tail @ ..] => {
                text.push(b'\'');
                tail
            }
            [byte, tail @ ..] => {
                text.push(*byte);
                tail
            }
            [] => return Err(Unbalanced),
        };
    }
}

/// The value of a digit already known to be hexadecimal.
fn hex(digit: u8) -> u8 {
    match digit {
        b'0'..=b'9' => digit - b'0',
        b'a'..=b'f' => digit - b'a' + 10,
        _ => digit - b'A' + 10,
    }
}

#[cfg(test)]
mod tests {
    use super::{Unbalanced, split};

    fn words(line: &str) -> Result<Vec<Vec<u8>>, Unbalanced> {
        let (mut text, mut spans) = (Vec::new(), Vec::new());
        split(line.as_bytes(), &mut text, &mut spans)?;
        Ok(spans.iter().map(|span| text[span.clone()].to_vec()).collect())
    }

    #[test]
    fn quoting_is_redis_quoting() {
        let cases: [(&str, &[&[u8]]); 8] = [
            ("", &[]),
            ("   ", &[]),
            ("  GET   key ", &[b"GET", b"key"]),
            (r#"SET k "a b""#, &[b"SET", b"k", b"a b"]),
            (r#"ECHO "\x41\n\"\\\q""#, &[b"ECHO", b"A\n\"\\q"]),
            (r"ECHO 'it\'s \n'", &[b"ECHO", br"it's \n"]),
            (r#"ECHO """#, &[b"ECHO", b""]),
            (r#"ECHO ab"cd""#, &[b"ECHO", b"abcd"]),
        ];
        for (line, expected) in cases {
            assert_eq!(
                words(line).as_deref(),
                Ok(&expected.iter().map(|w| w.to_vec()).collect::<Vec<_>>()[..]),
                "{line}"
            );
        }
    }

    #[test]
    fn an_open_quote_or_a_glued_word_is_refused() {
        for line in [r#"GET "a"#, "GET 'a", r#"GET "a"b"#, "GET 'a'b", r#"GET "a\"#] {
            assert_eq!(words(line), Err(Unbalanced), "{line}");
        }
    }
}
