//! Where an app stands in a partition, kept in Postgres.

use std::sync::Arc;

use bytes::Bytes;

use crate::database::{Commit, Database, DatabaseError};
use crate::publish::Message;
use crate::resources::Subscription;

pub(super) const MESSAGES_PER_FETCH: usize = 64;

const BEGIN: &str = "
with new as (
    insert into dapr.consumer_offsets (app_id, pubsub, topic, partition, next_offset)
    select $1, $2, $3, $4, case when $5::bool then 0 else coalesce((
        select next_offset
        from dapr.topic_partitions
        where (pubsub, topic, partition) = ($2, $3, $4)), 0) end
    on conflict do nothing
    returning next_offset
)
select next_offset from new
union all
select next_offset
from dapr.consumer_offsets
where (app_id, pubsub, topic, partition) = ($1, $2, $3, $4)";

const FETCH: &str = r#"
select "offset", key, headers::text, payload, published_at
from dapr.messages
where (pubsub, topic, partition) = ($1, $2, $3) and "offset" >= $4
order by "offset"
limit $5"#;

const ADVANCE: &str = "
update dapr.consumer_offsets
set next_offset = $6
where (app_id, pubsub, topic, partition) = ($1, $2, $3, $4) and next_offset = $5";

/// The durable offset of one app in one partition.
pub(super) struct Cursor {
    database: Arc<Database>,
    app_id: String,
    pubsub: String,
    topic: String,
    pub(super) partition: i32,
    from_oldest: bool,
}

impl Cursor {
    pub(super) fn new(
        database: Arc<Database>,
        app_id: &str,
        subscription: &Subscription,
        partition: i32,
        from_oldest: bool,
    ) -> Self {
        Self {
            database,
            app_id: app_id.to_owned(),
            pubsub: subscription.log.clone(),
            topic: subscription.topic.clone(),
            partition,
            from_oldest,
        }
    }

    /// What to hold while reading here.
    pub(super) fn lock_name(&self) -> String {
        let Self { app_id, pubsub, topic, partition, .. } = self;
        format!("{app_id}||{pubsub}||{topic}||{partition}")
    }

    /// Where to go on; for an app that was never here, where the component says that new ones begin.
    pub(super) async fn begin(&self) -> Result<i64, DatabaseError> {
        let rows = self
            .database
            .query(
                Commit::Durable,
                BEGIN,
                &[&self.app_id, &self.pubsub, &self.topic, &self.partition, &self.from_oldest],
            )
            .await?;
        rows.first().map(|row| row.get(0)).ok_or(DatabaseError::Away)
    }

    pub(super) async fn fetch(&self, position: i64) -> Result<Vec<Message>, DatabaseError> {
        let rows = self
            .database
            .query(
                Commit::Relaxed,
                FETCH,
                &[&self.pubsub, &self.topic, &self.partition, &position, &(MESSAGES_PER_FETCH as i64)],
            )
            .await?;
        let message = |row: &tokio_postgres::Row| Message {
            pubsub: self.pubsub.clone(),
            partition: self.partition,
            offset: row.get(0),
            key: row.get(1),
            headers: serde_json::from_str(row.get(2)).unwrap_or_default(),
            payload: Bytes::from(row.get::<_, Vec<u8>>(3)),
            published_at: row.get(4),
        };
        Ok(rows.iter().map(message).collect())
    }

    /// Moves on; false when the offset was not where this reader left it.
    pub(super) async fn advance(&self, from: i64, to: i64) -> Result<bool, DatabaseError> {
        let changed = self
            .database
            .execute(Commit::Relaxed, ADVANCE, &[&self.app_id, &self.pubsub, &self.topic, &self.partition, &from, &to])
            .await?;
        Ok(changed == 1)
    }
}
