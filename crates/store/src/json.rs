//! Documents that pass through undecoded.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A JSON value as the database wrote it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RawJson(Box<RawValue>);

impl RawJson {
    /// Its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.get()
    }

    /// Its text, taken over.
    #[must_use]
    pub fn into_text(self) -> String {
        String::from(Box::<str>::from(self.0))
    }

    /// What it says.
    ///
    /// # Errors
    /// It is no `T`.
    pub fn read<'a, T: Deserialize<'a>>(&'a self) -> Result<T, rondo_ports::SqlError> {
        Ok(serde_json::from_str(self.0.get())?)
    }
}

/// Reads an optional raw value, for fields that may be null: serde's own `Option` would read raw `null` as a value.
pub(crate) fn nullable<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<RawJson>, D::Error> {
    let raw = Box::<RawValue>::deserialize(deserializer)?;
    Ok((raw.get() != "null").then_some(RawJson(raw)))
}

/// Reads a text as what it spells.
pub(crate) fn parsed<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: std::str::FromStr<Err: std::fmt::Display>,
{
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}
