//! Durations in options and marks: `"250ms"`, `"5s"`, `"1.5m"`, `"2h"`.

use syn::LitStr;

use crate::errors::Diagnostic;

/// The nanoseconds that the literal says, more than none.
pub(crate) fn parse(literal: &LitStr) -> Result<u64, Diagnostic> {
    let text = literal.value();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    if number.is_empty() {
        return Err(Diagnostic::new(literal, "a duration starts with a number").help("for example `\"5s\"`"));
    }
    let unit = match unit {
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "" => return Err(Diagnostic::new(literal, "a duration needs a unit").help(UNITS)),
        unit => return Err(Diagnostic::new(literal, format!("unknown duration unit `{unit}`")).help(UNITS)),
    };
    match scale(number, unit) {
        None => Err(Diagnostic::new(literal, format!("`{text}` is not a duration")).help("for example `\"1.5s\"`")),
        Some(0) => Err(Diagnostic::new(literal, "a duration must be longer than zero")
            .help("the shortest one is a nanosecond, `\"0.000001ms\"`")),
        Some(nanos) => u64::try_from(nanos)
            .map_err(|_| Diagnostic::new(literal, "the duration is too long").help("584 years are the most")),
    }
}

const UNITS: &str = "use `ms`, `s`, `m` or `h`";

/// `number` times `unit`, exactly, cut off below a nanosecond; `None` when it is no number.
fn scale(number: &str, unit: u128) -> Option<u128> {
    let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
    let digits = u32::try_from(part.len()).ok()?;
    let part: u128 = part.parse().ok()?;
    let whole: u128 = whole.parse().ok()?;
    let fraction = part.checked_mul(unit)?.checked_div(10_u128.checked_pow(digits)?)?;
    whole.checked_mul(unit)?.checked_add(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::Span;

    fn nanos(text: &str) -> Option<u64> {
        parse(&LitStr::new(text, Span::call_site())).ok()
    }

    #[test]
    fn durations_are_parsed() {
        assert_eq!(nanos("5s"), Some(5_000_000_000));
        assert_eq!(nanos("250ms"), Some(250_000_000));
        assert_eq!(nanos("1.5m"), Some(90_000_000_000));
        assert_eq!(nanos("2h"), Some(7_200_000_000_000));
        assert_eq!(nanos("0.000001ms"), Some(1));
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in ["", "5", "s", "5 sec", "0s", "1.2.3s", ".s", "99999999999999h", "-1s", "5S"] {
            assert_eq!(nanos(text), None, "{text}");
        }
    }
}
