//! What the bodies of the state API say.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::Failure;
use super::table::{Change, Guard, Write};

/// One key and what to do with it.
#[derive(Deserialize)]
pub(super) struct Item {
    #[serde(default)]
    pub(super) key: String,
    value: Option<Box<RawValue>>,
    etag: Option<String>,
    #[serde(default)]
    metadata: BTreeMap<String, String>,
    #[serde(default)]
    options: Options,
}

#[derive(Default, Deserialize)]
struct Options {
    #[serde(default)]
    concurrency: String,
}

impl Item {
    pub(super) fn write(&self, shared: &BTreeMap<String, String>) -> Result<Write, Failure> {
        let ttl = shared.get("ttlInSeconds").or_else(|| self.metadata.get("ttlInSeconds"));
        let value = self.value.as_ref().map_or("null", |raw| raw.get());
        Ok(Write {
            change: Change::Set { value: value.to_owned(), expires_at: ttl.map_or(Ok(None), |text| expiry(text))? },
            guard: self.guard()?,
        })
    }

    pub(super) fn removal(&self) -> Result<Write, Failure> {
        Ok(Write { change: Change::Delete, guard: self.guard()? })
    }

    fn guard(&self) -> Result<Guard, Failure> {
        let first_write = match self.options.concurrency.as_str() {
            "" | "last-write" => false,
            "first-write" => true,
            other => return Err(Failure::ConcurrencyInvalid(other.to_owned())),
        };
        guard(self.etag.as_deref(), first_write)
    }
}

/// The body of a transaction.
#[derive(Deserialize)]
pub(super) struct Transaction {
    #[serde(default)]
    pub(super) operations: Vec<Operation>,
    #[serde(default)]
    pub(super) metadata: BTreeMap<String, String>,
}

/// `upsert` or `delete`.
#[derive(Deserialize)]
pub(super) struct Operation {
    pub(super) operation: String,
    pub(super) request: Item,
}

/// What an etag and the wish for the first write ask of the stored value.
pub(super) fn guard(etag: Option<&str>, first_write: bool) -> Result<Guard, Failure> {
    match etag {
        Some(etag) if !etag.is_empty() => {
            etag.parse::<Uuid>().map(Guard::Etag).map_err(|error| Failure::EtagInvalid(error.to_string()))
        }
        _ if first_write => Ok(Guard::Absent),
        _ => Ok(Guard::None),
    }
}

fn expiry(ttl_s: &str) -> Result<Option<Timestamp>, Failure> {
    let seconds: i32 =
        ttl_s.parse().ok().filter(|seconds| *seconds >= -1).ok_or_else(|| Failure::TtlInvalid(ttl_s.to_owned()))?;
    let lasting = seconds > 0;
    Ok(lasting.then(|| Timestamp::now() + SignedDuration::from_secs(seconds.into())))
}
