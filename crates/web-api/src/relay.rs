//! Publishing what waits in the outbox, and setting the alarms that it asks for.

use rondo_domain::ids::UserId;
use rondo_ports::{Message, Platform};
use rondo_store::outbox::{self, OutboxEvent, Then};
use rondo_store::{RawJson, RelayBatch};
use serde::Serialize;

use crate::problem::log;
use crate::reminders::Alarms;

/// Events of a user that wait to be published by us.
#[derive(Debug)]
pub struct Relay {
    user: UserId,
    batch: RelayBatch,
    alarms_of: AlarmsOf,
}

/// Whose jobs the alarms of reminders are, seen from here.
#[derive(Debug)]
enum AlarmsOf {
    /// Ours: this is backend.
    This,
    /// Those of another app, which is asked on behalf of this request.
    Other(String),
}

impl Relay {
    /// The events of `user` that are ours to publish, in backend.
    #[must_use]
    pub fn new(user: UserId, batch: RelayBatch) -> Self {
        Self { user, batch, alarms_of: AlarmsOf::This }
    }

    /// The same, in another app than backend.
    pub(crate) fn outside_backend(user: UserId, batch: RelayBatch, request_id: &str) -> Self {
        Self { user, batch, alarms_of: AlarmsOf::Other(request_id.to_owned()) }
    }

    /// Publishes them, and what comes meanwhile, and sees to the alarms of the reminders that they tell of. What can't be
    /// published stays in the outbox for the sweep.
    pub(crate) async fn run(self, platform: &impl Platform) {
        let Self { user, mut batch, alarms_of } = self;
        loop {
            let published = publish(platform, &batch.events).await;
            alarms_of.follow(platform, &batch.events[..published.len()]).await;
            let then = if published.len() == batch.events.len() { Then::Continue } else { Then::Stop };
            match outbox::confirm(platform, user, &batch.holder, &published, then).await {
                Ok(Some(next)) => batch = next,
                Ok(None) => return,
                Err(error) => {
                    return log(&format!("events were published but not marked, so they will be again: {error}"));
                }
            }
        }
    }
}

impl AlarmsOf {
    /// Has alarms set and taken back as `events` say. What fails is left to the reconcile.
    async fn follow(&self, platform: &impl Platform, events: &[OutboxEvent]) {
        let alarms = Alarms::told_by(events);
        match self {
            _ if alarms.is_empty() => {}
            Self::This => drop(alarms.see_to(platform).await),
            Self::Other(request_id) => alarms.ask_backend(platform, request_id).await,
        }
    }
}

/// Publishes `events` in order up to the first that fails; returns the sequences of those that the broker has.
async fn publish(platform: &impl Platform, events: &[OutboxEvent]) -> Vec<i64> {
    let messages: Vec<Message> = events.iter().map(message).collect();
    let outcomes = platform.publish(&messages).await;
    if let Some(error) = outcomes.iter().find_map(|outcome| outcome.as_ref().err()) {
        log(&format!("events stay in the outbox for now: {error}"));
    }
    events.iter().zip(outcomes).take_while(|(_, outcome)| outcome.is_ok()).map(|(event, _)| event.sequence).collect()
}

/// The event as a CloudEvent (1.0, structured mode), with the task as its partition key.
fn message(event: &OutboxEvent) -> Message {
    #[derive(Serialize)]
    struct CloudEvent<'a> {
        specversion: &'a str,
        id: &'a str,
        source: &'a str,
        #[serde(rename = "type")]
        event_type: &'a str,
        subject: &'a str,
        time: &'a str,
        datacontenttype: &'a str,
        data: &'a RawJson,
    }
    let cloud_event = CloudEvent {
        specversion: "1.0",
        id: &event.id,
        source: "backend",
        event_type: &event.event_type,
        subject: &event.subject,
        time: &event.time,
        datacontenttype: "application/json",
        data: &event.data,
    };
    Message {
        topic: event.topic.clone(),
        partition_key: event.subject.clone(),
        // Serialising plain data into memory does not fail.
        cloud_event: serde_json::to_string(&cloud_event).unwrap_or_default(),
    }
}
