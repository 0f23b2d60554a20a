//! What came back.

use std::ops::Index;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// What came back.
#[derive(Debug, Clone)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
    /// The body, if it is JSON.
    pub json: Value,
}

impl Reply {
    /// Itself, if it has this status.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header that must be there.
    #[track_caller]
    pub fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().expect("a text")
    }

    /// The `id` of what came back.
    #[track_caller]
    pub fn id(&self) -> String {
        self["id"].as_str().expect("an id").to_owned()
    }

    /// The fields that were wrong, for a 422.
    #[track_caller]
    pub fn wrong_fields(self) -> Vec<String> {
        let reply = self.is(422);
        let errors = reply["errors"].as_array().expect("errors").iter();
        errors.map(|error| error["field"].as_str().expect("a field").to_owned()).collect()
    }

    /// One member of each item of a list: `pick("tasks", "title")`.
    pub fn pick(&self, list: &str, member: &str) -> Vec<String> {
        pick(&self[list], member)
    }
}

impl Index<&str> for Reply {
    type Output = Value;

    fn index(&self, member: &str) -> &Value {
        &self.json[member]
    }
}

/// One member of each object of a list, which is a text or a number.
pub fn pick(list: &Value, member: &str) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    list.as_array().expect("a list").iter().map(|item| text(&item[member])).collect()
}
