//! The topics and their consumer groups, as Kafka knows them.

use std::collections::{BTreeMap, BTreeSet};

use support::eventually;
use support::kafka::Partition;

use crate::{DAY, HOUR, OnTheLane};

/// Name, partitions, and for how many milliseconds it keeps what was published.
const TOPICS: [(&str, usize, u64); 6] = [
    ("task-events", 3, 7 * DAY),
    ("task-events-dead-letter", 1, 30 * DAY),
    ("task-updates", 2, HOUR),
    ("task-updates-dead-letter", 1, 30 * DAY),
    ("reminders", 2, DAY),
    ("reminders-dead-letter", 1, 30 * DAY),
];

/// Who reads what.
const GROUPS: [(&str, &str); 3] = [
    ("recurring-service-task-events-v1", "task-events"),
    ("notification-service-task-updates-v1", "task-updates"),
    ("notification-service-reminders-v1", "reminders"),
];

#[tokio::test]
async fn topics_have_the_partitions_and_the_retention_that_are_agreed_on() {
    let lane = OnTheLane::alone().await;
    let mut kafka = lane.kafka().await;
    let topics = kafka.topics().await;
    // The contract between sidecars is tried on topics of its own.
    let ours = topics.iter().filter(|(name, _)| !name.starts_with("contract-") && !name.starts_with("__"));
    let agreed: BTreeSet<&str> = TOPICS.iter().map(|(name, ..)| *name).collect();
    assert_eq!(ours.map(|(name, _)| name.as_str()).collect::<BTreeSet<_>>(), agreed);
    for (topic, partitions, retention) in TOPICS {
        assert_eq!(topics[topic], partitions, "{topic}");
        let settings = kafka.settings(topic).await;
        assert_eq!(settings["retention.ms"], retention.to_string(), "{topic}");
        assert_eq!(settings["cleanup.policy"], "delete", "{topic}");
        let segment: u64 = settings["segment.ms"].parse().expect("milliseconds");
        assert!(segment <= retention / 4, "{topic}: what is too old is removed by the segment, one of {segment} ms");
    }
}

#[tokio::test]
async fn each_consumer_group_reads_all_of_its_topic_and_nothing_else() {
    let lane = OnTheLane::alone().await;
    let agreed: BTreeMap<String, BTreeSet<Partition>> =
        GROUPS.iter().map(|(group, topic)| ((*group).to_owned(), partitions(topic).collect())).collect();
    // A group whose member was killed knows of it after a while.
    eventually("the groups read what is agreed on", async || {
        let groups = lane.kafka().await.groups().await.into_iter();
        let of_ours: BTreeMap<_, _> = groups.filter(|(_, read)| read.iter().any(is_ours)).collect();
        (of_ours == agreed).then_some(())
    })
    .await;
    for (group, topic) in GROUPS {
        eventually("a group has read all that there is", async || {
            let mut kafka = lane.kafka().await;
            for partition in partitions(topic) {
                let end = kafka.end(&partition).await;
                if kafka.committed(group, &partition).await.unwrap_or_default() < end {
                    return None;
                }
            }
            Some(())
        })
        .await;
    }
}

/// Whether a partition is of one of the topics: the contract between sidecars is tried on others.
fn is_ours((topic, _): &Partition) -> bool {
    TOPICS.iter().any(|(name, ..)| name == topic)
}

fn partitions(topic: &str) -> impl Iterator<Item = Partition> {
    let (_, partitions, _) = TOPICS.iter().find(|(name, ..)| *name == topic).expect("a topic");
    (0..i32::try_from(*partitions).expect("a few")).map(move |partition| (topic.to_owned(), partition))
}
