//! Lengths and characters of what people write.

use crate::ValueError;

/// `text` without the space around it, of 1 to `max` characters, on one line.
///
/// # Errors
/// What is wrong with it: nothing left, too long, or a control character.
pub fn line(text: &str, max: usize) -> Result<String, ValueError> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Err(ValueError::new("must not be empty"));
    }
    if trimmed.chars().any(char::is_control) {
        return Err(ValueError::new("must be one line without control characters"));
    }
    at_most(trimmed, max)?;
    Ok(trimmed.to_owned())
}

/// `text` as it is, of at most `max` characters; of the control characters only tabs and line ends.
///
/// # Errors
/// What is wrong with it: too long, or a control character.
pub fn paragraphs(text: &str, max: usize) -> Result<String, ValueError> {
    if text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t')) {
        return Err(ValueError::new("must not contain control characters other than tabs and line ends"));
    }
    at_most(text, max)?;
    Ok(text.to_owned())
}

fn at_most(text: &str, max: usize) -> Result<(), ValueError> {
    let length = text.chars().count();
    if length > max {
        return Err(ValueError::new(format!("must be at most {max} characters long, not {length}")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_counted_in_characters_not_bytes() {
        assert_eq!(line(&"🙂".repeat(200), 200).map(|text| text.chars().count()), Ok(200));
        assert!(line(&"🙂".repeat(201), 200).is_err());
    }

    #[test]
    fn a_line_loses_the_space_around_it() {
        assert_eq!(line("  pay rent \n", 200).as_deref(), Ok("pay rent"));
    }

    #[test]
    fn a_line_is_refused_when_nothing_is_left_or_it_is_several() {
        for refused in ["", "   ", "one\ntwo", "nul\0"] {
            assert!(line(refused, 200).is_err(), "{refused:?} was taken");
        }
    }

    #[test]
    fn paragraphs_may_have_line_ends_but_no_nul() {
        assert!(paragraphs("one\r\n\ttwo", 20).is_ok());
        assert!(paragraphs("nul\0", 20).is_err());
    }
}
