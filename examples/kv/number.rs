//! Integers as Redis reads and writes them.

/// Reads a signed 64-bit integer the way Redis's `string2ll` does: the canonical text and nothing
/// else, so no sign `+`, no leading zero, no blank. `INCR` depends on it: only a text that would be
/// written back unchanged counts as a number.
pub(crate) fn parse_int(text: &[u8]) -> Option<i64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    match digits {
        [b'0'] if !negative => return Some(0),
        [b'1'..=b'9', ..] => {}
        _ => return None,
    }
    // Accumulated below zero, because `i64::MIN` has no positive counterpart.
    let mut value = 0_i64;
    for &digit in digits {
        if !digit.is_ascii_digit() {
            return None;
        }
        value = value.checked_mul(10)?.checked_sub(i64::from(digit - b'0'))?;
    }
    if negative { Some(value) } else { value.checked_neg() }
}

/// Appends the decimal text of `value`.
///
/// By hand instead of `write!`, which costs several times more: every reply carries at least one
/// number.
pub(crate) fn push_int(out: &mut Vec<u8>, value: i64) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    let mut rest = value.unsigned_abs();
    loop {
        at -= 1;
        digits[at] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if value < 0 {
        out.push(b'-');
    }
    out.extend_from_slice(&digits[at..]);
}

#[cfg(test)]
mod tests {
    use super::{parse_int, push_int};

    #[test]
    fn reads_back_what_it_writes() {
        for value in [0, 1, -1, 9, 10, -10, 1_234_567, i64::MAX, i64::MIN] {
            let mut text = Vec::new();
            push_int(&mut text, value);
            assert_eq!(text, value.to_string().as_bytes());
            assert_eq!(parse_int(&text), Some(value));
        }
    }

    #[test]
    fn refuses_what_is_not_canonical() {
        for text in [
            "",
            "-",
            "+1",
            "01",
            "-0",
            " 1",
            "1 ",
            "1.0",
            "0x1",
            "9223372036854775808",
            "-9223372036854775809",
            "99999999999999999999999",
        ] {
            assert_eq!(parse_int(text.as_bytes()), None, "{text:?}");
        }
    }
}
