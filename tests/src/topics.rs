//! What is told: the outbox, and what lies in the topics. Those of the embedded sidecar are a table, those of the real lane are
//! Kafka's.

use serde_json::Value;

use crate::app::Topology;
use crate::kafka::Kafka;
use crate::{App, User};

/// What was published.
#[derive(Debug, Clone)]
pub struct Message {
    pub topic: String,
    pub partition: i32,
    pub offset: i64,
    /// What says which partition it is in.
    pub key: String,
    /// What subscribers get; null if it is no JSON.
    pub event: Value,
}

impl App {
    /// What was written to the outbox of somebody's things, in order: type and data.
    pub async fn told(&self, user: &User) -> Vec<(String, Value)> {
        let query = "select event_type, data from outbox where user_id::text = $1 order by sequence";
        self.sql(query, &[&user.id]).await.iter().map(|row| (row.get(0), row.get(1))).collect()
    }

    /// The types of that.
    pub async fn kinds_told(&self, user: &User) -> Vec<String> {
        self.told(user).await.into_iter().map(|(kind, _)| kind).collect()
    }

    /// What lies in some topics and is about somebody, each partition in its order.
    pub async fn messages_about(&self, user: &User, topics: &[&str]) -> Vec<Message> {
        let mut messages = Vec::new();
        for topic in topics {
            messages.extend(self.messages(topic).await);
        }
        messages.retain(|message| message.event["data"]["user_id"] == user.id.as_str());
        messages
    }

    /// Each event that was written for one of `topics` lies there, under one id and as it was written; and nothing else does.
    pub async fn each_event_is_published_as_it_was_written(&self, topics: &[&str]) {
        let lost_invented_or_changed = "
            with written as (
                select event_id::text as id, data from outbox where topic = any($1)
            ),
            published as (
                select distinct event ->> 'id' as id, event -> 'data' as data
                from (
                    select convert_from(payload, 'UTF8')::jsonb as event from dapr.messages where topic = any($1)
                ) as messages
            )
            select count(*) from written full join published on published.id = written.id
            where written.id is null or published.id is null or published.data <> written.data";
        let wrong: i64 = self.sql(lost_invented_or_changed, &[&topics]).await[0].get(0);
        assert_eq!(wrong, 0, "{topics:?}");
    }

    /// All that lies in a topic now, each partition in its order.
    pub async fn messages(&self, topic: &str) -> Vec<Message> {
        let message = |partition, offset, key: Option<String>, value: &[u8]| Message {
            topic: topic.to_owned(),
            partition,
            offset,
            key: key.unwrap_or_default(),
            event: serde_json::from_slice(value).unwrap_or_default(),
        };
        match &self.topology {
            Topology::Embedded(_) => {
                let query =
                    "select partition, \"offset\", key, payload from dapr.messages where topic = $1 order by 1, 2";
                let rows = self.sql(query, &[&topic]).await;
                rows.iter().map(|row| message(row.get(0), row.get(1), row.get(2), row.get(3))).collect()
            }
            Topology::Lane(lane) => {
                let records = Kafka::connect(&lane.kafka).await.records(topic).await;
                let record = records.into_iter();
                record.map(|one| message(one.partition, one.offset, Some(one.key), &one.value)).collect()
            }
        }
    }
}
