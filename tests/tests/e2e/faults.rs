//! What is kept when something breaks: the database, the sidecar, a component at any of its calls to the world.

mod trap;

use std::sync::Arc;
use std::time::Duration;

use rondo_runtime::Limits;
use serde_json::{Value, json};
use support::openapi::operations;
use support::{App, Call, Client, Reply, Setup, User, eventually, postgres};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use self::trap::{Moment, Traps};

/// All events of the outbox are with the broker, each under one id, and none that nobody wrote.
async fn every_event_is_published_once_in_effect(app: &App) {
    eventually("the outbox is published", async || {
        (app.count("select count(*) from outbox where published_at is null").await == 0).then_some(())
    })
    .await;
    app.each_event_is_published_as_it_was_written(&["task-events", "task-updates"]).await;
}

/// Each task was told of as created, once; each completed one as completed, once.
async fn every_change_has_its_event(app: &App) {
    let wrong = "
        select count(*) from tasks where 1 <> (
            select count(*) from outbox where task_id = tasks.id and event_type = 'task.created'
        ) or (case status when 'completed' then 1 else 0 end) <> (
            select count(*) from outbox where task_id = tasks.id and event_type = 'task.status_changed'
        )";
    assert_eq!(app.count(wrong).await, 0);
}

/// Publishes what somebody left who died.
async fn sweep(app: &App) {
    end_leases(app).await;
    app.deliver("backend", "/job/outbox-sweep", "{}").await.is(204);
}

async fn consumer_took_note(app: &App) {
    let missing = "
        select count(*) from outbox where topic = 'task-updates' and 1 <> (
            select count(*) from processed_event_logs where processed_event_logs.event_id = outbox.event_id::text
        )";
    eventually("the consumer took note", async || (app.count(missing).await == 0).then_some(())).await;
}

#[tokio::test]
async fn a_component_that_dies_at_any_call_of_a_change_loses_and_doubles_nothing() {
    let traps = Arc::new(Traps::default());
    let app = App::with(Setup { imports: traps.clone(), ..Setup::default() }).await;
    let (ada, eve) = (app.user().await, app.user().await);
    let calls = calls_of_a_creation(&app, &traps, &ada).await;
    assert!(calls >= 3, "a statement, a publication and its confirmation, not {calls} calls");
    for index in 0..calls {
        for moment in [Moment::Before, Moment::After] {
            die_in_a_creation_and_a_completion(&app, &traps, &ada, index, moment).await;
            // The next write is kept: another session sees it.
            let next = eve.new_task("next").await.id();
            assert_eq!(app.sql("select from tasks where id::text = $1", &[&next]).await.len(), 1, "{moment:?} {index}");
        }
    }
    sweep(&app).await;
    every_event_is_published_once_in_effect(&app).await;
    every_change_has_its_event(&app).await;
    consumer_took_note(&app).await;
    let doubled = "select count(*) - count(distinct title) from tasks where title <> 'next'";
    assert_eq!(app.count(doubled).await, 0);
}

/// How many calls to the world a creation makes, what it does after its answer included.
async fn calls_of_a_creation(app: &App, traps: &Traps, user: &User) -> u32 {
    user.create_task(json!({ "title": "measured" })).header("x-request-id", "measured").await.is(201);
    eventually("the relay is over", async || {
        (app.count("select count(*) from event_sequences where relay_by is not null").await == 0).then_some(())
    })
    .await;
    traps.calls("measured")
}

/// Creates and completes a task by components that die at this call; who is not answered asks again.
async fn die_in_a_creation_and_a_completion(app: &App, traps: &Traps, user: &User, index: u32, moment: Moment) {
    let name = format!("{moment:?}-{index}");
    let (creation, completion) = (format!("create-{name}"), format!("complete-{name}"));
    traps.set(&creation, index, moment);
    traps.set(&completion, index, moment);
    let create = user.create_task(json!({ "title": name })).header("idempotency-key", &name);
    let task = persist(create, &creation, 201).await;
    traps.sprung(&creation).await;
    end_leases(app).await;
    persist(user.complete_task(&task.id()), &completion, 200).await;
    traps.sprung(&completion).await;
    end_leases(app).await;
}

/// Sends a request under an id; if its component died before it answered, sends it again.
async fn persist(call: Call, id: &str, status: u16) -> Reply {
    let first = call.clone().header("x-request-id", id).attempt().await.expect("an answer");
    if first.status == status {
        return first;
    }
    first.is(500);
    call.await.is(status)
}

/// Lets the leases of those who died run out.
async fn end_leases(app: &App) {
    app.arrange("update event_sequences set relay_until = now() where relay_until is not null").await;
}

#[tokio::test]
async fn changes_are_taken_while_the_sidecar_is_away_and_told_when_it_is_back() {
    let app = App::start().await;
    let ada = app.user().await;
    app.stranger().call("getReadiness").await.is(200);
    app.kill_sidecar();
    let mut tasks = Vec::new();
    for n in 0..5 {
        tasks.push(ada.new_task(&format!("task {n}")).await.id());
    }
    ada.complete_task(&tasks[0]).await.is(200);
    assert_eq!(app.count("select count(*) from outbox where published_at is null").await, 7);
    app.start_sidecar().await;
    // Nobody asks for it: the sweep's job comes by itself.
    every_event_is_published_once_in_effect(&app).await;
    consumer_took_note(&app).await;
}

#[tokio::test]
async fn a_change_is_told_even_when_the_sidecar_goes_in_the_middle_of_many() {
    let app = App::start().await;
    let ada = app.user().await;
    let writers: Vec<_> =
        (0..30).map(|n| tokio::spawn(ada.create_task(json!({ "title": format!("task {n}") })).into_future())).collect();
    app.kill_sidecar();
    for writer in writers {
        writer.await.expect("an answer").is(201);
    }
    app.start_sidecar().await;
    eventually("the sweep has published all", async || {
        sweep(&app).await;
        (app.count("select count(*) from outbox where published_at is null").await == 0).then_some(())
    })
    .await;
    every_event_is_published_once_in_effect(&app).await;
}

#[tokio::test]
async fn what_was_acknowledged_before_postgres_stopped_is_there_after_it_started_again() {
    let server = postgres::start("e2e-restarted-postgres").await;
    server.drop_database("e2e_restarted").await.expect("dropped");
    let urls = server.create_database("e2e_restarted", None).await.expect("a database");
    postgres::prepare(&urls).await;
    let app = App::with(Setup { database: Some(urls), ..Setup::default() }).await;
    let ada = app.user().await;
    app.stranger().call("getReadiness").await.is(200);

    let writers: Vec<_> = (0..4).map(|n| tokio::spawn(write_until_refused(Client::clone(&ada), n))).collect();
    eventually("some were written", async || (app.count("select count(*) from tasks").await >= 20).then_some(())).await;
    server.stop().await.expect("stopped");
    let mut acknowledged = Vec::new();
    for writer in writers {
        acknowledged.extend(writer.await.expect("a writer"));
    }
    ada.tasks().await.is(503);
    app.stranger().call("getReadiness").await.is(503);

    let server = postgres::start("e2e-restarted-postgres").await;
    app.gate().lead_to(server.port());
    let again = |n: usize| ada.create_task(json!({ "title": format!("after {n}") })).attempt();
    eventually("it is taken again", async || again(0).await.ok().filter(|reply| reply.status == 201)).await;
    for task in &acknowledged {
        ada.task(task).await.is(200);
    }
    every_event_is_published_once_in_effect(&app).await;
    every_change_has_its_event(&app).await;
    server.stop().await.expect("stopped");
}

#[tokio::test]
async fn a_connection_that_breaks_under_a_statement_is_no_error_of_ours() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.new_task("x").await.id();
    app.arrange(
        "create function take_long() returns trigger language plpgsql as $$
         begin perform pg_advisory_xact_lock(4711), pg_sleep(60); return new; end $$;
         create trigger takes_long before update on tasks for each row execute function take_long()",
    )
    .await;
    let completing = tokio::spawn(ada.complete_task(&task).attempt());
    let running = "select count(*) from pg_locks where locktype = 'advisory' and objid = 4711
        and database = (select oid from pg_database where datname = current_database())";
    eventually("the statement runs", async || (app.count(running).await == 1).then_some(())).await;
    app.gate().close();
    completing.await.expect("no panic").expect("an answer").is(503);
}

/// Creates tasks until one is not created; the ids of those that were.
async fn write_until_refused(client: Client, writer: usize) -> Vec<String> {
    let mut made = Vec::new();
    loop {
        match client.create_task(json!({ "title": format!("{writer}/{}", made.len()) })).attempt().await {
            Ok(reply) if reply.status == 201 => made.push(reply.id()),
            Ok(reply) => {
                assert_eq!(reply.status, 503, "{}", reply.text());
                return made;
            }
            Err(broken) => panic!("{broken}"),
        }
    }
}

#[tokio::test]
async fn every_operation_says_when_the_database_is_away_and_works_again_when_it_is_back() {
    let app = App::start().await;
    let ada = app.user().await;
    let task = ada.create_task(json!({ "title": "x", "tags": ["t"] })).await.is(201).id();
    app.gate().close();
    for operation in operations() {
        let call = ada.call(&operation.id).path("id", &task).path("task_id", &task);
        let call = match sample_body(&operation.id) {
            Some(body) => call.json(body),
            None => call,
        };
        match operation.id.as_str() {
            "getHealth" | "getOpenApi" | "getPushKey" | "previewRecurrence" => drop(call.await.is(200)),
            "getReadiness" => drop(call.await.is(503)),
            _ => {
                let away = call.await.is(503);
                assert_eq!(away.header("retry-after"), "1", "{}", operation.id);
                assert!(!away.text().contains("127.0.0.1"), "{}", away.text());
            }
        }
    }
    app.gate().open();
    eventually("it works again", async || {
        let reply = ada.task(&task).attempt().await.expect("an answer");
        (reply.status == 200).then_some(())
    })
    .await;
}

/// A body that the operation takes.
fn sample_body(operation: &str) -> Option<Value> {
    let credentials = json!({ "email": "ada@example.com", "password": "correct horse" });
    Some(match operation {
        "register" | "login" => credentials,
        "refreshSession" | "logout" => json!({ "refresh_token": "x" }),
        "changeProfile" => json!({ "name": "x" }),
        "createApiToken" | "renameTag" => json!({ "name": "x" }),
        "createTask" | "changeTask" | "changeRecurringTask" => json!({ "title": "x" }),
        "createRecurringTask" => json!({ "title": "x", "rrule": "FREQ=DAILY", "timezone_iana": "UTC" }),
        "previewRecurrence" => json!({ "rrule": "FREQ=DAILY", "timezone_iana": "UTC" }),
        "changeTasks" => json!({ "ids": ["0199a0b0-0000-7000-8000-000000000000"], "action": "complete" }),
        "importTasks" => json!({ "tasks": [{ "title": "x" }] }),
        "createReminder" => {
            json!({ "task_id": "0199a0b0-0000-7000-8000-000000000000", "scheduled_for": "2999-01-01T00:00:00Z" })
        }
        "snoozeReminder" => json!({ "minutes": 5 }),
        "changeNotificationSettings" => json!({ "quiet_hours": null }),
        "setWebhook" => json!({ "url": "https://example.com" }),
        "createPushSubscription" => super::notification_settings::subscription("https://push.example.com"),
        _ => return None,
    })
}

/// Begins a request and never ends it.
async fn half_a_request(app: &App, user: &Client) -> TcpStream {
    let mut socket = TcpStream::connect(app.address()).await.expect("a connection");
    let token = user.token().expect("somebody signed in");
    let head = format!(
        "POST /api/tasks HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: application/json\r\n\
         content-length: 100\r\n\r\n{{\"title\""
    );
    socket.write_all(head.as_bytes()).await.expect("sent");
    socket
}

#[tokio::test]
async fn requests_that_never_end_harm_nobody_and_are_ended() {
    let limits = Limits { request_time: Duration::from_secs(2), instances: 65, ..Limits::default() };
    let app = App::with(Setup { limits, ..Setup::default() }).await;
    let (ada, eve) = (app.user().await, app.user().await);
    let mut halves = Vec::new();
    for _ in 0..40 {
        halves.push(half_a_request(&app, &eve).await);
    }
    for n in 0..10 {
        ada.new_task(&format!("task {n}")).await;
    }
    for mut half in halves {
        let mut said = Vec::new();
        let read = tokio::time::timeout(support::PATIENCE, half.read_to_end(&mut said));
        read.await.expect("it is ended").expect("an answer");
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(said.is_empty() || said.starts_with("HTTP/1.1 504") || said.starts_with("HTTP/1.1 4"), "{said}");
    }
    assert_eq!(eve.tasks().await.is(200)["total"], 0);
}

#[tokio::test]
async fn more_requests_than_there_is_room_for_are_told_to_come_back() {
    let limits = Limits { instances: 2, ..Limits::default() };
    let app = App::with(Setup { limits, sidecar: false, ..Setup::default() }).await;
    let ada = app.user().await;
    let halves = (half_a_request(&app, &ada).await, half_a_request(&app, &ada).await);
    let busy = eventually("there is no room", async || {
        let reply = ada.tasks().attempt().await.expect("an answer");
        (reply.status == 503).then_some(reply)
    })
    .await;
    assert_eq!(busy.header("retry-after"), "1");
    drop(halves);
    eventually("there is room again", async || {
        let reply: Reply = ada.tasks().attempt().await.expect("an answer");
        (reply.status == 200).then_some(())
    })
    .await;
}
