//! Ten thousand occurrences while everything goes wrong: components die at any of their calls to the world, callbacks and
//! events are doubled, reordered and dropped, the scheduler is emptied. In the end there is what the engine says, each once.
//!
//! Everything is drawn from a seed; a failure names it.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rondo_domain::ids::UserId;
use rondo_domain::series::{Schedule, ScheduleChange, WrittenRule};
use rondo_domain::time::Moment;
use rondo_domain::user::ZoneName;
use serde_json::json;
use support::clock::DrivenClock;
use support::mortality::{Mortality, fate};
use support::people::access_token;
use support::{App, Setup, User, eventually};

use super::{RECONCILE, instances, reconcile};

/// How many times each set of rules is there.
const COPIES: usize = 3;
/// How long it goes on, and in how many steps.
const DAYS: i64 = 40;
const STEPS: i64 = 90;

/// The clocks of London, New York and Berlin go forward in that time, those of Lord Howe go back by half an hour.
const START: &str = "2027-03-01T00:00:00Z";

/// Rules, zones and policies.
const SERIES: [(&str, &str, &str); 8] = [
    ("FREQ=MINUTELY;INTERVAL=60", "Europe/London", "all"),
    ("FREQ=HOURLY", "America/New_York", "all"),
    ("FREQ=MINUTELY;INTERVAL=45;BYHOUR=8,9,10,11,12,13,14,15,16,17,18,19,20", "Asia/Kolkata", "all"),
    ("FREQ=HOURLY;INTERVAL=2", "Australia/Lord_Howe", "latest"),
    ("FREQ=DAILY;BYHOUR=0,2,3,9;BYMINUTE=30", "America/Sao_Paulo", "all"),
    ("FREQ=WEEKLY;BYDAY=MO,WE,FR;BYHOUR=1,14", "Africa/Cairo", "latest"),
    ("FREQ=HOURLY;COUNT=300", "UTC", "all"),
    ("FREQ=MONTHLY;BYMONTHDAY=1,15,-1;BYHOUR=9", "Europe/Berlin", "all"),
];

/// A series and what the engine says of it.
struct Expected {
    task: String,
    data: String,
    schedule: Schedule,
    policy: &'static str,
}

impl Expected {
    /// All occurrences after `from` until `to`.
    fn occurrences(&self, from: Timestamp, to: Timestamp) -> Vec<Timestamp> {
        let series = self.schedule.series().expect("a series");
        let all = series.occurrences().map(|occurrence| occurrence.expect("not too far").at);
        all.skip_while(|at| *at <= from).take_while(|at| *at <= to).collect()
    }
}

async fn make_series(user: &User, index: usize, now: Timestamp) -> Expected {
    let (rule, zone, policy) = SERIES[index % SERIES.len()];
    let starts_at = (now + SignedDuration::from_secs(60 + 97 * index as i64)).strftime("%FT%H:%M:00Z").to_string();
    let body = json!({
        "title": format!("{rule} in {zone}"), "rrule": rule, "timezone_iana": zone, "starts_at": starts_at, "on_missed": policy,
    });
    let id = UserId::parse(&user.id).expect("an id");
    let made = user.with_token(&access_token(id, now)).create_recurring_task(body).await.is(201);
    let task = made["task_id"].as_str().expect("an id").to_owned();
    let said = ScheduleChange { starts_at: Some(Moment::parse(&starts_at).expect("a time")), ..Default::default() };
    let zone = ZoneName::parse(zone).expect("a zone");
    let schedule = Schedule::new(WrittenRule::parse(rule).expect("a rule"), zone, &said, now).expect("a schedule");
    let data = json!({ "task_id": task, "user_id": user.id }).to_string();
    Expected { task, data, schedule, policy }
}

/// What goes wrong, drawn from a seed.
struct Havoc<'a> {
    app: &'a App,
    dice: fastrand::Rng,
    series: &'a [Expected],
}

impl Havoc<'_> {
    fn fate(&mut self) -> String {
        fate(&mut self.dice, 14)
    }

    /// One moment: some series are woken, once, twice or thrice and in any order, and others not.
    async fn strike(&mut self) {
        let mut calls = Vec::new();
        for expected in self.series {
            for _ in 0..self.dice.usize(..4).saturating_sub(1) {
                calls.push((self.fate(), format!("/job/recurring-task-{}", expected.task), expected.data.clone()));
            }
        }
        if self.dice.u32(..3) == 0 {
            calls.push((self.fate(), RECONCILE.to_owned(), "{}".to_owned()));
        }
        for event in self.old_events().await {
            calls.push((self.fate(), "/events/task-events".to_owned(), event));
        }
        self.dice.shuffle(&mut calls);
        for several in calls.chunks(4) {
            self.deliver(several).await;
        }
        if self.dice.u32(..6) == 0 {
            self.app.arrange("delete from dapr.jobs where app_id = 'recurring-service'").await;
        }
        if self.dice.u32(..4) == 0 {
            self.app.arrange("update event_sequences set relay_until = now() where relay_until is not null").await;
        }
    }

    /// Some of the events that were told of series, whenever that was.
    async fn old_events(&mut self) -> Vec<String> {
        let query = "select convert_from(payload, 'UTF8') from dapr.messages where topic = 'task-events' order by partition, \"offset\"";
        let rows = self.app.sql(query, &[]).await;
        let events: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        (0..4).filter_map(|_| self.dice.choice(&events).cloned()).collect()
    }

    async fn deliver(&self, calls: &[(String, String, String)]) {
        let deliver = async |(id, path, body): &(String, String, String)| {
            self.app.deliver_as(id, "recurring-service", path, body).await;
        };
        match calls {
            [a, b, c, d] => drop(tokio::join!(deliver(a), deliver(b), deliver(c), deliver(d))),
            fewer => {
                for call in fewer {
                    deliver(call).await;
                }
            }
        }
    }
}

#[tokio::test]
async fn ten_thousand_occurrences_are_made_once_each_whatever_breaks_meanwhile() {
    let seed = fastrand::u64(..);
    eprintln!("seed {seed}");
    let (clock, mortality) = (DrivenClock::at(START.parse().expect("a time")), Arc::new(Mortality::default()));
    let setup = Setup { clock: Some(clock.clone()), imports: mortality.clone(), ..Setup::default() };
    let app = App::with(setup).await;
    let start = clock.now();
    let mut series = Vec::new();
    for index in 0..COPIES * SERIES.len() {
        let user = app.user().await;
        series.push(make_series(&user, index, start).await);
    }
    let mut havoc = Havoc { app: &app, dice: fastrand::Rng::with_seed(seed), series: &series };
    for step in 1..=STEPS {
        clock.set(start + SignedDuration::from_hours(24 * DAYS) * step as i32 / STEPS as i32);
        havoc.strike().await;
    }
    settle(&app).await;
    let expected = hold_to_the_engine(&app, &series, start, clock.now()).await;
    assert!(expected >= 10_000, "only {expected} occurrences fell due");
    assert!(mortality.deaths() > 100, "hardly anything died");
    each_instance_is_told_once(&app).await;
}

/// Everything works again: what is due is made, and what was written is told.
async fn settle(app: &App) {
    eventually("nothing is due any more", async || {
        reconcile(app).await;
        is_still(app).await.then_some(())
    })
    .await;
    eventually("the outbox is published", async || {
        app.arrange("update event_sequences set relay_until = now() where relay_until is not null").await;
        app.deliver("backend", "/job/outbox-sweep", "{}").await;
        (app.count("select count(*) from outbox where published_at is null").await == 0).then_some(())
    })
    .await;
}

/// Whether two looks at what was made see the same.
async fn is_still(app: &App) -> bool {
    let rows = "select count(*) from task_instances";
    let before = app.count(rows).await;
    reconcile(app).await;
    app.count(rows).await == before
}

/// Each series has the rows that the engine says, no more; how many these are.
async fn hold_to_the_engine(app: &App, series: &[Expected], start: Timestamp, end: Timestamp) -> usize {
    let mut all = 0;
    for expected in series {
        let rows = instances(app, &expected.task).await;
        let made: Vec<Timestamp> = rows.iter().map(|(at, _)| *at).collect();
        let wanted = expected.occurrences(start, end);
        let (wanted_set, made_set): (BTreeSet<_>, BTreeSet<_>) = (wanted.iter().collect(), made.iter().collect());
        let differing: Vec<_> = wanted_set.symmetric_difference(&made_set).take(5).collect();
        assert!(differing.is_empty(), "{}: {differing:?}", expected.schedule.rule);
        assert_eq!(made.len(), wanted.len(), "{}", expected.schedule.rule);
        let missed = rows.iter().filter(|(_, status)| status == "missed").count();
        assert!(missed == 0 || expected.policy == "latest", "{}: {missed} missed", expected.schedule.rule);
        all += made.len();
    }
    all
}

/// There is one event of each instance to do, published under one id, and the consumer took note of it once.
async fn each_instance_is_told_once(app: &App) {
    let untold_or_invented = "
        with told as (
            select data #>> '{instance,id}' as instance, count(*) as times from outbox
            where event_type = 'task.instance_created' group by 1
        )
        select count(*) from (select * from task_instances where status = 'pending') as made
        full join told on told.instance = made.id::text
        where made.id is null or told.times is distinct from 1";
    assert_eq!(app.count(untold_or_invented).await, 0);
    app.each_event_is_published_as_it_was_written(&["task-updates"]).await;
    let unnoted = "
        select count(*) from outbox where topic = 'task-updates' and 1 <> (
            select count(*) from processed_event_logs where processed_event_logs.event_id = outbox.event_id::text
        )";
    eventually("the consumer took note", async || (app.count(unnoted).await == 0).then_some(())).await;
}
