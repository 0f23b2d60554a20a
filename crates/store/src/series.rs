//! Series: made, shown, cancelled. How they change is in [`crate::series_change`], their occurrences are made elsewhere.
//!
//! The next occurrence is computed by the engine, outside of the database: of a new series at the time that the request's
//! clock shows, of one that changes at the database's, which alone decides what is due. The two clocks need not agree: a
//! next occurrence that is past already for the database is due at once, no less. What is computed from a row that was
//! read is saved only while that row stands ([`crate::series_change::Reading`]), so a change and a trigger at the same
//! time never overwrite one another: the later one reads again.

use rondo_domain::ids::{RecurringTaskId, SeriesId, TaskId};
use rondo_domain::listing::Page;
use rondo_domain::reminder::MinutesBefore;
use rondo_domain::series::{Plan, SeriesStatus};
use rondo_domain::task::NewTask;
use rondo_ports::{Document, Sql, SqlError};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::task::{CreationDocument, tags_of};
use crate::{Creation, IdempotencyKey, RawJson, RelayBatch, RequestContext};

const CREATE: &str = "
    with claim as materialized (
        select claim_idempotency_key($1::text::uuid, $3::text, decode($4::text, 'hex')) as earlier
    ),
    asked as materialized (
        select asked.*
        from claim, jsonb_populate_record(null::recurring_tasks, $9::text::jsonb) as asked
        where claim.earlier is null
    ),
    template as (
        insert into tasks (user_id, id, series_id, title, description, priority)
        select $1::text::uuid, task_id, series_id, $5::text, $6::text, $7::text from asked
        returning tasks as task
    ),
    template_document as materialized (
        select task, task_document(task, set_task_tags((task).user_id, (task).id, string_to_array($8::text, ','))) as body
        from template
    ),
    created as (
        insert into recurring_tasks (
            id, task_id, user_id, series_id, rrule, timezone_iana, starts_at, recurrence_end_type, recurrence_max_count,
            recurrence_end_date, gap, on_missed, overlap, exdates, rdates, summary, status, next_occurrence_at_utc,
            next_occurrence_local, next_occurrence_number, reminder_minutes_before
        )
        select id, task_id, $1::text::uuid, series_id, rrule, timezone_iana, starts_at, recurrence_end_type,
            recurrence_max_count, recurrence_end_date, gap, on_missed, overlap, exdates, rdates, summary, status,
            next_occurrence_at_utc, next_occurrence_local, next_occurrence_number, reminder_minutes_before
        from asked
        returning recurring_tasks as series
    ),
    document as materialized (
        select series, template_document.body as task, recurring_task_document(series, template_document.body) as body
        from created cross join template_document
    ),
    recorded as materialized (
        select record_events($1::text::uuid, $2::text, jsonb_build_array(
            jsonb_build_object(
                'task_id', (series).task_id, 'topic', 'task-events', 'type', 'task.created',
                'data', jsonb_build_object('task', task)
            ),
            recurring_scheduled_event(series)
        )) as relay
        from document
    ),
    kept as materialized (
        select keep_reply($1::text::uuid, $3::text, body) from document where $3::text is not null
    )
    select coalesce(
        (select earlier from claim),
        (
            select json_build_object('outcome', 'made', 'reply', document.body, 'relay', recorded.relay)
            from document cross join recorded left join kept on true
        )
    )::text";

/// The ids of a series that is to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewSeriesIds {
    /// Its record's.
    pub recurring_task: RecurringTaskId,
    /// Its template's.
    pub task: TaskId,
    /// That which the two share.
    pub series: SeriesId,
}

/// Makes a series: `template`, of which status and due time are passed over, and when it recurs.
///
/// # Errors
/// See [`SqlError`].
pub async fn create(
    sql: &impl Sql,
    context: RequestContext<'_>,
    ids: NewSeriesIds,
    template: &NewTask,
    plan: &Plan,
    key: Option<&IdempotencyKey>,
) -> Result<Creation, SqlError> {
    let tags: Vec<&str> = template.tags.iter().collect();
    let mut row = row_of(plan);
    row["id"] = json!(ids.recurring_task);
    row["task_id"] = json!(ids.task);
    row["series_id"] = json!(ids.series);
    let document = sql
        .call(
            CREATE,
            &[
                Some(&context.user.to_string()),
                Some(context.request_id),
                key.map(|key| key.key.as_str()),
                key.map(|key| key.request_hash.as_str()),
                Some(template.title.as_str()),
                template.description.as_ref().map(|description| description.as_str()),
                Some(template.priority.as_str()),
                Some(&tags.join(",")),
                Some(&row.to_string()),
            ],
        )
        .await?;
    Ok(document.read::<CreationDocument>()?.into())
}

/// The columns of `recurring_tasks` that a plan decides.
pub(crate) fn row_of(plan: &Plan) -> Value {
    let schedule = &plan.schedule;
    json!({
        "rrule": schedule.rule.to_string(),
        "timezone_iana": schedule.zone.as_str(),
        "starts_at": schedule.starts_at,
        "recurrence_end_type": schedule.end.kind().as_str(),
        "recurrence_max_count": schedule.end.count(),
        "recurrence_end_date": schedule.end.until(),
        "gap": schedule.gap.as_str(),
        "exdates": schedule.exdates,
        "rdates": schedule.rdates,
        "on_missed": plan.on_missed.as_str(),
        "overlap": plan.overlap.as_str(),
        "reminder_minutes_before": plan.reminder.map(MinutesBefore::get),
        "summary": plan.summary,
        "status": plan.status.as_str(),
        "next_occurrence_at_utc": plan.next.map(|next| next.at),
        "next_occurrence_local": plan.next.map(|next| next.local),
        "next_occurrence_number": plan.next.map(|next| next.number),
    })
}

const GET: &str = concat!(
    "select coalesce((
        select recurring_task_document(recurring_tasks, task_document(tasks, ",
    tags_of!("tasks.id"),
    "))
        from recurring_tasks
        join tasks on tasks.id = recurring_tasks.task_id
        where recurring_tasks.task_id = $2::text::uuid and recurring_tasks.user_id = $1::text::uuid
    ), 'null')::text"
);

/// The recurring task whose template is `task`, as the API shows it; `None` if there is none.
///
/// # Errors
/// See [`SqlError`].
pub async fn get(sql: &impl Sql, context: RequestContext<'_>, task: TaskId) -> Result<Option<RawJson>, SqlError> {
    let document = sql.call(GET, &[Some(&context.user.to_string()), Some(&task.to_string())]).await?;
    document.read::<RawJson>().map(|series| (series.as_str() != "null").then_some(series))
}

const LIST: &str = concat!(
    "with page as materialized (
        select recurring_tasks as series, row_number() over (order by created_at desc, id desc) as place
        from recurring_tasks
        where user_id = $1::text::uuid and ($2::text is null or status = any (string_to_array($2::text, ',')))
        order by created_at desc, id desc
        limit $4::text::bigint offset $5::text::bigint
    )
    select json_build_object(
        'recurring_tasks', coalesce((
            select json_agg(recurring_task_document(series, task_document(tasks, ",
    tags_of!("tasks.id"),
    ")) order by place)
            from page
            join tasks on tasks.id = (series).task_id
        ), '[]'),
        'total', (
            select count(*) from recurring_tasks
            where user_id = $1::text::uuid and ($2::text is null or status = any (string_to_array($2::text, ',')))
        ),
        'page', $3::text::bigint,
        'page_size', $4::text::bigint
    )::text"
);

/// A page of the user's recurring tasks, newest first, as the API answers: `{"recurring_tasks", "total", "page",
/// "page_size"}`. Any of `status`; all if that is empty.
///
/// # Errors
/// See [`SqlError`].
pub async fn list(
    sql: &impl Sql,
    context: RequestContext<'_>,
    status: &[SeriesStatus],
    page: Page,
) -> Result<Document, SqlError> {
    let status = status.iter().map(|status| status.as_str()).collect::<Vec<_>>().join(",");
    sql.call(
        LIST,
        &[
            Some(&context.user.to_string()),
            (!status.is_empty()).then_some(&status),
            Some(&page.number().to_string()),
            Some(&page.size().to_string()),
            Some(&page.offset().to_string()),
        ],
    )
    .await
}

const CANCEL: &str = "
    with template as materialized (
        select tasks as task from tasks
        where id = $2::text::uuid and user_id = $1::text::uuid
        for update
    ),
    before as materialized (
        select task, recurring_tasks.status
        from template
        join recurring_tasks on recurring_tasks.task_id = (task).id
        for update of recurring_tasks
    ),
    verdict as materialized (
        select case
            when $4::text is not null and (task).version <> $4::text::bigint then 'stale'
            when status = 'completed' then 'completed'
            else 'cancelled'
        end as outcome
        from before
    ),
    recorded as materialized (
        select record_events($1::text::uuid, $3::text, cancel_series($1::text::uuid, array[$2::text::uuid])) as relay
        from verdict
        where outcome = 'cancelled'
    )
    select coalesce(
        (select json_build_object('outcome', outcome, 'relay', relay) from verdict left join recorded on true),
        json_build_object('outcome', 'absent')
    )::text";

/// What came of cancelling a series.
#[derive(Debug)]
pub enum Cancellation {
    /// It is cancelled, or had been before.
    Cancelled {
        /// What is to be published once the answer has been sent.
        relay: Option<RelayBatch>,
    },
    /// It had come to its end, which it never leaves.
    Completed,
    /// Someone was faster: the template is no longer of the version that was named.
    Stale,
    /// There is no such series.
    Absent,
}

#[derive(Deserialize)]
struct CancellationDocument {
    outcome: CancellationOutcome,
    relay: Option<RelayBatch>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum CancellationOutcome {
    Cancelled,
    Completed,
    Stale,
    Absent,
}

/// Cancels the series of the template `task`, if that is still of `version` (or none is named). Template and instances stay.
///
/// # Errors
/// See [`SqlError`].
pub async fn cancel(
    sql: &impl Sql,
    context: RequestContext<'_>,
    task: TaskId,
    version: Option<u64>,
) -> Result<Cancellation, SqlError> {
    let document = sql
        .call(
            CANCEL,
            &[
                Some(&context.user.to_string()),
                Some(&task.to_string()),
                Some(context.request_id),
                version.map(|version| version.to_string()).as_deref(),
            ],
        )
        .await?;
    let document: CancellationDocument = document.read()?;
    Ok(match document.outcome {
        CancellationOutcome::Cancelled => Cancellation::Cancelled { relay: document.relay },
        CancellationOutcome::Completed => Cancellation::Completed,
        CancellationOutcome::Stale => Cancellation::Stale,
        CancellationOutcome::Absent => Cancellation::Absent,
    })
}
