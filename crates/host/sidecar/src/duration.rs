//! Durations as Go writes them: `300ms`, `1.5h`, `2h45m`. Dapr's YAML and its jobs use this form.

use jiff::SignedDuration;

const UNITS: [(&str, f64); 8] =
    [("ns", 1.0), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 6e10), ("h", 3.6e12)];

/// Reads a Go duration; `None` when the text is not one or does not fit.
pub(crate) fn parse_go(text: &str) -> Option<SignedDuration> {
    let (negative, rest) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    if rest == "0" {
        return Some(SignedDuration::ZERO);
    }
    let nanoseconds = parse_parts(rest)?;
    if nanoseconds > i64::MAX as f64 {
        return None;
    }
    let duration = SignedDuration::from_nanos(nanoseconds as i64);
    Some(if negative { -duration } else { duration })
}

fn parse_parts(mut rest: &str) -> Option<f64> {
    if rest.is_empty() {
        return None;
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let unit_end = rest.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(rest.len());
        let (_, size) = UNITS.iter().find(|(name, _)| *name == &rest[..unit_end])?;
        total += number * size;
        rest = &rest[unit_end..];
    }
    Some(total)
}

/// As [`parse_go`], for what can't be negative.
pub(crate) fn parse_go_unsigned(text: &str) -> Option<std::time::Duration> {
    parse_go(text)?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_durations_are_read() {
        assert_eq!(parse_go("300ms"), Some(SignedDuration::from_millis(300)));
        assert_eq!(parse_go("1.5h"), Some(SignedDuration::from_mins(90)));
        assert_eq!(parse_go("2h45m"), Some(SignedDuration::from_mins(165)));
        assert_eq!(parse_go("-2s"), Some(SignedDuration::from_secs(-2)));
        assert_eq!(parse_go("0"), Some(SignedDuration::ZERO));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in ["", "5", "s", "5 s", "1d", "PT5S", "-", "1..s"] {
            assert_eq!(parse_go(text), None, "{text:?}");
        }
    }
}
