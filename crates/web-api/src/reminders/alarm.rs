//! The jobs that wake reminders: set and taken back as the events say that are published.
//!
//! The jobs are backend's. Whoever publishes in another app asks backend to see to them.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rondo_domain::ids::{ReminderId, UserId};
use rondo_ports::{Alarm, Invocation, Platform, SidecarError, SqlError};
use rondo_store::outbox::OutboxEvent;
use rondo_store::reminder_due::Wakeup;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::problem::log;

/// The topic of what becomes of reminders.
const TOPIC: &str = "reminders";
/// Where another app asks backend to set alarms.
pub(super) const ARM: &str = "/internal/reminders/arm";

/// The name of a reminder's job: it is called back at `/job/{name}`.
pub(super) fn job_of(reminder: ReminderId) -> String {
    format!("reminder-{reminder}")
}

/// What a reminder's job brings along. All that is done follows from the id.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct JobData {
    /// Which.
    pub reminder_id: ReminderId,
    /// Whose it is.
    pub user_id: UserId,
    /// How often it had been given a time when the job was set.
    pub revision: i64,
}

/// Arms `wakeups`, each in the place of what its reminder was armed for before. Says whether all are; the reconcile arms what
/// is not.
pub(super) async fn arm<P: Platform>(platform: &P, wakeups: &[Wakeup]) -> bool {
    let alarms: Vec<Alarm> = wakeups.iter().map(alarm).collect();
    let outcomes = platform.set_alarms(&alarms).await;
    all_right(outcomes.iter().find_map(|outcome| outcome.as_ref().err()))
}

fn alarm(wakeup: &Wakeup) -> Alarm {
    let Wakeup { reminder_id, user_id, revision, at } = *wakeup;
    // Numbers pass through doubles, which a revision never outgrows.
    let data = JobData { reminder_id, user_id, revision };
    Alarm { name: job_of(reminder_id), due: at, data: json!(data) }
}

fn all_right(failure: Option<&SidecarError>) -> bool {
    if let Some(error) = failure {
        log(&format!("not all alarms of reminders are as they should be, the reconcile will see to it: {error}"));
    }
    failure.is_none()
}

/// What is to become of alarms: the wakeup of each that is to be set, nothing of each that is to be taken back.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Alarms(BTreeMap<ReminderId, Option<Wakeup>>);

impl Alarms {
    /// What `events`, in their order, say: the last word on each reminder counts.
    pub fn told_by(events: &[OutboxEvent]) -> Self {
        let mut alarms = Self::default();
        for event in events.iter().filter(|event| event.topic == TOPIC) {
            match told(event) {
                Ok(Some((reminder, wakeup))) => drop(alarms.0.insert(reminder, wakeup)),
                Ok(None) => {}
                Err(error) => log(&format!("the event {} is not understood: {error}", event.id)),
            }
        }
        alarms
    }

    /// Whether there is nothing to be done.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets them and takes them back, in backend. Says whether all are as they should be.
    pub async fn see_to<P: Platform>(&self, platform: &P) -> bool {
        let wakeups: Vec<Wakeup> = self.0.values().flatten().copied().collect();
        let mut done = wakeups.is_empty() || arm(platform, &wakeups).await;
        for (reminder, _) in self.0.iter().filter(|(_, wakeup)| wakeup.is_none()) {
            let outcome = platform.delete_job(&job_of(*reminder)).await;
            done &= all_right(outcome.as_ref().err());
        }
        done
    }

    /// Asks backend to see to them, from another app.
    pub async fn ask_backend<P: Platform>(&self, platform: &P, request_id: &str) {
        let body = json!(self);
        let outcome = platform.invoke("backend", &Invocation { target: ARM, body: Some(&body), request_id }).await;
        match outcome {
            Ok(answer) if answer.status >= 300 => {
                log(&format!("backend sets no alarms: it answered {}", answer.status))
            }
            outcome => drop(all_right(outcome.as_ref().err())),
        }
    }
}

/// What an event says of a reminder's alarm, if anything.
fn told(event: &OutboxEvent) -> Result<Option<(ReminderId, Option<Wakeup>)>, SqlError> {
    #[derive(Deserialize)]
    struct Told {
        reminder_id: ReminderId,
        user_id: UserId,
        revision: i64,
        scheduled_for: Timestamp,
    }
    let is_set = match event.event_type.as_str() {
        "reminder.scheduled" => true,
        "reminder.cancelled" => false,
        _ => return Ok(None),
    };
    let Told { reminder_id, user_id, revision, scheduled_for: at } = event.data.read()?;
    Ok(Some((reminder_id, is_set.then_some(Wakeup { reminder_id, user_id, revision, at }))))
}

#[cfg(test)]
mod tests {
    use rondo_store::RawJson;

    use super::*;

    fn event(event_type: &str, reminder: u8, revision: i64) -> OutboxEvent {
        let data = json!({
            "reminder_id": format!("0199a0b0-0000-7000-8000-00000000000{reminder}"),
            "user_id": "0199a0b0-0000-7000-8000-0000000000ff",
            "revision": revision,
            "scheduled_for": "2030-01-01T09:00:00Z",
        });
        OutboxEvent {
            sequence: revision,
            id: "e".to_owned(),
            topic: TOPIC.to_owned(),
            event_type: event_type.to_owned(),
            subject: "t".to_owned(),
            time: "2030-01-01T09:00:00Z".to_owned(),
            data: serde_json::from_value::<RawJson>(data).expect("JSON"),
        }
    }

    #[test]
    fn the_last_word_on_each_reminder_counts_and_what_is_due_needs_no_alarm() {
        let alarms = Alarms::told_by(&[
            event("reminder.scheduled", 1, 1),
            event("reminder.scheduled", 2, 1),
            event("reminder.cancelled", 2, 1),
            event("reminder.scheduled", 1, 2),
            event("reminder.due", 3, 1),
        ]);
        let revisions: Vec<Option<i64>> =
            alarms.0.values().map(|wakeup| wakeup.map(|wakeup| wakeup.revision)).collect();
        assert_eq!(revisions, [Some(2), None]);
        let sent = json!(alarms);
        assert_eq!(serde_json::from_value::<Alarms>(sent).expect("what was sent"), alarms);
    }
}
