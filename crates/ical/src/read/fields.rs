//! The properties of one to-do. All that is wrong is collected, so that one answer names it all.

use icalendar::parser::{Component, Property};
use jiff::Timestamp;
use rondo_domain::ValueError;

use super::Fault;
use super::moment::{When, Zones};
use crate::place::Unfolded;

pub(super) struct Fields<'a> {
    component: &'a Component<'a>,
    file: &'a Unfolded,
    pub(super) zones: &'a Zones,
    todo: usize,
    faults: Vec<Fault>,
}

impl<'a> Fields<'a> {
    pub(super) fn new(component: &'a Component<'a>, file: &'a Unfolded, zones: &'a Zones, todo: usize) -> Self {
        Self { component, file, zones, todo, faults: Vec::new() }
    }

    /// All properties of that name that say something.
    fn all<'n>(&self, name: &'n str) -> impl Iterator<Item = &'a Property<'a>> + use<'a, 'n> {
        let properties = self.component.properties.iter();
        properties.filter(move |property| {
            property.name.as_str().eq_ignore_ascii_case(name) && !property.val.as_str().trim().is_empty()
        })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// The value of a property, as it is.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.all(name).next().map(|property| property.val.as_str().trim().to_owned())
    }

    /// A parameter of a property.
    pub(super) fn parameter(&self, name: &str, parameter: &str) -> Option<&'a str> {
        self.all(name).next().and_then(|property| parameter_of(property, parameter))
    }

    /// The values of all properties of that name, each a list of texts.
    pub(super) fn texts(&self, name: &str) -> Vec<String> {
        self.all(name).flat_map(|property| crate::text::list(property.val.as_str())).collect()
    }

    /// What the value of a property means.
    pub(super) fn parsed<T>(
        &mut self,
        name: &'static str,
        parse: impl FnOnce(&str) -> Result<T, ValueError>,
    ) -> Option<T> {
        let property = self.all(name).next()?;
        let parsed = parse(property.val.as_str());
        self.check(name, Some(property), parsed)
    }

    /// The time that a property has.
    pub(super) fn when(&mut self, name: &'static str) -> Option<When> {
        let property = self.all(name).next()?;
        let when = self.zones.when(property, property.val.as_str());
        self.check(name, Some(property), when)
    }

    /// The instant that a property has: of a day its last second.
    pub(super) fn instant(&mut self, name: &'static str) -> Option<Timestamp> {
        let property = self.all(name).next()?;
        let instant = self.zones.when(property, property.val.as_str()).and_then(|when| when.last_instant(self.zones));
        self.check(name, Some(property), instant)
    }

    /// The times of all properties of that name, each a list of them.
    pub(super) fn times(&mut self, name: &'static str) -> Vec<When> {
        let mut times = Vec::new();
        for property in self.all(name) {
            for value in property.val.as_str().split(',') {
                // Of a period (§3.3.9) only the beginning says when.
                let value = value.split_once('/').map_or(value, |(start, _)| start);
                let when = self.zones.when(property, value);
                times.extend(self.check(name, Some(property), when));
            }
        }
        times
    }

    /// Notes what is wrong with a property, if anything is.
    pub(super) fn check<T>(
        &mut self,
        name: &'static str,
        property: Option<&'a Property<'a>>,
        outcome: Result<T, ValueError>,
    ) -> Option<T> {
        let line = property.and_then(|property| self.file.line_of(property.name.as_str()));
        outcome.map_err(|error| self.note(name, error.to_string(), line)).ok()
    }

    /// Notes what is wrong with the first property of that name.
    pub(super) fn fail(&mut self, name: &'static str, message: impl Into<String>) {
        let line = self.all(name).next().and_then(|property| self.file.line_of(property.name.as_str()));
        let line = line.or_else(|| self.file.line_of(self.component.name.as_str()));
        self.note(name, message.into(), line);
    }

    fn note(&mut self, property: &'static str, message: String, line: Option<usize>) {
        let message = line.map_or(message.clone(), |line| format!("{message} (line {line})"));
        self.faults.push(Fault { todo: self.todo, property, message });
    }

    /// Whether nothing was wrong so far.
    pub(super) fn is_right(&self) -> bool {
        self.faults.is_empty()
    }

    pub(super) fn into_faults(self) -> Vec<Fault> {
        self.faults
    }
}

/// A parameter of `property`, if it has a value.
pub(super) fn parameter_of<'a>(property: &'a Property<'a>, name: &str) -> Option<&'a str> {
    let named = property.params.iter().find(|parameter| parameter.key.as_str().eq_ignore_ascii_case(name))?;
    named.val.as_ref().map(|value| value.as_str().trim_matches('"'))
}
