//! Instants as they come in: RFC 3339 with any offset.

use jiff::Timestamp;

use crate::ValueError;

/// The instant that `text` names, in the years 1 to 9999.
///
/// # Errors
/// It is no RFC 3339 date-time, has no offset, or lies outside those years.
pub fn instant(text: &str) -> Result<Timestamp, ValueError> {
    let wrong = || ValueError::new("must be a time as in RFC 3339, with an offset, such as 2026-12-01T09:00:00Z");
    // jiff also reads shorter forms and names in brackets, which RFC 3339 does not have.
    let shaped = text.len() >= 20 && text.as_bytes().get(10).is_some_and(|c| matches!(c, b'T' | b't' | b' '));
    if !shaped || text.starts_with(['-', '+']) || text.contains('[') {
        return Err(wrong());
    }
    let instant: Timestamp = text.parse().map_err(|_| wrong())?;
    let year = instant.to_zoned(jiff::tz::TimeZone::UTC).year();
    if !(1..=9999).contains(&year) {
        return Err(ValueError::new("must lie in the years 1 to 9999"));
    }
    Ok(instant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_offset_is_taken() {
        assert_eq!(instant("2026-12-01T09:00:00+05:30"), instant("2026-12-01T03:30:00Z"));
        assert!(instant("2026-12-01T09:00:00.123456Z").is_ok());
    }

    #[test]
    fn what_is_no_rfc_3339_time_is_refused() {
        for refused in [
            "",
            "tomorrow",
            "2026-12-01",
            "2026-12-01T09:00:00",
            "2026-13-01T09:00:00Z",
            "2026-12-01T09:00:00+01:00[Europe/Berlin]",
            "-000001-01-01T00:00:00Z",
            "0000-06-01T00:00:00Z",
        ] {
            assert!(instant(refused).is_err(), "{refused:?} was taken");
        }
    }
}
