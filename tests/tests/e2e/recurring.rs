//! `/api/tasks/recurring`: series made, shown and listed. What lies in 2050 is in the future for a while.

use http::Method;
use serde_json::{Value, json};
use support::{App, User};

/// Fridays at 14:00 in New York, from 2050 on.
pub fn fridays() -> Value {
    json!({
        "title": "Prepare the deck",
        "rrule": "FREQ=WEEKLY;BYDAY=FR;BYHOUR=14",
        "timezone_iana": "America/New_York",
        "starts_at": "2050-01-01T09:00:00",
    })
}

/// Those Fridays with other fields.
pub fn fridays_with(fields: Value) -> Value {
    let mut body = fridays();
    for (name, value) in fields.as_object().expect("fields") {
        body[name] = value.clone();
    }
    body
}

/// Makes those Fridays; the id of the template.
pub async fn new_fridays(user: &User) -> String {
    let made = user.create_recurring_task(fridays()).await.is(201);
    made["task_id"].as_str().expect("an id").to_owned()
}

#[tokio::test]
async fn a_recurring_task_is_made_with_its_template_and_its_next_occurrence() {
    let app = App::start().await;
    let ada = app.user().await;
    let asked = fridays_with(json!({ "priority": "High", "tags": ["Work", "q1"], "description": "ten slides" }));
    let made = ada.create_recurring_task(asked).await.is(201);
    assert_eq!(made["rrule"], "FREQ=WEEKLY;BYDAY=FR;BYHOUR=14");
    assert_eq!(made["timezone_iana"], "America/New_York");
    assert_eq!(made["starts_at"], "2050-01-01T09:00:00");
    assert_eq!((&made["recurrence_end_type"], &made["recurrence_max_count"]), (&json!("never"), &Value::Null));
    assert_eq!(made["recurrence_end_date"], Value::Null);
    assert_eq!(
        (&made["gap"], &made["on_missed"], &made["overlap"]),
        (&json!("shift"), &json!("latest"), &json!("create"))
    );
    assert_eq!((&made["exdates"], &made["rdates"]), (&json!([]), &json!([])));
    assert_eq!(made["status"], "active");
    assert_eq!(made["next_occurrence_at"], "2050-01-07T19:00:00.000000Z");
    assert_eq!((&made["current_instance_index"], &made["total_occurrences_executed"]), (&json!(0), &json!(0)));
    assert!(made["summary"].as_str().is_some_and(|summary| summary.contains("Friday") && summary.contains("14:00")));

    let template = &made["task"];
    assert_eq!((&template["id"], &template["series_id"]), (&made["task_id"], &made["series_id"]));
    assert_eq!((&template["priority"], &template["tags"]), (&json!("High"), &json!(["q1", "work"])));
    assert_eq!((&template["description"], &template["status"]), (&json!("ten slides"), &json!("pending")));

    let id = made["task_id"].as_str().expect("an id");
    assert_eq!(made.header("location"), format!("/api/tasks/recurring/{id}"));
    assert_eq!(made.header("etag"), "\"1\"");
    let shown = ada.recurring_task(id).await.is(200);
    assert_eq!((&shown.json, shown.header("etag")), (&made.json, "\"1\""));
    assert_eq!(ada.task(id).await.is(200).json, *template);
}

#[tokio::test]
async fn the_task_and_its_series_are_told_of_together() {
    let app = App::start().await;
    let ada = app.user().await;
    let mut stream = ada.stream(None).await;
    assert_eq!(stream.comment().await, "connected");
    let made = ada.create_recurring_task(fridays_with(json!({ "recurrence_max_count": 3 }))).await.is(201);
    assert_eq!(stream.event().await.1, "task.created");
    let told = app.told(&ada).await;
    assert_eq!(told.iter().map(|(kind, _)| kind.as_str()).collect::<Vec<_>>(), ["task.created", "recurring.scheduled"]);
    assert_eq!(told[0].1["task"], made["task"]);
    let scheduled = &told[1].1;
    assert_eq!((&scheduled["task_id"], &scheduled["user_id"]), (&made["task_id"], &json!(ada.id)));
    assert_eq!((&scheduled["recurring_task_id"], &scheduled["series_id"]), (&made["id"], &made["series_id"]));
    assert_eq!((&scheduled["rrule"], &scheduled["timezone_iana"]), (&made["rrule"], &made["timezone_iana"]));
    assert_eq!(scheduled["next_occurrence_at"], made["next_occurrence_at"]);
    assert_eq!(scheduled["ends"], json!({ "type": "count", "max_count": 3, "end_date": null }));
}

#[tokio::test]
async fn a_start_with_an_offset_is_turned_into_the_clock_of_the_zone() {
    let app = App::start().await;
    let ada = app.user().await;
    let asked = json!({
        "title": "x", "rrule": "FREQ=DAILY", "timezone_iana": "europe/berlin", "starts_at": "2050-06-01T09:00:00+00:00",
    });
    let made = ada.create_recurring_task(asked).await.is(201);
    assert_eq!((&made["starts_at"], &made["timezone_iana"]), (&json!("2050-06-01T11:00:00"), &json!("Europe/Berlin")));
    assert_eq!(made["next_occurrence_at"], "2050-06-01T09:00:00.000000Z");
}

#[tokio::test]
async fn a_series_that_began_long_ago_waits_for_what_is_next() {
    let app = App::start().await;
    let ada = app.user().await;
    let asked = json!({
        "title": "x", "rrule": "FREQ=YEARLY;UNTIL=20500101", "timezone_iana": "UTC", "starts_at": "1970-01-01T00:00:00",
    });
    let made = ada.create_recurring_task(asked).await.is(201);
    let next: jiff::Timestamp = made["next_occurrence_at"].as_str().expect("a time").parse().expect("a time");
    let now = jiff::Timestamp::now();
    assert!(now < next && next < now + jiff::SignedDuration::from_hours(366 * 24), "{next}");
}

#[tokio::test]
async fn an_end_is_the_same_wherever_it_is_said() {
    let app = App::start().await;
    let ada = app.user().await;
    let ends = async |fields: Value| {
        let made = ada.create_recurring_task(fridays_with(fields)).await.is(201);
        (made["recurrence_end_type"].clone(), made["recurrence_max_count"].clone(), made["recurrence_end_date"].clone())
    };
    let three = (json!("count"), json!(3), Value::Null);
    let counted = "FREQ=WEEKLY;BYDAY=FR;COUNT=3";
    assert_eq!(ends(json!({ "rrule": counted })).await, three);
    assert_eq!(ends(json!({ "recurrence_max_count": 3 })).await, three);
    assert_eq!(
        ends(json!({ "rrule": counted, "recurrence_end_type": "count", "recurrence_max_count": 3 })).await,
        three
    );
    // New York's year ends five hours later than Greenwich's.
    let year = (json!("until"), Value::Null, json!("2051-01-01T04:59:59.000000Z"));
    assert_eq!(ends(json!({ "rrule": "FREQ=WEEKLY;UNTIL=20501231" })).await, year);
    assert_eq!(ends(json!({ "recurrence_end_type": "until", "recurrence_end_date": "2050-12-31" })).await, year);
    assert_eq!(ends(json!({ "recurrence_end_date": "2051-01-01T05:59:59+01:00" })).await, year);
    assert_eq!(ends(json!({ "recurrence_end_type": "never" })).await, (json!("never"), Value::Null, Value::Null));
}

#[tokio::test]
async fn what_makes_no_series_is_refused_by_field_and_part() {
    let app = App::start().await;
    let ada = app.user().await;
    for (fields, field, part) in [
        (json!({ "rrule": "every friday" }), "rrule", "FREQ"),
        (json!({ "rrule": "FREQ=SECONDLY" }), "rrule", "FREQ"),
        (json!({ "rrule": "FREQ=DAILY;INTERVAL=0" }), "rrule", "INTERVAL"),
        (json!({ "rrule": "FREQ=WEEKLY;BYDAY=2MO" }), "rrule", "BYDAY"),
        (json!({ "rrule": "FREQ=DAILY;COUNT=2;UNTIL=20500101" }), "rrule", "COUNT"),
        (json!({ "rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30" }), "rrule", "BYMONTHDAY"),
        (json!({ "rrule": format!("FREQ=DAILY;BYHOUR={}", ["9"; 300].join(",")) }), "rrule", "512"),
        (json!({ "rrule": "FREQ=DAILY;COUNT=2", "starts_at": "2020-01-01T00:00:00" }), "rrule", "future"),
        (json!({ "recurrence_max_count": 2, "starts_at": "2020-01-01T00:00:00" }), "recurrence_max_count", "future"),
        (json!({ "recurrence_end_date": "2020-01-01" }), "recurrence_end_date", "UNTIL"),
        (json!({ "rrule": "FREQ=DAILY;COUNT=3", "recurrence_max_count": 4 }), "rrule", "COUNT"),
        (json!({ "recurrence_end_type": "count" }), "recurrence_max_count", "required"),
        (json!({ "recurrence_end_type": "until", "recurrence_max_count": 3 }), "recurrence_max_count", "count"),
        (json!({ "recurrence_max_count": 0 }), "recurrence_max_count", "from 1"),
        (json!({ "recurrence_end_type": "sometime" }), "recurrence_end_type", "never, count or until"),
        (json!({ "timezone_iana": "Mars/Olympus_Mons" }), "timezone_iana", "IANA"),
        (json!({ "starts_at": "2050-01-01" }), "starts_at", "time of day"),
        (json!({ "starts_at": "tomorrow" }), "starts_at", "2026-12-01T09:00:00"),
        (json!({ "starts_at": "0999-01-01T00:00:00" }), "starts_at", "years"),
        (json!({ "gap": "back" }), "gap", "shift or skip"),
        (json!({ "on_missed": "none" }), "on_missed", "latest, all or skip"),
        (json!({ "overlap": "both" }), "overlap", "create or skip"),
        (json!({ "exdates": ["x"] }), "exdates.0", "time"),
        (json!({ "title": " " }), "title", "empty"),
        (json!({ "due_at": "2050-01-01T00:00:00Z" }), "due_at", "not a field"),
        (json!({ "status": "paused" }), "status", "not a field"),
    ] {
        let refused = ada.create_recurring_task(fridays_with(fields.clone())).await.is(422);
        let error = &refused["errors"][0];
        assert_eq!(error["field"], field, "{fields}: {}", refused.text());
        assert!(
            error["message"].as_str().is_some_and(|message| message.contains(part)),
            "{fields}: {}",
            refused.text()
        );
    }
    assert_eq!(ada.create_recurring_task(json!({})).await.wrong_fields(), ["title", "rrule", "timezone_iana"]);
    assert_eq!(ada.tasks().await.is(200)["total"], 0);
}

#[tokio::test]
async fn dates_are_taken_out_and_put_in() {
    let app = App::start().await;
    let ada = app.user().await;
    let asked = fridays_with(
        json!({ "exdates": ["2050-01-07T14:00:00", "2050-01-14T19:00:00Z"], "rdates": ["2050-01-18T10:30:00"] }),
    );
    let made = ada.create_recurring_task(asked).await.is(201);
    assert_eq!(made["exdates"], json!(["2050-01-07T14:00:00", "2050-01-14T14:00:00"]));
    assert_eq!(
        (&made["rdates"], &made["next_occurrence_at"]),
        (&json!(["2050-01-18T10:30:00"]), &json!("2050-01-18T15:30:00.000000Z"))
    );
}

#[tokio::test]
async fn the_same_idempotency_key_makes_one_series() {
    let app = App::start().await;
    let ada = app.user().await;
    let create = |body: Value| ada.create_recurring_task(body).header("idempotency-key", "k");
    let first = create(fridays()).await.is(201);
    let again = create(fridays()).await.is(201);
    assert_eq!((again.json.clone(), again.header("location")), (first.json.clone(), first.header("location")));
    assert_eq!(create(fridays_with(json!({ "title": "other" }))).await.wrong_fields(), ["Idempotency-Key"]);
    assert_eq!((&ada.recurring_tasks().await.is(200)["total"], app.told(&ada).await.len()), (&json!(1), 2));
}

#[tokio::test]
async fn recurring_tasks_are_listed_newest_first_by_status_and_in_pages() {
    let app = App::start().await;
    let ada = app.user().await;
    let mut made = Vec::new();
    for n in 0..5 {
        let title = format!("series {n}");
        made.push(ada.create_recurring_task(fridays_with(json!({ "title": title }))).await.is(201)["task_id"].clone());
    }
    made.reverse();
    let id = |n: usize| made[n].as_str().expect("an id");
    ada.change_recurring_task(id(0), json!({ "status": "paused" })).await.is(200);
    ada.cancel_recurring_task(id(1)).await.is(204);
    let all = ada.recurring_tasks().await.is(200);
    assert_eq!((&all["total"], &all["page"], &all["page_size"]), (&json!(5), &json!(1), &json!(20)));
    assert_eq!(all.pick("recurring_tasks", "task_id"), (0..5).map(id).collect::<Vec<_>>());
    let page = ada.recurring_tasks().query("page", "2").query("page_size", "2").await.is(200);
    assert_eq!(
        (page.pick("recurring_tasks", "task_id"), &page["total"]),
        (vec![id(2).to_owned(), id(3).to_owned()], &json!(5))
    );
    let ended = ada.recurring_tasks().query("status", "paused").query("status", "cancelled").await.is(200);
    assert_eq!(
        (ended.pick("recurring_tasks", "status"), &ended["total"]),
        (vec!["paused".into(), "cancelled".into()], &json!(2))
    );
    assert_eq!(all.json["recurring_tasks"][2], ada.recurring_task(id(2)).await.json);
    assert_eq!(ada.recurring_tasks().query("status", "done").await.wrong_fields(), ["status"]);
    assert_eq!(ada.recurring_tasks().query("page_size", "101").await.wrong_fields(), ["page_size"]);
    assert_eq!(app.user().await.recurring_tasks().await.is(200)["recurring_tasks"], json!([]));
}

#[tokio::test]
async fn someone_elses_series_and_what_is_none_read_as_absent() {
    let app = App::start().await;
    let (ada, eve) = (app.user().await, app.user().await);
    let hers = new_fridays(&ada).await;
    let plain = eve.new_task("no series").await.id();
    for task in [hers.as_str(), plain.as_str(), "not-an-id"] {
        eve.recurring_task(task).await.is(404);
        eve.change_recurring_task(task, json!({ "status": "paused" })).await.is(404);
        eve.change_recurring_task(task, json!({})).await.is(404);
        eve.cancel_recurring_task(task).await.is(404);
        eve.task_instances(task).await.is(404);
        eve.complete_task_instance(task, "0199a0b0-0000-7000-8000-000000000000").await.is(404);
        eve.skip_task_instance(task, "x").await.is(404);
    }
    assert_eq!(ada.recurring_task(&hers).await.is(200)["status"], "active");
}

#[tokio::test]
async fn a_path_below_that_is_none_is_not_found() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = new_fridays(&ada).await;
    for path in ["occurrences", "instances/x", "instances/x/undo"] {
        ada.elsewhere(Method::POST, &format!("/api/tasks/recurring/{task}/{path}")).await.is(404);
    }
}
