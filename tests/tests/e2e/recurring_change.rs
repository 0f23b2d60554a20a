//! `PATCH` and `DELETE` of `/api/tasks/recurring/{task_id}`: what changes, pauses, resumes and ends a series.

use serde_json::{Value, json};
use support::{App, User};

use crate::recurring::{fridays_with, new_fridays};

/// The types of what was told after the first `before`.
async fn told_since(app: &App, user: &User, before: usize) -> Vec<String> {
    app.kinds_told(user).await.split_off(before)
}

/// Brings a series to its end, as its last occurrence does.
async fn complete(app: &App, task: &str) {
    app.arrange(&format!(
        "update recurring_tasks set status = 'completed', next_occurrence_at_utc = null, next_occurrence_local = null,
            next_occurrence_number = null
         where task_id = '{task}'"
    ))
    .await;
}

async fn change(user: &User, task: &str, patch: Value) -> Value {
    user.change_recurring_task(task, patch).await.is(200).json
}

#[tokio::test]
async fn the_template_is_changed_with_its_series() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = new_fridays(&ada).await;
    let patch = json!({ "title": "Show the deck", "priority": "High", "tags": ["work"], "description": "x" });
    let changed = ada.change_recurring_task(&task, patch).await.is(200);
    assert_eq!((&changed["task"]["title"], &changed["task"]["priority"]), (&json!("Show the deck"), &json!("High")));
    assert_eq!((&changed["task"]["tags"], &changed["task"]["description"]), (&json!(["work"]), &json!("x")));
    assert_eq!((&changed["task"]["version"], changed.header("etag")), (&json!(2), "\"2\""));
    assert_eq!(changed["next_occurrence_at"], "2050-01-07T19:00:00.000000Z");
    assert_eq!(change(&ada, &task, json!({ "description": null })).await["task"]["description"], Value::Null);
    assert_eq!(told_since(&app, &ada, 2).await, ["task.updated", "task.updated"]);
    assert_eq!(ada.recurring_task(&task).await["task"], ada.task(&task).await.json);
}

#[tokio::test]
async fn a_new_rule_zone_or_start_counts_from_now_on_and_is_told() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = new_fridays(&ada).await;
    let by_rule = change(&ada, &task, json!({ "rrule": "FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=8" })).await;
    assert_eq!(by_rule["next_occurrence_at"], "2050-01-31T13:00:00.000000Z");
    assert_eq!(by_rule["rrule"], "FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=8");
    assert!(!by_rule["summary"].as_str().expect("words").contains("Friday"));
    let by_zone = change(&ada, &task, json!({ "timezone_iana": "Asia/Tokyo" })).await;
    assert_eq!(by_zone["next_occurrence_at"], "2050-01-30T23:00:00.000000Z");
    assert_eq!(by_zone["starts_at"], "2050-01-01T09:00:00");
    let by_start = change(&ada, &task, json!({ "starts_at": "2050-03-01T00:00:00" })).await;
    assert_eq!(by_start["next_occurrence_at"], "2050-03-30T23:00:00.000000Z");
    let told = app.told(&ada).await;
    let kinds: Vec<&str> = told[2..].iter().map(|(kind, _)| kind.as_str()).collect();
    assert_eq!(kinds, ["task.updated", "recurring.scheduled"].repeat(3));
    let (_, last) = told.last().expect("an event");
    assert_eq!(last["next_occurrence_at"], by_start["next_occurrence_at"]);
    let revisions: Vec<u64> = told.iter().filter_map(|(_, data)| data["revision"].as_u64()).collect();
    assert_eq!(revisions, [1, 2, 3, 4]);
}

#[tokio::test]
async fn an_end_is_set_changed_and_taken_away() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.create_recurring_task(fridays_with(json!({ "rrule": "FREQ=DAILY;COUNT=3" }))).await.is(201);
    let task = task["task_id"].as_str().expect("an id");
    let five = change(&ada, task, json!({ "recurrence_max_count": 5 })).await;
    assert_eq!((&five["recurrence_max_count"], &five["rrule"]), (&json!(5), &json!("FREQ=DAILY")));
    let until =
        change(&ada, task, json!({ "recurrence_end_type": "until", "recurrence_end_date": "2050-02-01T00:00:00Z" }))
            .await;
    assert_eq!((&until["recurrence_end_type"], &until["recurrence_max_count"]), (&json!("until"), &Value::Null));
    let never = change(&ada, task, json!({ "recurrence_end_type": "never" })).await;
    assert_eq!((&never["recurrence_end_type"], &never["recurrence_end_date"]), (&json!("never"), &Value::Null));
    let refused = ada.change_recurring_task(task, json!({ "recurrence_end_date": "2049-01-01" })).await;
    assert_eq!(refused.wrong_fields(), ["recurrence_end_date"]);
}

#[tokio::test]
async fn policies_are_changed_without_scheduling_anew() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = new_fridays(&ada).await;
    let changed = change(&ada, &task, json!({ "on_missed": "all", "overlap": "skip" })).await;
    assert_eq!((&changed["on_missed"], &changed["overlap"]), (&json!("all"), &json!("skip")));
    assert_eq!(told_since(&app, &ada, 2).await, ["task.updated"]);
}

#[tokio::test]
async fn a_series_is_paused_and_resumed() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = new_fridays(&ada).await;
    let paused = change(&ada, &task, json!({ "status": "paused" })).await;
    assert_eq!(
        (&paused["status"], &paused["next_occurrence_at"]),
        (&json!("paused"), &json!("2050-01-07T19:00:00.000000Z"))
    );
    assert_eq!(change(&ada, &task, json!({ "status": "paused" })).await["status"], "paused");
    let resumed = change(&ada, &task, json!({ "status": "active" })).await;
    assert_eq!((&resumed["status"], &resumed["next_occurrence_at"]), (&json!("active"), &paused["next_occurrence_at"]));
    assert_eq!(
        told_since(&app, &ada, 2).await,
        ["task.updated", "task.updated", "task.updated", "recurring.scheduled"]
    );
}

#[tokio::test]
async fn what_falls_due_while_a_series_is_paused_is_not_owed() {
    let app = App::start().await;
    let ada = app.user().await;
    let asked =
        json!({ "title": "x", "rrule": "FREQ=YEARLY", "timezone_iana": "UTC", "starts_at": "1970-01-01T00:00:00" });
    let made = ada.create_recurring_task(asked).await.is(201);
    let task = made["task_id"].as_str().expect("an id");
    change(&ada, task, json!({ "status": "paused" })).await;
    app.arrange(&format!(
        "update recurring_tasks set next_occurrence_at_utc = '2020-01-01T00:00:00Z',
            next_occurrence_local = '2020-01-01T00:00:00', next_occurrence_number = 51
         where task_id = '{task}'"
    ))
    .await;
    assert_eq!(
        change(&ada, task, json!({ "status": "active" })).await["next_occurrence_at"],
        made["next_occurrence_at"]
    );
    assert_eq!(ada.task_instances(task).await.is(200)["total"], 0);
}

#[tokio::test]
async fn what_fell_due_before_a_new_rule_or_a_pause_is_made_before_it() {
    let app = App::start().await;
    let ada = app.user().await;
    for patch in [json!({ "rrule": "FREQ=MONTHLY" }), json!({ "status": "paused" })] {
        let asked =
            json!({ "title": "x", "rrule": "FREQ=YEARLY", "timezone_iana": "UTC", "starts_at": "1970-01-01T00:00:00" });
        let made = ada.create_recurring_task(asked).await.is(201);
        let task = made["task_id"].as_str().expect("an id");
        app.arrange(&format!(
            "update recurring_tasks set next_occurrence_at_utc = '2024-01-01T00:00:00Z',
                next_occurrence_local = '2024-01-01T00:00:00', next_occurrence_number = 55
             where task_id = '{task}'"
        ))
        .await;
        change(&ada, task, patch).await;
        let instances = ada.task_instances(task).await.is(200);
        let statuses = instances.pick("instances", "status");
        assert_eq!(statuses[0], "pending", "of several that were missed the latest is to be done");
        assert!(statuses.len() > 1 && statuses[1..].iter().all(|status| status == "missed"), "{statuses:?}");
        assert_eq!(
            instances.pick("instances", "scheduled_for").last().map(String::as_str),
            Some("2024-01-01T00:00:00.000000Z")
        );
    }
}

#[tokio::test]
async fn a_series_with_nothing_left_is_not_resumed_until_its_end_is_changed() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = new_fridays(&ada).await;
    change(&ada, &task, json!({ "status": "paused" })).await;
    app.arrange(&format!(
        "update recurring_tasks set starts_at = '2020-01-01T00:00:00', recurrence_end_type = 'count', recurrence_max_count = 2
         where task_id = '{task}'"
    ))
    .await;
    let resumed = ada.change_recurring_task(&task, json!({ "status": "active" })).await;
    assert_eq!(resumed.wrong_fields(), ["recurrence_max_count"]);
    assert_eq!(ada.recurring_task(&task).await["status"], "paused");
    let longer = json!({ "status": "active", "recurrence_max_count": 5000 });
    assert_eq!(change(&ada, &task, longer).await["status"], "active");
}

#[tokio::test]
async fn values_that_a_series_can_not_have_are_refused_and_nothing_changes() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = new_fridays(&ada).await;
    let before = ada.recurring_task(&task).await.json;
    for (patch, fields) in [
        (json!({ "status": "cancelled" }), vec!["status"]),
        (json!({ "status": "completed", "title": "" }), vec!["title", "status"]),
        (json!({ "rrule": "FREQ=SECONDLY" }), vec!["rrule"]),
        (json!({ "rrule": null }), vec!["rrule"]),
        (json!({ "rrule": "FREQ=DAILY;UNTIL=20490101" }), vec!["rrule"]),
        (json!({ "timezone_iana": "Mars" }), vec!["timezone_iana"]),
        (json!({ "version": 3 }), vec!["version"]),
        (json!({ "next_occurrence_at": "2050-01-01T00:00:00Z" }), vec!["next_occurrence_at"]),
    ] {
        assert_eq!(ada.change_recurring_task(&task, patch.clone()).await.wrong_fields(), fields, "{patch}");
    }
    assert_eq!(ada.recurring_task(&task).await.json, before);
}

#[tokio::test]
async fn a_cancelled_series_keeps_its_history_and_changes_no_more() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = new_fridays(&ada).await;
    app.arrange(&format!(
        "insert into task_instances (id, parent_task_id, user_id, title, priority, scheduled_for_utc, scheduled_for_local)
         select gen_random_uuid(), id, user_id, 'x', 'Low', '2026-01-01Z', '2026-01-01' from recurring_tasks
         where task_id = '{task}'"
    ))
    .await;
    ada.cancel_recurring_task(&task).await.is(204);
    let cancelled = ada.recurring_task(&task).await.is(200);
    assert_eq!((&cancelled["status"], &cancelled["next_occurrence_at"]), (&json!("cancelled"), &Value::Null));
    assert_eq!(ada.task_instances(&task).await.is(200)["total"], 1);
    assert_eq!(ada.task(&task).await.is(200)["series_id"], cancelled["series_id"]);
    ada.cancel_recurring_task(&task).await.is(204);
    assert_eq!(told_since(&app, &ada, 2).await, ["recurring.cancelled"]);
    for patch in [json!({ "status": "active" }), json!({ "status": "paused" }), json!({ "rrule": "FREQ=DAILY" })] {
        ada.change_recurring_task(&task, patch).await.is(409);
    }
}

#[tokio::test]
async fn a_completed_series_is_neither_resumed_nor_cancelled() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = new_fridays(&ada).await;
    complete(&app, &task).await;
    ada.change_recurring_task(&task, json!({ "status": "active" })).await.is(409);
    ada.cancel_recurring_task(&task).await.is(409);
    assert_eq!(ada.recurring_task(&task).await["status"], "completed");
}

#[tokio::test]
async fn whoever_deletes_the_template_cancels_the_series() {
    let app = App::start().await;
    let ada = app.user().await;
    let (one, other, ended) = (new_fridays(&ada).await, new_fridays(&ada).await, new_fridays(&ada).await);
    complete(&app, &ended).await;
    ada.delete_task(&one).await.is(204);
    ada.change_tasks(json!({ "ids": [other, ended], "action": "delete" })).await.is(200);
    for task in [&one, &other, &ended] {
        ada.recurring_task(task).await.is(404);
    }
    let told = app.told(&ada).await;
    let after: Vec<(&str, &Value)> = told[6..].iter().map(|(kind, data)| (kind.as_str(), &data["task_id"])).collect();
    let (one, other, ended) = (json!(one), json!(other), json!(ended));
    assert_eq!(
        after,
        [
            ("recurring.cancelled", &one),
            ("task.deleted", &one),
            ("recurring.cancelled", &other),
            ("task.deleted", &other),
            ("task.deleted", &ended),
        ]
    );
}

#[tokio::test]
async fn if_match_guards_a_series_by_the_version_of_its_template() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = new_fridays(&ada).await;
    let change = |tag: &str, patch: Value| ada.change_recurring_task(&task, patch).header("if-match", tag);
    change("\"1\"", json!({ "overlap": "skip" })).await.is(200);
    change("\"1\"", json!({ "overlap": "create" })).await.is(412);
    change("\"1\"", json!({})).await.is(412);
    assert_eq!(change("\"2\"", json!({})).await.is(200)["overlap"], "skip");
    ada.cancel_recurring_task(&task).header("if-match", "\"1\"").await.is(412);
    ada.cancel_recurring_task(&task).header("if-match", "\"2\"").await.is(204);
}

#[tokio::test]
async fn changes_at_once_all_count() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = new_fridays(&ada).await;
    let calls = [
        json!({ "title": "Show the deck" }),
        json!({ "timezone_iana": "Asia/Tokyo" }),
        json!({ "overlap": "skip" }),
        json!({ "rrule": "FREQ=WEEKLY;BYDAY=MO;BYHOUR=14" }),
    ]
    .map(|patch| tokio::spawn(ada.change_recurring_task(&task, patch).into_future()));
    for call in calls {
        call.await.expect("an answer").is(200);
    }
    let series = ada.recurring_task(&task).await.is(200);
    assert_eq!((&series["task"]["title"], &series["overlap"]), (&json!("Show the deck"), &json!("skip")));
    assert_eq!(series["next_occurrence_at"], "2050-01-03T05:00:00.000000Z");
    assert_eq!(series["task"]["version"], 5);
}
