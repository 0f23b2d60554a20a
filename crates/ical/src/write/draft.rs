//! A component in the making.

use icalendar::parser::{Component, Parameter, ParseString, Property};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

use crate::text::escaped;

/// A component in the making. What is taken as text is escaped here; the library folds lines.
pub(crate) struct Draft(Component<'static>);

impl Draft {
    pub(crate) fn new(kind: &'static str) -> Self {
        Self(Component { name: ParseString::from(kind), properties: Vec::new(), components: Vec::new() })
    }

    /// With a value as it is.
    pub(crate) fn raw(self, name: &'static str, value: impl Into<String>) -> Self {
        self.with(name, value.into(), Vec::new())
    }

    /// With a text.
    pub(crate) fn text(self, name: &'static str, text: &str) -> Self {
        self.raw(name, escaped(text))
    }

    /// With an instant, to the second.
    pub(crate) fn instant(self, name: &'static str, at: Timestamp) -> Self {
        self.raw(name, format!("{}Z", civil(Offset::UTC.to_datetime(at))))
    }

    /// With a civil time of the zone of that name, or of UTC.
    pub(crate) fn at(self, name: &'static str, local: DateTime, zone: Option<&str>) -> Self {
        match zone {
            None => self.raw(name, format!("{}Z", civil(local))),
            Some(zone) => {
                let zone = ParseString::from(zone.to_owned());
                self.with(name, civil(local), vec![Parameter { key: "TZID".into(), val: Some(zone) }])
            }
        }
    }

    fn with(mut self, name: &'static str, value: String, params: Vec<Parameter<'static>>) -> Self {
        self.0.properties.push(Property { name: name.into(), val: value.into(), params });
        self
    }

    pub(crate) fn done(self) -> Component<'static> {
        self.0
    }
}

/// A civil time as a value (§3.3.5).
pub(crate) fn civil(local: DateTime) -> String {
    let (date, time) = (local.date(), local.time());
    format!(
        "{:04}{:02}{:02}T{:02}{:02}{:02}",
        date.year(),
        date.month(),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}
