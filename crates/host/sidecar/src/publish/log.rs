//! The topics' log: how messages are stored.
//!
//! All publishers of a process share one writer. What arrives while a commit is under way goes out together with the
//! next one: one statement, one commit. The statement bumps each partition's counter and keeps its row locked until the
//! commit, so that within a partition offsets become visible in their order, and a reader never skips a late one.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use crate::Acknowledgement;
use crate::database::{Commit, Database, DatabaseError};
use crate::metrics::{Counter, Metrics};
use crate::publish::wakers::Wakers;

/// Requests that may wait for the writer before publishers wait themselves.
const QUEUE_LENGTH: usize = 1_024;
/// Messages in one statement, more or less: a request is never split.
const RECORDS_PER_STATEMENT: usize = 512;

const STORE: &str = r#"
with input as materialized (
    select *
    from unnest($1::text[], $2::text[], $3::int4[], $4::text[], $5::text[], $6::bytea[])
        with ordinality as i (pubsub, topic, partition, key, headers, payload, position)
), advanced as (
    insert into dapr.topic_partitions as p (pubsub, topic, partition, next_offset)
    select pubsub, topic, partition, count(*)
    from input
    group by pubsub, topic, partition
    order by pubsub, topic, partition
    on conflict (pubsub, topic, partition)
        do update set next_offset = p.next_offset + excluded.next_offset
    returning pubsub, topic, partition, next_offset
)
insert into dapr.messages (pubsub, topic, partition, "offset", key, headers, payload)
select i.pubsub, i.topic, i.partition,
    a.next_offset - row_number() over (
        partition by i.pubsub, i.topic, i.partition order by i.position desc),
    i.key, i.headers::jsonb, i.payload
from input i
join advanced a using (pubsub, topic, partition)
"#;

/// The same for a single message, which most are: with half the work for the database.
const STORE_ONE: &str = r#"
with advanced as (
    insert into dapr.topic_partitions as p (pubsub, topic, partition, next_offset)
    values ($1, $2, $3, 1)
    on conflict (pubsub, topic, partition) do update set next_offset = p.next_offset + 1
    returning next_offset
)
insert into dapr.messages (pubsub, topic, partition, "offset", key, headers, payload)
select $1, $2, $3, next_offset - 1, $4, $5::text::jsonb, $6
from advanced
returning "offset", published_at
"#;

/// A message on its way into a topic.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    pubsub: String,
    topic: String,
    partition: i32,
    key: Option<String>,
    headers: BTreeMap<String, String>,
    payload: Bytes,
}

/// A stored message.
#[derive(Debug, Clone)]
pub(crate) struct Message {
    pub(crate) pubsub: String,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    pub(crate) key: Option<String>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) payload: Bytes,
    pub(crate) published_at: Timestamp,
}

impl Record {
    /// Chooses the partition by the key's hash, as Kafka's clients in Go do; at random without a key.
    pub(crate) fn new(
        pubsub: &str,
        topic: &str,
        partitions: i32,
        key: Option<String>,
        headers: BTreeMap<String, String>,
        payload: Bytes,
    ) -> Self {
        let hash = match &key {
            Some(key) => fnv1a(key.as_bytes()),
            None => uuid::Uuid::new_v4().as_fields().0 as i32,
        };
        Self {
            pubsub: pubsub.to_owned(),
            topic: topic.to_owned(),
            partition: (hash % partitions).abs(),
            key,
            headers,
            payload,
        }
    }

    fn headers_json(&self) -> String {
        serde_json::to_string(&self.headers).expect("a map of texts is always JSON")
    }

    fn stored(&self, offset: i64, published_at: Timestamp) -> Message {
        Message {
            pubsub: self.pubsub.clone(),
            partition: self.partition,
            offset,
            key: self.key.clone(),
            headers: self.headers.clone(),
            payload: self.payload.clone(),
            published_at,
        }
    }
}

fn fnv1a(bytes: &[u8]) -> i32 {
    bytes.iter().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193)) as i32
}

/// Why a message was not stored.
#[derive(Debug, Clone, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("the broker is not reachable")]
    Away,
    #[error("the broker refused the message")]
    Refused,
    #[error("the sidecar is shutting down")]
    Stopped,
}

impl From<DatabaseError> for StoreError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::Away => Self::Away,
            DatabaseError::Refused(error) => {
                tracing::error!(%error, "the database refused a message");
                Self::Refused
            }
        }
    }
}

struct Request {
    records: Vec<Record>,
    done: oneshot::Sender<Result<(), StoreError>>,
}

/// Hands messages to the writer.
#[derive(Clone)]
pub(crate) struct Publisher {
    queue: mpsc::Sender<Request>,
}

impl Publisher {
    /// Returns once the messages are stored, as surely as the writer was told. All of one call are stored together or not
    /// at all.
    pub(crate) async fn store(&self, records: Vec<Record>) -> Result<(), StoreError> {
        if records.is_empty() {
            return Ok(());
        }
        let (done, stored) = oneshot::channel();
        self.queue.send(Request { records, done }).await.map_err(|_| StoreError::Stopped)?;
        stored.await.unwrap_or(Err(StoreError::Stopped))
    }
}

/// The single writer of this process.
pub(crate) struct Writer {
    queue: mpsc::Receiver<Request>,
    database: Arc<Database>,
    commit: Commit,
    metrics: Arc<Metrics>,
    wakers: Arc<Wakers>,
}

impl Writer {
    pub(crate) fn new(
        database: Arc<Database>,
        acknowledgement: Acknowledgement,
        metrics: Arc<Metrics>,
        wakers: Arc<Wakers>,
    ) -> (Publisher, Self) {
        let (sender, queue) = mpsc::channel(QUEUE_LENGTH);
        let commit = match acknowledgement {
            Acknowledgement::Durable => Commit::Durable,
            Acknowledgement::Written => Commit::Relaxed,
        };
        let writer = Self { queue, database, commit, metrics, wakers };
        (Publisher { queue: sender }, writer)
    }

    /// Writes until every publisher is gone.
    pub(crate) async fn run(mut self) {
        while let Some(first) = self.queue.recv().await {
            let requests = self.gather(first);
            self.write(requests).await;
        }
    }

    fn gather(&mut self, first: Request) -> Vec<Request> {
        let mut count = first.records.len();
        let mut requests = vec![first];
        while count < RECORDS_PER_STATEMENT
            && let Ok(next) = self.queue.try_recv()
        {
            count += next.records.len();
            requests.push(next);
        }
        requests
    }

    /// One statement for all; if it is refused, one for each, so that nobody pays for another's message.
    async fn write(&self, requests: Vec<Request>) {
        let records: Vec<&Record> = requests.iter().flat_map(|r| &r.records).collect();
        let together = self.store(&records).await;
        let alone = requests.len() > 1 && matches!(together, Err(StoreError::Refused));
        for request in requests {
            let outcome =
                if alone { self.store(&request.records.iter().collect::<Vec<_>>()).await } else { together.clone() };
            // A publisher that went away meanwhile has no use for the answer.
            let _ = request.done.send(outcome);
        }
    }

    async fn store(&self, records: &[&Record]) -> Result<(), StoreError> {
        if let [record] = records {
            let message = self.store_one(record).await?;
            self.announce(record, Some(message));
            return Ok(());
        }
        let pubsubs: Vec<&str> = records.iter().map(|r| r.pubsub.as_str()).collect();
        let topics: Vec<&str> = records.iter().map(|r| r.topic.as_str()).collect();
        let partitions: Vec<i32> = records.iter().map(|r| r.partition).collect();
        let keys: Vec<Option<&str>> = records.iter().map(|r| r.key.as_deref()).collect();
        let headers: Vec<String> = records.iter().map(|r| r.headers_json()).collect();
        let payloads: Vec<&[u8]> = records.iter().map(|r| r.payload.as_ref()).collect();
        self.database
            .execute(self.commit, STORE, &[&pubsubs, &topics, &partitions, &keys, &headers, &payloads])
            .await?;
        for record in records {
            self.announce(record, None);
        }
        Ok(())
    }

    async fn store_one(&self, record: &Record) -> Result<Message, StoreError> {
        let Record { pubsub, topic, partition, key, payload, .. } = record;
        let (headers, payload) = (record.headers_json(), payload.as_ref());
        let rows =
            self.database.query(self.commit, STORE_ONE, &[pubsub, topic, partition, key, &headers, &payload]).await?;
        let row = rows.first().ok_or(StoreError::Refused)?;
        Ok(record.stored(row.get(0), row.get(1)))
    }

    fn announce(&self, record: &Record, stored: Option<Message>) {
        self.metrics.add(Counter::Published, &[&record.pubsub, &record.topic], 1);
        self.wakers.wake(&record.topic, record.partition, stored);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_fnv_1a() {
        assert_eq!(fnv1a(b"") as u32, 0x811c_9dc5);
        assert_eq!(fnv1a(b"foobar") as u32, 0xbf9c_f968);
    }
}
