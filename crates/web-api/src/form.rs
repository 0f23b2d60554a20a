//! A JSON object, taken apart field by field. All that is wrong is collected, so that one reply names it all.

use std::num::NonZeroU32;

use rondo_domain::ValueError;
use serde_json::{Map, Value};

use crate::{FieldError, Problem};

/// An object whose fields are taken one by one.
#[derive(Debug)]
pub struct Form {
    fields: Map<String, Value>,
    errors: Vec<FieldError>,
    prefix: String,
}

impl Form {
    /// The object that `bytes` spell.
    ///
    /// # Errors
    /// They spell no JSON, or no object.
    pub fn parse(bytes: &[u8]) -> Result<Self, Problem> {
        let value: Value = serde_json::from_slice(bytes)
            .map_err(|error| Problem::bad_request(format!("The body is not JSON: {error}.")))?;
        Self::of(value, String::new()).map_err(|error| Problem::invalid(vec![error]))
    }

    /// The object that `value` is; `prefix` goes before the names of its fields in errors.
    ///
    /// # Errors
    /// It is no object.
    pub fn of(value: Value, prefix: String) -> Result<Self, FieldError> {
        match value {
            Value::Object(fields) => Ok(Self { fields, errors: Vec::new(), prefix }),
            _ => {
                let field = if prefix.is_empty() { "body" } else { prefix.trim_end_matches('.') };
                Err(FieldError { field: field.to_owned(), message: "must be an object".to_owned() })
            }
        }
    }

    /// Takes a field as it is; `None` if it is absent.
    pub fn take(&mut self, name: &str) -> Option<Value> {
        self.fields.remove(name)
    }

    /// Whether the field is there.
    pub fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }

    /// Takes a text that must be there.
    pub fn required<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, ValueError>) -> Option<T> {
        match self.take(name) {
            None => {
                self.fail(name, "is required");
                None
            }
            Some(value) => self.text(name, &value, parse),
        }
    }

    /// Takes a text that may be absent, but not null.
    pub fn optional<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, ValueError>) -> Option<T> {
        let value = self.take(name)?;
        self.text(name, &value, parse)
    }

    /// Takes a text that may be absent (`None`) or null (`Some(None)`).
    pub fn clearable<T>(&mut self, name: &str, parse: impl FnOnce(&str) -> Result<T, ValueError>) -> Option<Option<T>> {
        match self.take(name)? {
            Value::Null => Some(None),
            value => self.text(name, &value, parse).map(Some),
        }
    }

    /// Takes a whole number from 1 to `max` that may be absent (`None`) or null (`Some(None)`).
    pub fn clearable_count(&mut self, name: &str, max: u32) -> Option<Option<NonZeroU32>> {
        let value = self.take(name)?;
        if value.is_null() {
            return Some(None);
        }
        let count = value.as_u64().and_then(|count| u32::try_from(count).ok()).and_then(NonZeroU32::new);
        let count = count.filter(|count| count.get() <= max);
        if count.is_none() {
            self.fail(name, format!("must be a whole number from 1 to {max}"));
        }
        count.map(Some)
    }

    /// Takes a whole number that may be absent, but not null.
    pub fn number<T>(&mut self, name: &str, parse: impl FnOnce(u64) -> Result<T, ValueError>) -> Option<T> {
        let value = self.take(name)?;
        self.whole(name, &value, parse)
    }

    /// Takes a whole number that may be absent (`None`) or null (`Some(None)`).
    pub fn clearable_number<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(u64) -> Result<T, ValueError>,
    ) -> Option<Option<T>> {
        match self.take(name)? {
            Value::Null => Some(None),
            value => self.whole(name, &value, parse).map(Some),
        }
    }

    fn whole<T>(&mut self, name: &str, value: &Value, parse: impl FnOnce(u64) -> Result<T, ValueError>) -> Option<T> {
        match value.as_u64() {
            Some(number) => self.check(name, parse(number)),
            None => {
                self.fail(name, "must be a whole number, and not below 0");
                None
            }
        }
    }

    /// Takes a field that is null as absent.
    pub fn pass_over_null(&mut self, name: &str) {
        if self.fields.get(name).is_some_and(Value::is_null) {
            self.fields.remove(name);
        }
    }

    /// Takes a list of texts that may be absent.
    pub fn texts<T>(&mut self, name: &str, parse: impl Fn(&str) -> Result<T, ValueError>) -> Option<Vec<T>> {
        let Value::Array(values) = self.take(name)? else {
            self.fail(name, "must be a list");
            return None;
        };
        let parsed: Vec<Option<T>> = values
            .iter()
            .enumerate()
            .map(|(index, value)| self.text(&format!("{name}.{index}"), value, &parse))
            .collect();
        parsed.into_iter().collect()
    }

    fn text<T>(&mut self, name: &str, value: &Value, parse: impl FnOnce(&str) -> Result<T, ValueError>) -> Option<T> {
        let Value::String(text) = value else {
            self.fail(name, "must be a text");
            return None;
        };
        self.check(name, parse(text))
    }

    /// Notes what is wrong with the field `name`, if anything is.
    pub fn check<T>(&mut self, name: &str, outcome: Result<T, ValueError>) -> Option<T> {
        outcome.map_err(|error| self.fail(name, error.to_string())).ok()
    }

    /// Notes that something is wrong with the field `name`.
    pub fn fail(&mut self, name: &str, message: impl Into<String>) {
        self.errors.push(FieldError { field: format!("{}{name}", self.prefix), message: message.into() });
    }

    /// Whether no field is there.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Whether nothing was wrong so far.
    pub fn is_right(&self) -> bool {
        self.errors.is_empty()
    }

    /// All that was wrong, with the fields that nobody took.
    pub fn into_errors(mut self) -> Vec<FieldError> {
        let unknown: Vec<String> = self.fields.keys().cloned().collect();
        for name in unknown {
            self.fail(&name, "is not a field that this takes");
        }
        self.errors
    }

    /// `value`, unless something was wrong or a field was not taken.
    ///
    /// # Errors
    /// 422, naming all of it. Also when `value` is missing though nothing was noted, which is a mistake of ours.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Problem> {
        let errors = self.into_errors();
        if !errors.is_empty() {
            return Err(Problem::invalid(errors));
        }
        value.ok_or_else(|| Problem::internal(&"a form was found right but gave no value"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_is_wrong_is_named_at_once() {
        let mut form = Form::parse(br#"{"title": 7, "tags": ["a", 1], "colour": "red"}"#).expect("an object");
        form.required("title", |text| Ok(text.to_owned()));
        form.required("name", |text| Ok(text.to_owned()));
        form.texts("tags", |text| Ok(text.to_owned()));
        let fields: Vec<String> = form.into_errors().into_iter().map(|error| error.field).collect();
        assert_eq!(fields, ["title", "name", "tags.1", "colour"]);
    }

    #[test]
    fn a_count_is_a_whole_number_from_one_to_the_most() {
        let taken = |json: &[u8]| {
            let mut form = Form::parse(json).expect("an object");
            let count = form.clearable_count("n", 10).map(|count| count.map(NonZeroU32::get));
            (count, form.is_right())
        };
        assert_eq!(taken(br#"{"n": 10}"#), (Some(Some(10)), true));
        assert_eq!(taken(br#"{"n": null}"#), (Some(None), true));
        assert_eq!(taken(b"{}"), (None, true));
        for refused in [r#"{"n": 0}"#, r#"{"n": 11}"#, r#"{"n": 1.5}"#, r#"{"n": "3"}"#, r#"{"n": -1}"#] {
            assert_eq!(taken(refused.as_bytes()), (None, false), "{refused}");
        }
    }

    #[test]
    fn null_clears_and_absent_leaves() {
        let mut form = Form::parse(br#"{"description": null}"#).expect("an object");
        assert_eq!(form.clearable("description", |text| Ok(text.to_owned())), Some(None));
        assert_eq!(form.clearable("due_at", |text| Ok(text.to_owned())), None);
    }
}
