//! What wakes the readers of this process when something is stored for them.

use std::collections::BTreeMap;

use tokio::sync::watch;

use crate::publish::Message;
use crate::resources::Resources;

/// Changes whenever something is stored in a partition, whichever pub/sub it came through. It holds what that was, if
/// it came alone: a reader that has come that far need not ask the database for it.
pub(crate) type Woken = watch::Receiver<Option<Message>>;

/// One waker for each partition of each topic that somebody may read.
pub(crate) struct Wakers(BTreeMap<String, Vec<watch::Sender<Option<Message>>>>);

impl Wakers {
    pub(crate) fn of(resources: &Resources) -> Self {
        let wakers = |partitions| (0..partitions).map(|_| watch::Sender::new(None)).collect();
        Self(resources.topics.iter().map(|(name, topic)| (name.clone(), wakers(topic.partitions))).collect())
    }

    pub(crate) fn subscribe(&self, topic: &str, partition: i32) -> Option<Woken> {
        self.of_partition(topic, partition).map(watch::Sender::subscribe)
    }

    pub(super) fn wake(&self, topic: &str, partition: i32, stored: Option<Message>) {
        if let Some(waker) = self.of_partition(topic, partition) {
            waker.send_replace(stored);
        }
    }

    fn of_partition(&self, topic: &str, partition: i32) -> Option<&watch::Sender<Option<Message>>> {
        self.0.get(topic)?.get(usize::try_from(partition).ok()?)
    }
}
