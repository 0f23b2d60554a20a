//! `/api/tasks/recurring/{task_id}/instances`: what was made of a series.

use serde_json::{Value, json};
use support::{App, User};

use crate::recurring::new_fridays;

/// A series with an instance each on the first days of 2026; the template's id.
async fn with_instances(app: &App, user: &User, statuses: &[&str]) -> String {
    let task = new_fridays(user).await;
    for (day, status) in (1..).zip(statuses) {
        app.arrange(&format!(
            "insert into task_instances
                (id, parent_task_id, user_id, title, priority, scheduled_for_utc, scheduled_for_local, status, completed_at)
             select gen_random_uuid(), recurring_tasks.id, recurring_tasks.user_id, title, priority,
                '2026-01-0{day}T14:00:00Z', '2026-01-0{day}T09:00:00', '{status}',
                case when '{status}' = 'completed' then now() end
             from recurring_tasks join tasks on tasks.id = task_id
             where task_id = '{task}'"
        ))
        .await;
    }
    task
}

/// The instances' ids, the latest first.
async fn ids(user: &User, task: &str) -> Vec<String> {
    user.task_instances(task).await.is(200).pick("instances", "id")
}

#[tokio::test]
async fn instances_are_listed_latest_first_by_status_and_in_pages() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = with_instances(&app, &ada, &["missed", "completed", "skipped", "pending", "pending"]).await;
    let all = ada.task_instances(&task).await.is(200);
    assert_eq!((&all["total"], &all["page"], &all["page_size"]), (&json!(5), &json!(1), &json!(20)));
    assert_eq!(all.pick("instances", "status"), ["pending", "pending", "skipped", "completed", "missed"]);
    let latest = &all["instances"][0];
    assert_eq!(latest["parent_task_id"], ada.recurring_task(&task).await["id"]);
    assert_eq!((&latest["title"], &latest["priority"]), (&json!("Prepare the deck"), &json!("Medium")));
    assert_eq!(
        (&latest["scheduled_for"], &latest["completed_at"]),
        (&json!("2026-01-05T14:00:00.000000Z"), &Value::Null)
    );
    let page = ada.task_instances(&task).query("page", "2").query("page_size", "2").await.is(200);
    assert_eq!(
        (page.pick("instances", "status"), &page["total"]),
        (vec!["skipped".into(), "completed".into()], &json!(5))
    );
    let some = ada.task_instances(&task).query("status", "missed").query("status", "completed").await.is(200);
    assert_eq!(
        (some.pick("instances", "status"), &some["total"]),
        (vec!["completed".into(), "missed".into()], &json!(2))
    );
    assert_eq!(ada.task_instances(&task).query("status", "done").await.wrong_fields(), ["status"]);
    assert_eq!(ada.task_instances(&new_fridays(&ada).await).await.is(200)["instances"], json!([]));
}

#[tokio::test]
async fn an_instance_is_completed_once_and_told_so() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = with_instances(&app, &ada, &["pending"]).await;
    let id = ids(&ada, &task).await.remove(0);
    let mut stream = ada.stream(None).await;
    assert_eq!(stream.comment().await, "connected");
    let done = ada.complete_task_instance(&task, &id).await.is(200);
    assert_eq!((&done["id"], &done["status"]), (&json!(id), &json!("completed")));
    assert!(done["completed_at"].is_string());
    assert_eq!(ada.complete_task_instance(&task, &id).await.is(200).json, done.json);
    let (_, name, data) = stream.event().await;
    assert_eq!((name.as_str(), &data["task_instance_id"]), ("task.status_changed", &json!(id)));
    assert_eq!((&data["task_id"], &data["previous_status"]), (&json!(task), &json!("pending")));
    assert_eq!((&data["status"], &data["completed_at"]), (&json!("completed"), &done["completed_at"]));
    assert_eq!(app.told(&ada).await.len(), 3);
    assert_eq!(ada.task(&task).await["status"], "pending", "the template is not the instance");
}

#[tokio::test]
async fn an_instance_is_skipped_once() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = with_instances(&app, &ada, &["pending"]).await;
    let id = ids(&ada, &task).await.remove(0);
    let skipped = ada.skip_task_instance(&task, &id).await.is(200);
    assert_eq!((&skipped["status"], &skipped["completed_at"]), (&json!("skipped"), &Value::Null));
    assert_eq!(ada.skip_task_instance(&task, &id).await.is(200).json, skipped.json);
    assert_eq!(app.told(&ada).await.len(), 3);
}

#[tokio::test]
async fn what_is_settled_otherwise_stays_so() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = with_instances(&app, &ada, &["missed", "completed", "skipped"]).await;
    let ids = ids(&ada, &task).await;
    let [skipped, completed, missed] = ids.as_slice() else { panic!("three instances, not {ids:?}") };
    for id in [skipped, missed] {
        ada.complete_task_instance(&task, id).await.is(409);
    }
    for id in [completed, missed] {
        ada.skip_task_instance(&task, id).await.is(409);
    }
    assert_eq!(ada.task_instances(&task).await.pick("instances", "status"), ["skipped", "completed", "missed"]);
}

#[tokio::test]
async fn an_instance_is_found_only_below_its_own_series_and_by_its_owner() {
    let app = App::start().await;
    let (ada, eve) = (app.user().await, app.user().await);
    let task = with_instances(&app, &ada, &["pending"]).await;
    let id = ids(&ada, &task).await.remove(0);
    let (other, hers) = (new_fridays(&ada).await, new_fridays(&eve).await);
    for (user, below) in [(&ada, &other), (&eve, &task), (&eve, &hers)] {
        user.complete_task_instance(below, &id).await.is(404);
        user.skip_task_instance(below, &id).await.is(404);
    }
    ada.complete_task_instance(&task, "not-an-id").await.is(404);
    assert_eq!(ada.task_instances(&task).await.pick("instances", "status"), ["pending"]);
}
