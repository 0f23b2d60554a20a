//! What wakes the readers of this process when something is stored for them.

use std::collections::BTreeMap;

use tokio::sync::watch;

use crate::resources::Resources;

/// One waker for each partition of each topic that somebody may read.
pub(crate) struct Wakers(BTreeMap<String, Vec<watch::Sender<()>>>);

impl Wakers {
    pub(crate) fn of(resources: &Resources) -> Self {
        let wakers = |partitions| (0..partitions).map(|_| watch::Sender::new(())).collect();
        Self(resources.topics.iter().map(|(name, topic)| (name.clone(), wakers(topic.partitions))).collect())
    }

    /// Changes whenever something is stored in that partition, whichever pub/sub it came through.
    pub(crate) fn subscribe(&self, topic: &str, partition: i32) -> Option<watch::Receiver<()>> {
        self.of_partition(topic, partition).map(watch::Sender::subscribe)
    }

    pub(super) fn wake(&self, topic: &str, partition: i32) {
        if let Some(waker) = self.of_partition(topic, partition) {
            waker.send_replace(());
        }
    }

    fn of_partition(&self, topic: &str, partition: i32) -> Option<&watch::Sender<()>> {
        self.0.get(topic)?.get(usize::try_from(partition).ok()?)
    }
}
