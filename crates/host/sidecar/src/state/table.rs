//! The statements of the state store.

use deadpool_postgres::GenericClient;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::database::{Commit, Database, DatabaseError};

const SET: &str = "
insert into dapr.state as s (store, key, value, expires_at)
values ($1, $2, $3, $4)
on conflict (store, key) do update
set value = excluded.value, expires_at = excluded.expires_at, etag = default";

const SET_IF_ABSENT: &str = "
insert into dapr.state as s (store, key, value, expires_at)
values ($1, $2, $3, $4)
on conflict (store, key) do update
set value = excluded.value, expires_at = excluded.expires_at, etag = default
where s.expires_at < now()";

const SET_IF_MATCH: &str = "
update dapr.state
set value = $3, expires_at = $4, etag = default
where (store, key) = ($1, $2) and etag = $5 and (expires_at is null or expires_at > now())";

const DELETE: &str = "delete from dapr.state where (store, key) = ($1, $2)";

const DELETE_IF_MATCH: &str = "
delete from dapr.state
where (store, key) = ($1, $2) and etag = $3 and (expires_at is null or expires_at > now())";

const READ: &str = "
select key, value, etag, expires_at
from dapr.state
where store = $1 and key = any($2) and (expires_at is null or expires_at > now())";

/// What a write does.
pub(super) enum Change {
    Set { value: String, expires_at: Option<Timestamp> },
    Delete,
}

/// What must hold for it.
pub(super) enum Guard {
    None,
    Absent,
    Etag(Uuid),
}

pub(super) struct Write {
    pub(super) change: Change,
    pub(super) guard: Guard,
}

/// One stored value.
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) etag: Uuid,
    expires_at: Option<Timestamp>,
}

impl Entry {
    /// When the value expires, as Dapr tells it.
    pub(super) fn expiry(&self) -> Option<String> {
        self.expires_at.map(|time| format!("{time:.0}"))
    }
}

/// One line of the answer to a bulk read.
#[derive(Serialize)]
pub(super) struct BulkItem<'a> {
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
}

pub(super) fn as_bulk_item<'a>(key: &'a str, entry: Option<&'a Entry>) -> BulkItem<'a> {
    BulkItem {
        key,
        data: entry.and_then(|entry| serde_json::from_str(&entry.value).ok()),
        etag: entry.map(|entry| entry.etag.to_string()),
    }
}

pub(super) async fn read(database: &Database, store: &str, keys: &[String]) -> Result<Vec<Entry>, DatabaseError> {
    let rows = database.query(Commit::Durable, READ, &[&store, &keys]).await?;
    let entry = |row: &tokio_postgres::Row| Entry {
        key: row.get(0),
        value: row.get(1),
        etag: row.get(2),
        expires_at: row.get(3),
    };
    Ok(rows.iter().map(entry).collect())
}

/// Makes one change; false when its guard does not hold.
pub(super) async fn apply(database: &Database, store: &str, key: &str, write: &Write) -> Result<bool, DatabaseError> {
    database.transaction(async |client| run(&*client, store, key, write).await).await
}

/// Makes all changes or none; false when a guard does not hold.
pub(super) async fn apply_all(
    database: &Database,
    store: &str,
    writes: &[(String, Write)],
) -> Result<bool, DatabaseError> {
    database
        .transaction(async |client| {
            let transaction = client.transaction().await?;
            for (key, write) in writes {
                if !run(&transaction, store, key, write).await? {
                    return Ok(false);
                }
            }
            transaction.commit().await?;
            Ok(true)
        })
        .await
}

async fn run(
    client: &impl GenericClient,
    store: &str,
    key: &str,
    write: &Write,
) -> Result<bool, tokio_postgres::Error> {
    let changed = match (&write.change, &write.guard) {
        (Change::Set { value, expires_at }, Guard::None) => {
            client.execute(SET, &[&store, &key, value, expires_at]).await?
        }
        (Change::Set { value, expires_at }, Guard::Absent) => {
            client.execute(SET_IF_ABSENT, &[&store, &key, value, expires_at]).await?
        }
        (Change::Set { value, expires_at }, Guard::Etag(etag)) => {
            client.execute(SET_IF_MATCH, &[&store, &key, value, expires_at, etag]).await?
        }
        (Change::Delete, Guard::Etag(etag)) => client.execute(DELETE_IF_MATCH, &[&store, &key, etag]).await?,
        (Change::Delete, Guard::None | Guard::Absent) => {
            client.execute(DELETE, &[&store, &key]).await?;
            return Ok(true);
        }
    };
    Ok(changed == 1)
}
