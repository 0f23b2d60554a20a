//! The jobs that wake series.

use rondo_domain::ids::TaskId;
use rondo_ports::{Alarm, Platform};
use rondo_store::occurrence::Wakeup;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::problem::log;

/// The name of a series' job: it is called back at `/job/{name}`.
pub(super) fn job_of(task: TaskId) -> String {
    format!("recurring-task-{task}")
}

/// What a series' job brings along. All that is done follows from the ids.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct JobData {
    /// The template of the series.
    pub task_id: TaskId,
    /// Whose it is.
    pub user_id: rondo_domain::ids::UserId,
}

/// Arms `wakeups`, each in the place of what its series was armed for before. Says whether all are; the reconcile arms
/// what is not.
pub(super) async fn arm<P: Platform>(platform: &P, wakeups: &[Wakeup]) -> bool {
    let alarms: Vec<Alarm> = wakeups.iter().map(alarm).collect();
    let outcomes = platform.set_alarms(&alarms).await;
    let failure = outcomes.iter().find_map(|outcome| outcome.as_ref().err());
    if let Some(error) = failure {
        log(&format!("not all series are armed, the reconcile will see to it: {error}"));
    }
    failure.is_none()
}

fn alarm(wakeup: &Wakeup) -> Alarm {
    let Wakeup { task_id, user_id, at } = *wakeup;
    Alarm {
        name: job_of(task_id),
        due: at,
        data: json!({ "task_id": task_id, "user_id": user_id, "scheduled_time": at.to_string() }),
    }
}
