//! `GET /api/tasks/export?format=ical` and `POST /api/tasks/import` of `text/calendar`: to-dos out, and in again.

use serde_json::{Value, json};
use support::{App, Reply, User};

const CALENDAR: &str = "text/calendar";

/// Tasks and series with all that is hard to carry, and instances that were settled and missed.
async fn difficult_tasks(app: &App, user: &User) {
    let tasks = [
        json!({ "title": "plain" }),
        json!({ "title": "says \"hi\", twice; 🙂 עברית", "description": "one\ntwo, \\n", "tags": ["a b", "c"] }),
        json!({ "title": "due", "priority": "High", "due_at": "2026-12-01T09:00:00+05:30", "status": "completed" }),
        json!({ "title": "in progress", "priority": "Low", "status": "in_progress", "description": "x".repeat(500) }),
    ];
    for task in tasks {
        user.create_task(task).await.is(201);
    }
    let series = json!({
        "title": "rent", "rrule": "FREQ=MONTHLY;BYMONTHDAY=-1", "timezone_iana": "Europe/Berlin",
        "starts_at": "2026-01-15T09:00:00", "recurrence_end_type": "count", "recurrence_max_count": 100,
        "exdates": ["2026-02-28T09:00:00"], "rdates": ["2027-01-01T10:00:00"], "gap": "skip", "on_missed": "all", "tags": ["home"],
    });
    let rent = user.create_recurring_task(series).await.is(201);
    let paused = json!({ "title": "paused", "rrule": "FREQ=HOURLY", "timezone_iana": "UTC", "overlap": "skip" });
    let paused = user.create_recurring_task(paused).await.is(201);
    user.change_recurring_task(paused["task_id"].as_str().expect("an id"), json!({ "status": "paused" })).await.is(200);
    let cancelled = json!({ "title": "cancelled", "rrule": "FREQ=DAILY", "timezone_iana": "Asia/Kathmandu" });
    let cancelled = user.create_recurring_task(cancelled).await.is(201);
    user.cancel_recurring_task(cancelled["task_id"].as_str().expect("an id")).await.is(204);
    app.arrange(&format!(
        "insert into task_instances (id, parent_task_id, user_id, title, priority, scheduled_for_utc, scheduled_for_local, status, completed_at)
         select gen_random_uuid(), '{}', '{}', 'rent', 'Medium', local at time zone 'Europe/Berlin', local, status, done
         from (values
            (timestamp '2026-01-31 09:00', 'completed', timestamptz '2026-02-01 10:00Z'),
            ('2026-03-31 09:00', 'skipped', null), ('2026-04-30 09:00', 'missed', null), ('2026-05-31 09:00', 'pending', null)
         ) as made (local, status, done)",
        rent["id"].as_str().expect("an id"),
        user.id,
    ))
    .await;
}

async fn export(user: &User) -> String {
    user.export("ical").await.is(200).text()
}

/// What an export says, without ids and what an import makes anew: to-do by to-do, in an order of their own.
fn essence(calendar: &str) -> Vec<String> {
    let anew = ["UID:", "DTSTAMP:", "LAST-MODIFIED:", "SEQUENCE:"];
    let kept = |todo: &str| {
        let lines = todo.lines().filter(|line| !anew.iter().any(|name| line.starts_with(name)));
        lines.map(|line| format!("{line}\n")).collect::<String>()
    };
    let mut todos: Vec<String> =
        calendar.split("BEGIN:VTODO").map(|todo| kept(todo.trim_end_matches("END:VCALENDAR\r\n"))).collect();
    todos.sort();
    todos
}

async fn import(user: &User, calendar: impl Into<bytes::Bytes>) -> Value {
    user.import(CALENDAR, calendar).await.is(200).json
}

fn calendar(todos: &str) -> String {
    format!("BEGIN:VCALENDAR\nVERSION:2.0\n{todos}\nEND:VCALENDAR\n")
}

#[tokio::test]
async fn tasks_and_series_come_back_from_a_calendar_as_they_went_out() {
    let app = App::start().await;
    let (ada, eve) = (app.user().await, app.user().await);
    difficult_tasks(&app, &ada).await;
    let exported = ada.export("ical").await.is(200);
    assert_eq!(exported.header("content-type"), "text/calendar; charset=utf-8");
    assert_eq!(exported.header("content-disposition"), "attachment; filename=\"rondo-tasks.ics\"");
    let exported = exported.text();
    assert_eq!(exported.matches("BEGIN:VTODO").count(), 11, "{exported}");

    assert_eq!(import(&ada, exported.clone()).await, json!({ "created": 0, "skipped": 7 }));
    assert_eq!(import(&eve, exported.clone()).await, json!({ "created": 7, "skipped": 0 }));
    let copy = export(&eve).await;
    assert_eq!(essence(&copy), essence(&exported));
    assert_eq!(
        import(&eve, exported).await,
        json!({ "created": 0, "skipped": 7 }),
        "what came before is known by its UID"
    );
    assert_eq!(import(&eve, copy).await, json!({ "created": 0, "skipped": 7 }));
    let settled = "select count(distinct status) from task_instances where user_id::text = $1";
    let made = "select count(*) from task_instances where user_id::text = $1";
    for user in [&ada, &eve] {
        assert_eq!((app.count_of(made, &user.id).await, app.count_of(settled, &user.id).await), (4, 4));
    }
}

#[tokio::test]
async fn an_imported_series_is_like_one_that_was_made_and_is_told_with_its_task() {
    let app = App::start().await;
    let ada = app.user().await;
    let file = calendar(
        "BEGIN:VTODO\nUID:standup@example.com\nSUMMARY:Standup\nDTSTART;TZID=America/New_York:20260105T093000\n\
         RRULE:FREQ=WEEKLY;BYDAY=MO,WE\nCATEGORIES:Work\nPRIORITY:1\nEND:VTODO\n\
         BEGIN:VTODO\nUID:old@example.com\nSUMMARY:Over\nDTSTART:20200101T090000Z\nRRULE:FREQ=DAILY;COUNT=3\nEND:VTODO",
    );
    assert_eq!(import(&ada, file).await, json!({ "created": 2, "skipped": 0 }));
    let listed = ada.recurring_tasks().query("status", "active").await.is(200);
    let series = &listed["recurring_tasks"][0];
    assert_eq!(
        (&series["timezone_iana"], &series["starts_at"]),
        (&json!("America/New_York"), &json!("2026-01-05T09:30:00"))
    );
    assert_eq!((&series["task"]["title"], &series["task"]["tags"]), (&json!("Standup"), &json!(["work"])));
    assert!(
        series["next_occurrence_at"].is_string() && series["summary"].as_str().is_some_and(|words| !words.is_empty())
    );
    assert_eq!(series["series_id"], series["task"]["series_id"]);
    assert_eq!(ada.recurring_tasks().query("status", "completed").await.is(200)["total"], 1);
    assert_eq!(app.kinds_told(&ada).await, ["task.created", "recurring.scheduled", "task.created"]);
}

#[tokio::test]
async fn a_to_do_is_known_again_by_its_uid_whatever_that_is_and_by_each_for_themselves() {
    let app = App::start().await;
    let (ada, eve) = (app.user().await, app.user().await);
    let file = calendar(
        "BEGIN:VTODO\nUID:a@example.com\nSUMMARY:one\nEND:VTODO\nBEGIN:VTODO\nUID:a@example.com\nSUMMARY:again\nEND:VTODO",
    );
    for user in [&ada, &eve] {
        assert_eq!(import(user, file.clone()).await, json!({ "created": 1, "skipped": 1 }));
        assert_eq!(import(user, file.clone()).await, json!({ "created": 0, "skipped": 2 }));
        assert_eq!(user.tasks().await.pick("tasks", "title"), ["one"]);
    }
    let nameless = calendar("BEGIN:VTODO\nSUMMARY:x\nEND:VTODO");
    for _ in 0..2 {
        assert_eq!(import(&ada, nameless.clone()).await["created"], 1);
    }
}

#[tokio::test]
async fn times_without_a_zone_are_of_whom_they_belong_to() {
    let app = App::start().await;
    let ada = app.user().await;
    ada.change_profile(json!({ "timezone": "Asia/Tokyo" })).await.is(200);
    import(&ada, calendar("BEGIN:VTODO\nSUMMARY:x\nDUE:20261201T090000\nEND:VTODO")).await;
    assert_eq!(ada.tasks().await["tasks"][0]["due_at"], "2026-12-01T00:00:00.000000Z");
}

#[tokio::test]
async fn what_is_wrong_with_a_calendar_is_named_by_to_do_and_property_and_nothing_is_imported() {
    let app = App::start().await;
    let ada = app.user().await;
    let file = calendar(
        "BEGIN:VTODO\nSUMMARY:fine\nEND:VTODO\nBEGIN:VTODO\nSUMMARY:x\nDUE;TZID=Nowhere Standard Time:20261201T090000\nEND:VTODO\n\
         BEGIN:VTODO\nSUMMARY:\nDTSTART:20261201T090000Z\nRRULE:FREQ=SECONDLY\nEND:VTODO",
    );
    let wrong = ada.import(CALENDAR, file).await;
    let message = wrong["errors"][0]["message"].as_str().expect("a message");
    assert!(message.contains("Nowhere Standard Time") && message.contains("(line 8)"), "{message}");
    assert_eq!(wrong.wrong_fields(), ["todos.2.DUE", "todos.3.SUMMARY", "todos.3.RRULE"]);
    for unreadable in ["", "BEGIN:VTODO\nEND:VTODO\n", "BEGIN:VCALENDAR\nBEGIN:VTODO\nEND:VCALENDAR\n"] {
        ada.import(CALENDAR, unreadable).await.is(400);
    }
    ada.import(CALENDAR, vec![0xff, 0xfe]).await.is(400);
    let many = calendar(&"BEGIN:VTODO\nSUMMARY:x\nEND:VTODO\n".repeat(1_001));
    assert_eq!(ada.import(CALENDAR, many).await.wrong_fields(), ["todos"]);
    assert_eq!(ada.tasks().await["total"], 0);
    assert!(app.told(&ada).await.is_empty());
}

#[tokio::test]
async fn an_export_is_what_is_accepted_where_no_format_is_named() {
    let app = App::start().await;
    let ada = app.user().await;
    ada.new_task("x").await;
    let accepting = async |accept: &str| -> Reply { ada.call("exportTasks").header("accept", accept).await.is(200) };
    for (accept, given) in [
        ("text/calendar", "text/calendar; charset=utf-8"),
        ("text/html, text/csv;q=0.9", "text/csv; charset=utf-8"),
        ("*/*", "application/json"),
    ] {
        assert_eq!(accepting(accept).await.header("content-type"), given, "{accept}");
    }
    assert_eq!(ada.export("json").header("accept", CALENDAR).await.is(200).header("content-type"), "application/json");
}
