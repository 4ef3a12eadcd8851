//! Glob patterns as `KEYS`, `SCAN MATCH` and `CONFIG GET` know them.

/// Whether all of `text` matches `pattern`: `*`, `?`, `[abc]`, `[^a-z]` and `\` before a byte meant
/// literally.
///
/// Only the last `*` is ever tried again: if a piece after an earlier `*` matched at its first
/// place, a later place can't help what follows the last one. So the time is at most the product
/// of the two lengths, where a recursive matcher is exponential in the number of stars.
pub(crate) fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut rest, mut left) = (pattern, text);
    // What follows the last `*`, and the text where it was tried last.
    let mut retry: Option<(&[u8], &[u8])> = None;
    loop {
        if let [b'*', after @ ..] = rest {
            if after.is_empty() {
                return true;
            }
            retry = Some((after, left));
            rest = after;
            continue;
        }
        match (left, step(rest, left)) {
            ([], None) => return rest.is_empty(),
            (_, Some(after)) => {
                rest = after;
                left = &left[1..];
            }
            (_, None) => {
                let Some((after, [_, tail @ ..])) = retry else {
                    return false;
                };
                retry = Some((after, tail));
                (rest, left) = (after, tail);
            }
        }
    }
}

/// Matches the first byte of `text` with the first element of `pattern`, which is no `*`; returns
/// what follows that element.
fn step<'a>(pattern: &'a [u8], text: &[u8]) -> Option<&'a [u8]> {
    let byte = *text.first()?;
    match pattern {
        [b'?', after @ ..] => Some(after),
        [b'[', class @ ..] => {
            let (found, after) = in_class(class, byte);
            found.then_some(after)
        }
        // A lone `\` at the end stands for itself.
        [b'\\', literal, after @ ..] | [literal, after @ ..] => (*literal == byte).then_some(after),
        [] => None,
    }
}

/// Whether `byte` is in the class that begins behind `[`, and what follows its `]`. A class that
/// is never closed ends with the pattern, as in Redis.
fn in_class(class: &[u8], byte: u8) -> (bool, &[u8]) {
    let (negated, mut rest) = match class {
        [b'^', rest @ ..] => (true, rest),
        _ => (false, class),
    };
    let mut found = false;
    loop {
        rest = match rest {
            [] => return (found != negated, rest),
            [b']', after @ ..] => return (found != negated, after),
            [b'\\', literal, after @ ..] => {
                found |= *literal == byte;
                after
            }
            [from, b'-', to, after @ ..] => {
                found |= (*from.min(to)..=*from.max(to)).contains(&byte);
                after
            }
            [literal, after @ ..] => {
                found |= *literal == byte;
                after
            }
        };
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_match_as_in_redis() {
        for (pattern, text, expected) in [
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "anything", true),
            ("a*c", "abc", true),
            ("a*c", "ac", true),
            ("a*c", "acb", false),
            ("*b*", "abc", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("?", "", false),
            ("h[ae]llo", "hallo", true),
            ("h[ae]llo", "hillo", false),
            ("h[^e]llo", "hallo", true),
            ("h[^e]llo", "hello", false),
            ("h[a-c]llo", "hbllo", true),
            ("h[c-a]llo", "hbllo", true),
            ("h[a-c]llo", "hdllo", false),
            ("[\\]]", "]", true),
            ("[a", "a", true),
            ("[^]", "a", true),
            ("[]", "a", false),
            ("a\\*c", "a*c", true),
            ("a\\*c", "abc", false),
            ("a\\", "a\\", true),
            ("*ab*cd", "xabyabcdcd", true),
            ("key:*:[0-9]", "key:user:7", true),
            ("a**b", "axxb", true),
            ("*a", "aaab", false),
        ] {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), expected, "{pattern} {text}");
        }
    }

    #[test]
    fn many_stars_do_not_blow_up() {
        let mut pattern = b"a*".repeat(1000);
        pattern.push(b'b');
        assert!(!matches(&pattern, &vec![b'a'; 20_000]));
    }
}
