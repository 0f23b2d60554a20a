//! Users: what they sign in with and where they live.

use crate::{ValueError, text};

/// An e-mail address: trimmed and lower case, so that one person has one account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Email(String);

impl Email {
    /// The most characters of an address (RFC 5321 §4.5.3.1.3).
    pub const MAX_CHARACTERS: usize = 254;

    /// The address that `text` means. Only its shape is looked at: whether somebody reads it, a message would tell.
    ///
    /// # Errors
    /// It has not the shape of an address.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let address = text::line(&text.to_lowercase(), Self::MAX_CHARACTERS)?;
        let shaped = address.split_once('@').is_some_and(|(local, domain)| {
            (1..=64).contains(&local.len())
                && domain.split('.').count() > 1
                && domain.split('.').all(is_domain_label)
                && !address.contains(|c: char| c.is_whitespace() || "<>()[],;:\\\"".contains(c))
        });
        if !shaped {
            return Err(ValueError::new("must be an e-mail address, such as ada@example.com"));
        }
        Ok(Self(address))
    }

    /// The address.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_domain_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(|c| c.is_alphanumeric() || c == '-')
}

/// A password that somebody chose: 8 to 256 characters, whatever they are.
#[derive(Clone)]
pub struct Password(String);

impl Password {
    /// The fewest characters of a password.
    pub const MIN_CHARACTERS: usize = 8;
    /// The most characters: hashing costs by length.
    pub const MAX_CHARACTERS: usize = 256;

    /// The password that `text` is, as it is.
    ///
    /// # Errors
    /// It is too short or too long.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        let length = text.chars().count();
        if length < Self::MIN_CHARACTERS {
            return Err(ValueError::new(format!("must be at least {} characters long", Self::MIN_CHARACTERS)));
        }
        if length > Self::MAX_CHARACTERS {
            return Err(ValueError::new(format!("must be at most {} characters long", Self::MAX_CHARACTERS)));
        }
        Ok(Self(text.to_owned()))
    }

    /// What is hashed.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

/// What somebody is called: one line of 1 to 100 characters. API tokens have such a name too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(String);

impl Name {
    /// The most characters of a name.
    pub const MAX_CHARACTERS: usize = 100;

    /// The name that `text` means.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        text::line(text, Self::MAX_CHARACTERS).map(Self)
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A zone of the IANA time zone database, spelled as there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneName(String);

impl ZoneName {
    /// The zone that `text` names, in whatever case.
    ///
    /// # Errors
    /// There is no such zone.
    pub fn parse(text: &str) -> Result<Self, ValueError> {
        rondo_zones::spelled(text)
            .map(|name| Self(name.to_owned()))
            .ok_or_else(|| ValueError::new("must be a time zone of the IANA database, such as Europe/Berlin"))
    }

    /// The zone's name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The zone's rules.
    ///
    /// # Errors
    /// The names and the rules that are built in contradict each other. A mistake of ours.
    pub fn time_zone(&self) -> Result<jiff::tz::TimeZone, ValueError> {
        rondo_zones::get(&self.0).ok_or_else(|| ValueError::new("is a zone whose rules are not known here"))
    }
}

impl Default for ZoneName {
    fn default() -> Self {
        Self("UTC".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_trimmed_and_lower_cased() {
        assert_eq!(
            Email::parse(" Ada@Example.COM ").map(|email| email.as_str().to_owned()),
            Ok("ada@example.com".to_owned())
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for refused in [
            "",
            "ada",
            "ada@",
            "@example.com",
            "ada@example",
            "a b@example.com",
            "ada@-x.com",
            "a@b@c.com",
            "ada@example..com",
        ] {
            assert!(Email::parse(refused).is_err(), "{refused:?} was taken");
        }
    }

    #[test]
    fn a_zone_is_named_as_the_iana_database_does() {
        assert_eq!(
            ZoneName::parse("europe/berlin").map(|zone| zone.as_str().to_owned()),
            Ok("Europe/Berlin".to_owned())
        );
        assert!(ZoneName::default().time_zone().is_ok());
        assert!(ZoneName::parse("Mars/Olympus_Mons").is_err());
        assert!(ZoneName::parse("").is_err());
    }

    #[test]
    fn a_password_has_8_to_256_characters() {
        assert!(Password::parse("1234567").is_err());
        assert!(Password::parse("пароль12").is_ok());
        assert!(Password::parse(&"x".repeat(257)).is_err());
    }
}
