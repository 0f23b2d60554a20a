//! Delivery: each partition of each subscription has a reader that hands its messages to the app, in order.
//!
//! A reader owns its partition by a lock of the [session](crate::ownership), so that of several processes one reads.
//! It moves its durable offset on after each message: whoever is killed before that delivers it again.
//! Read [`Reader::run`], then `attempt` for what the app's answer means.

mod attempt;
mod cursor;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use crate::Inner;
use crate::database::DatabaseError;
use crate::metrics::Counter;
use crate::ownership::{Session, Sessions, current};
use crate::publish::wakers::Woken;
use crate::publish::{Message, Record};
use crate::resources::{Policy, Subscription};
use attempt::{Event, Verdict};
use cursor::{Cursor, MESSAGES_PER_FETCH};

/// How long until a reader looks for what another process published.
const POLL_INTERVAL: Duration = Duration::from_secs(2);
/// How long a reader waits while the database is away.
const AWAY_DELAY: Duration = Duration::from_millis(500);

/// Reads one partition for one app.
pub(crate) struct Reader {
    sidecar: Arc<Inner>,
    app_id: String,
    subscription: Subscription,
    policy: Policy,
    redelivery_delay: Duration,
    cursor: Cursor,
    stop: CancellationToken,
}

/// How a message left the reader's hands.
enum Outcome {
    /// It is done, dropped, or in the dead-letter topic.
    Settled,
    /// The sidecar stops, or has lost the partition: whoever reads next delivers it again.
    Interrupted,
}

impl Reader {
    /// A reader for each partition of each subscription of the apps beside this sidecar.
    pub(crate) fn all(sidecar: &Arc<Inner>, stop: &CancellationToken) -> Vec<Self> {
        let resources = &sidecar.resources;
        let mut readers = Vec::new();
        for app_id in sidecar.apps.ids() {
            for subscription in &resources.subscriptions {
                let pubsub = resources.component("pubsub", &subscription.pubsub, app_id);
                let topic = resources.topics.get(&subscription.topic);
                let (Some(pubsub), Some(topic)) = (pubsub, topic) else {
                    continue;
                };
                if !subscription.applies_to(app_id) {
                    continue;
                }
                for partition in 0..topic.partitions {
                    readers.push(Self {
                        sidecar: sidecar.clone(),
                        app_id: app_id.clone(),
                        subscription: subscription.clone(),
                        policy: resources.inbound_policy(app_id, &pubsub.name),
                        redelivery_delay: pubsub.redelivery_delay(),
                        cursor: Cursor::new(
                            sidecar.database.clone(),
                            app_id,
                            subscription,
                            partition,
                            pubsub.starts_at_the_oldest(),
                        ),
                        stop: stop.clone(),
                    });
                }
            }
        }
        readers
    }

    /// Owns the partition and reads it, again and again, until the sidecar stops.
    pub(crate) async fn run(self, mut sessions: Sessions) {
        let Some(mut woken) = self.sidecar.wakers.subscribe(&self.subscription.topic, self.cursor.partition) else {
            return;
        };
        while let Some(session) = self.owning_session(&mut sessions).await {
            self.read(&session, &mut woken).await;
        }
    }

    /// Waits for a session that owns the partition; nothing when the sidecar stops first.
    async fn owning_session(&self, sessions: &mut Sessions) -> Option<Arc<Session>> {
        let lock = self.cursor.lock_name();
        let owning = async {
            loop {
                let session = current(sessions).await?;
                if session.own(&lock).await {
                    return Some(session);
                }
                tokio::time::sleep(AWAY_DELAY).await;
            }
        };
        self.stop.run_until_cancelled(owning).await.flatten()
    }

    async fn read(&self, session: &Session, woken: &mut Woken) {
        let Some(mut position) = self.first_position(session).await else {
            return;
        };
        while !self.is_over(session) {
            let Ok(messages) = self.next(position, woken).await else {
                self.pause(session, AWAY_DELAY).await;
                continue;
            };
            let there_may_be_more = messages.len() == MESSAGES_PER_FETCH;
            match self.deliver_all(session, position, messages).await {
                Some(next) => position = next,
                None => return,
            }
            if !there_may_be_more {
                self.idle(session, woken).await;
            }
        }
    }

    /// What comes next: as it was handed over, if it was, else from the database.
    async fn next(&self, position: i64, woken: &mut Woken) -> Result<Vec<Message>, DatabaseError> {
        let is_next = |message: &&Message| message.pubsub == self.subscription.log && message.offset == position;
        let handed_over = woken.borrow_and_update().as_ref().filter(is_next).cloned();
        match handed_over {
            Some(message) => Ok(vec![message]),
            None => self.cursor.fetch(position).await,
        }
    }

    async fn first_position(&self, session: &Session) -> Option<i64> {
        while !self.is_over(session) {
            match self.cursor.begin().await {
                Ok(position) => return Some(position),
                Err(_) => self.pause(session, AWAY_DELAY).await,
            }
        }
        None
    }

    /// Delivers a batch; returns where to go on, or nothing when someone else does.
    async fn deliver_all(&self, session: &Session, mut position: i64, messages: Vec<Message>) -> Option<i64> {
        for message in messages {
            if self.is_over(session) {
                return None;
            }
            match self.settle(session, &message).await {
                Outcome::Settled => {}
                Outcome::Interrupted => return None,
            }
            let next = message.offset + 1;
            if !self.move_on(session, position, next).await {
                return None;
            }
            position = next;
        }
        Some(position)
    }

    /// Moves the durable offset; false when another sidecar has moved it meanwhile, or this one ends.
    async fn move_on(&self, session: &Session, position: i64, next: i64) -> bool {
        loop {
            match self.cursor.advance(position, next).await {
                Ok(moved) => return moved,
                Err(_) if self.is_over(session) => return false,
                Err(_) => self.pause(session, AWAY_DELAY).await,
            }
        }
    }

    /// Delivers a message until it is settled one way or the other.
    async fn settle(&self, session: &Session, message: &Message) -> Outcome {
        let mut failures = 0;
        loop {
            let verdict = self.deliver(message).await;
            if verdict == Verdict::Done {
                self.count(Counter::Delivered);
                return Outcome::Settled;
            }
            failures += 1;
            let retry = match verdict {
                Verdict::Failed => self.delay_after(failures),
                _ => None,
            };
            let delay = match retry {
                Some(delay) => delay,
                // Whether it is given up is the next owner's to say.
                None if session.is_lost() => return Outcome::Interrupted,
                None if self.give_up(message, verdict).await => return Outcome::Settled,
                None => {
                    failures = 0;
                    self.redelivery_delay
                }
            };
            self.count(Counter::Retried);
            self.pause(session, delay).await;
            if self.is_over(session) {
                return Outcome::Interrupted;
            }
        }
    }

    async fn deliver(&self, message: &Message) -> Verdict {
        let subscription = &self.subscription;
        match Event::prepare(message, subscription, Timestamp::now()) {
            Event::Ready(body) => {
                let request = attempt::request(message, subscription, body);
                let limit = self.policy.timeout.unwrap_or(crate::CALL_LIMIT);
                let answer = self.sidecar.apps.call(&self.app_id, request, limit).await;
                attempt::judge(answer, &self.app_id, message)
            }
            Event::Expired => Verdict::Dropped,
            Event::Unreadable => Verdict::Unreadable,
        }
    }

    fn delay_after(&self, failures: u32) -> Option<Duration> {
        self.policy.retry.as_ref()?.delay_after(failures)
    }

    /// What happens after the last try: true when the message is settled, false when it has to wait.
    async fn give_up(&self, message: &Message, verdict: Verdict) -> bool {
        if verdict == Verdict::Dropped {
            self.count(Counter::Dropped);
        }
        let Some(topic) = &self.subscription.dead_letter else {
            return verdict == Verdict::Dropped;
        };
        let record = self.dead_letter(topic, message);
        let stored = self.sidecar.publisher.store(vec![record]).await.is_ok();
        if stored {
            self.count(Counter::DeadLettered);
            tracing::warn!(
                app_id = self.app_id,
                topic = self.subscription.topic,
                partition = message.partition,
                offset = message.offset,
                dead_letter_topic = topic.as_str(),
                "a message went to the dead-letter topic"
            );
        }
        stored
    }

    fn dead_letter(&self, topic: &str, message: &Message) -> Record {
        let partitions = self.sidecar.resources.topics.get(topic).map_or(1, |topic| topic.partitions);
        Record::new(
            &self.subscription.log,
            topic,
            partitions,
            message.key.clone(),
            attempt::metadata(message, &self.subscription),
            message.payload.clone(),
        )
    }

    /// Until something is stored here; at once, if that was while the last of it was read or delivered.
    async fn idle(&self, session: &Session, woken: &mut Woken) {
        tokio::select! {
            () = self.stop.cancelled() => {}
            () = session.lost() => {}
            _ = woken.changed() => {}
            () = tokio::time::sleep(POLL_INTERVAL) => {}
        }
    }

    async fn pause(&self, session: &Session, delay: Duration) {
        tokio::select! {
            () = self.stop.cancelled() => {}
            () = session.lost() => {}
            () = tokio::time::sleep(delay) => {}
        }
    }

    fn is_over(&self, session: &Session) -> bool {
        self.stop.is_cancelled() || session.is_lost()
    }

    fn count(&self, counter: Counter) {
        self.sidecar.metrics.add(counter, &[&self.app_id, &self.subscription.topic], 1);
    }
}
