//! What an app asks for when it schedules a job, and when that job comes round.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Number, Value};

use super::schedule::Schedule;
use crate::duration::parse_go;

/// Missed occurrences older than this are skipped, so that a start after a long pause is no flood.
const CATCH_UP: SignedDuration = SignedDuration::from_hours(1);

/// The body of a registration, and what is kept of it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct JobRequest {
    #[serde(default, skip_serializing)]
    pub(super) name: Option<String>,
    #[serde(default, skip_serializing)]
    pub(super) overwrite: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) schedule: Option<String>,
    #[serde(default, alias = "due_time", skip_serializing_if = "Option::is_none")]
    pub(super) due_time: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) repeats: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) ttl: Option<String>,
    /// `null` is data; only a missing field is none.
    #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
    pub(super) data: Option<Value>,
    #[serde(default, alias = "failure_policy", deserialize_with = "named_or_default")]
    pub(super) failure_policy: FailurePolicy,
}

/// What follows on a callback that failed.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[serde(rename_all = "camelCase")]
pub(super) enum FailurePolicy {
    Drop {},
    Constant {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        interval: Option<Interval>,
        #[serde(default, rename = "maxRetries", alias = "max_retries", skip_serializing_if = "Option::is_none")]
        max_retries: Option<u32>,
    },
}

impl Default for FailurePolicy {
    fn default() -> Self {
        Self::Constant { interval: Some(Interval(SignedDuration::from_secs(1))), max_retries: Some(3) }
    }
}

/// A duration as protobuf's JSON writes it: seconds with an `s`, and no, three, six or nine decimals.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(super) struct Interval(SignedDuration);

impl TryFrom<String> for Interval {
    type Error = String;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let seconds_only =
            text.strip_suffix('s').is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
        parse_go(&text)
            .filter(|_| seconds_only)
            .map(Self)
            .ok_or(format!("invalid google.protobuf.Duration value {text:?}"))
    }
}

impl From<Interval> for String {
    fn from(interval: Interval) -> Self {
        let (seconds, nanoseconds) = (interval.0.as_secs(), interval.0.subsec_nanos());
        match nanoseconds {
            0 => format!("{seconds}s"),
            _ if nanoseconds % 1_000_000 == 0 => format!("{seconds}.{:03}s", nanoseconds / 1_000_000),
            _ if nanoseconds % 1_000 == 0 => format!("{seconds}.{:06}s", nanoseconds / 1_000),
            _ => format!("{seconds}.{nanoseconds:09}s"),
        }
    }
}

/// When a job fires first, and when it ends at the latest.
pub(super) struct Plan {
    pub(super) first: Timestamp,
    pub(super) expires_at: Option<Timestamp>,
}

impl JobRequest {
    /// Checks the request and says when it begins, in the words of Dapr's scheduler where it refuses.
    pub(super) fn plan(&self, now: Timestamp) -> Result<Option<Plan>, String> {
        if self.repeats == Some(0) {
            return Err("defined repeats must be greater than 0".to_owned());
        }
        if self.schedule.is_none() {
            if self.repeats.is_some_and(|repeats| repeats > 1) {
                return Err("job must have a schedule to repeat".to_owned());
            }
            if self.ttl.is_some() {
                return Err("job must have a schedule to have a ttl".to_owned());
            }
        }
        let schedule = self.schedule()?;
        let due = match &self.due_time {
            None => None,
            Some(text) => Some(point_in_time(text, now).ok_or("due time format not recognized")?),
        };
        let expires_at = match &self.ttl {
            None => None,
            Some(text) => Some(point_in_time(text, due.unwrap_or(now)).ok_or("ttl format not recognized")?),
        };
        if let (Some(due), Some(end)) = (due, expires_at)
            && due > end
        {
            return Err("ttl must be greater than due time".to_owned());
        }
        let first = due.or_else(|| schedule.and_then(|schedule| schedule.next_after(now)));
        let first = first.filter(|first| expires_at.is_none_or(|end| *first <= end));
        Ok(first.map(|first| Plan { first, expires_at }))
    }

    /// The occurrence after the one at `last`, the `done`-th.
    pub(super) fn next_occurrence(
        &self,
        last: Timestamp,
        done: u32,
        expires_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Option<Timestamp> {
        if self.repeats.is_some_and(|repeats| done >= repeats) {
            return None;
        }
        let horizon = now.checked_sub(CATCH_UP).unwrap_or(last);
        self.schedule().ok()??.next_after_within(last, horizon).filter(|next| expires_at.is_none_or(|end| *next <= end))
    }

    /// How long until the next try after so many failures; nothing when there is none.
    pub(super) fn retry_after(&self, failures: u32) -> Option<SignedDuration> {
        match &self.failure_policy {
            FailurePolicy::Drop {} => None,
            FailurePolicy::Constant { interval, max_retries } => {
                let wait = interval.map_or(SignedDuration::ZERO, |interval| interval.0);
                max_retries.is_none_or(|most| failures <= most).then_some(wait)
            }
        }
    }

    /// Numbers as doubles: that is how they come out of Dapr.
    pub(super) fn through_doubles(mut self) -> Self {
        self.data = self.data.map(as_doubles);
        self
    }

    fn schedule(&self) -> Result<Option<Schedule>, String> {
        self.schedule.as_deref().map(Schedule::parse).transpose()
    }
}

fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// A policy that names none of its kinds is none.
fn named_or_default<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<FailurePolicy, D::Error> {
    let value = Value::deserialize(deserializer)?;
    if value.as_object().is_some_and(serde_json::Map::is_empty) {
        return Ok(FailurePolicy::default());
    }
    serde_json::from_value(value).map_err(serde::de::Error::custom)
}

fn as_doubles(value: Value) -> Value {
    match value {
        Value::Number(number) => number.as_f64().map_or(Value::Null, |double| {
            let whole = double.fract() == 0.0 && double.abs() < 9.0e18;
            if whole { Value::from(double as i64) } else { Number::from_f64(double).map_or(Value::Null, Value::Number) }
        }),
        Value::Array(items) => items.into_iter().map(as_doubles).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, as_doubles(value))).collect(),
        other => other,
    }
}

/// RFC 3339, a Go duration, or an ISO 8601 one.
fn point_in_time(text: &str, from: Timestamp) -> Option<Timestamp> {
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    if let Some(duration) = parse_go(text) {
        return from.checked_add(duration).ok();
    }
    let span: Span = text.starts_with('P').then(|| text.parse().ok())??;
    let later = from.to_zoned(TimeZone::UTC).checked_add(span).ok()?;
    Some(later.timestamp())
}
