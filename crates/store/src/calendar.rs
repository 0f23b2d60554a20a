//! Tasks with their series and instances, as calendars need them, and the private addresses at which calendars are read.

use jiff::Timestamp;
use jiff::civil::DateTime;
use rondo_domain::ids::{CalendarFeedId, TaskId, UserId};
use rondo_domain::series::{InstanceStatus, OnMissed, Overlap, SeriesStatus};
use rondo_domain::task::{Priority, Status};
use rondo_ports::{Document, Sql, SqlError};
use serde::Deserialize;

use crate::json::parsed;
use crate::series_change::StoredSchedule;
use crate::task::tags_of;
use crate::{IdempotencyKey, RawJson};

/// All tasks of the user `$user`, oldest first, as JSON that [`CalendarEntry`] reads.
macro_rules! entries_of {
    ($user:literal) => {
        concat!(
            "(
                select coalesce(json_agg(json_build_object(
                    'task', task_document(tasks, ",
            tags_of!("tasks.id"),
            "),
                    'series', (
                        select json_build_object(
                            'rrule', rrule,
                            'timezone_iana', timezone_iana,
                            'starts_at', civil_text(starts_at),
                            'recurrence_max_count', recurrence_max_count,
                            'recurrence_end_date', recurrence_end_date,
                            'gap', gap,
                            'exdates', array(select civil_text(civil) from unnest(exdates) as civil),
                            'rdates', array(select civil_text(civil) from unnest(rdates) as civil),
                            'on_missed', on_missed,
                            'overlap', overlap,
                            'status', recurring_tasks.status,
                            'instances', (
                                select coalesce(json_agg(json_build_object(
                                    'title', made.title,
                                    'priority', made.priority,
                                    'at', utc_text(made.scheduled_for_utc),
                                    'local', civil_text(made.scheduled_for_local),
                                    'fold', made.scheduled_for_fold,
                                    'status', made.status,
                                    'completed_at', utc_text(made.completed_at)
                                ) order by made.scheduled_for_utc), '[]')
                                from (
                                    select * from task_instances
                                    where parent_task_id = recurring_tasks.id
                                    order by scheduled_for_utc desc
                                    limit 1000
                                ) as made
                            )
                        )
                        from recurring_tasks
                        where task_id = tasks.id
                    )
                ) order by tasks.created_at, tasks.id), '[]')
                from tasks
                where user_id = ",
            $user,
            ")"
        )
    };
}

/// A task as a calendar needs it.
#[derive(Debug, Clone, Deserialize)]
pub struct CalendarEntry {
    /// The task.
    pub task: CalendarTask,
    /// The series of which it is the template.
    pub series: Option<CalendarSeries>,
}

/// A task, as far as a calendar says it.
#[derive(Debug, Clone, Deserialize)]
pub struct CalendarTask {
    /// Its id.
    pub id: TaskId,
    /// What it is called.
    pub title: String,
    /// What else there is to say of it.
    pub description: Option<String>,
    /// Where it stands.
    #[serde(deserialize_with = "parsed")]
    pub status: Status,
    /// How much it matters.
    #[serde(deserialize_with = "parsed")]
    pub priority: Priority,
    /// The names of its tags.
    pub tags: Vec<String>,
    /// When it should be done.
    pub due_at: Option<Timestamp>,
    /// When it was.
    pub completed_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was changed last.
    pub updated_at: Timestamp,
    /// How often it was changed, and 1.
    pub version: u64,
}

/// A series with the latest 1 000 of its instances.
#[derive(Debug, Clone, Deserialize)]
pub struct CalendarSeries {
    /// When it recurs.
    #[serde(flatten)]
    pub schedule: StoredSchedule,
    /// What is done with what fell due while nothing ran.
    #[serde(deserialize_with = "parsed")]
    pub on_missed: OnMissed,
    /// What is done while the instance before is pending.
    #[serde(deserialize_with = "parsed")]
    pub overlap: Overlap,
    /// Where it stands.
    #[serde(deserialize_with = "parsed")]
    pub status: SeriesStatus,
    /// In order.
    pub instances: Vec<CalendarInstance>,
}

/// An instance of a series.
#[derive(Debug, Clone, Deserialize)]
pub struct CalendarInstance {
    /// What it is called.
    pub title: String,
    /// How much it matters.
    #[serde(deserialize_with = "parsed")]
    pub priority: Priority,
    /// When it is.
    pub at: Timestamp,
    /// The civil time that names it.
    pub local: DateTime,
    /// 1 for the second passage of a civil time that comes twice.
    pub fold: u8,
    /// Where it stands.
    #[serde(deserialize_with = "parsed")]
    pub status: InstanceStatus,
    /// When it was completed.
    pub completed_at: Option<Timestamp>,
}

const ENTRIES: &str = concat!("select ", entries_of!("$1::text::uuid"), "::text");

/// All tasks of the user, oldest first.
///
/// # Errors
/// See [`SqlError`].
pub async fn entries(sql: &impl Sql, user: UserId) -> Result<Vec<CalendarEntry>, SqlError> {
    sql.call(ENTRIES, &[Some(&user.to_string())]).await?.read()
}

// The time of use is kept to the minute, so that a busy calendar does not write with every request.
const READ_FEED: &str = concat!(
    "
    with presented as materialized (
        select id, user_id, last_used_at from calendar_feeds where token_hash = decode($1::text, 'hex')
    ),
    noted as (
        update calendar_feeds set last_used_at = now()
        from presented
        where calendar_feeds.id = presented.id
            and (presented.last_used_at is null or presented.last_used_at < now() - interval '1 minute')
    )
    select json_build_object('entries', (select ",
    entries_of!("presented.user_id"),
    " from presented))::text"
);

/// All tasks of whom the feed belongs to whose token has the hash `presented` (hex); `None` if there is none.
///
/// # Errors
/// See [`SqlError`].
pub async fn read_feed(sql: &impl Sql, presented: &str) -> Result<Option<Vec<CalendarEntry>>, SqlError> {
    #[derive(Deserialize)]
    struct Feed {
        entries: Option<Vec<CalendarEntry>>,
    }
    sql.call(READ_FEED, &[Some(presented)]).await?.read().map(|feed: Feed| feed.entries)
}

macro_rules! feed_document {
    () => {
        "json_build_object('id', id, 'created_at', utc_text(created_at), 'last_used_at', utc_text(last_used_at))"
    };
}

// A refusal for want of room claims no key, so that the same request can be made again when there is room.
const CREATE_FEED: &str = concat!(
    "
    with room as materialized (
        select (select count(*) from calendar_feeds where user_id = $1::text::uuid) < $4::text::int as free
    ),
    claim as materialized (
        select free, case
            when free or exists (select from idempotency_keys where user_id = $1::text::uuid and key = $5::text)
            then claim_idempotency_key($1::text::uuid, $5::text, decode($6::text, 'hex'))
        end as earlier
        from room
    ),
    created as (
        insert into calendar_feeds (id, user_id, token_hash)
        select $2::text::uuid, $1::text::uuid, decode($3::text, 'hex')
        from claim
        where earlier is null and free
        returning *
    ),
    document as materialized (
        select ",
    feed_document!(),
    " as feed, $3::text as hash from created
    ),
    kept as materialized (
        select keep_reply($1::text::uuid, $5::text, to_json(document)) from document where $5::text is not null
    )
    select coalesce(
        (select earlier from claim),
        (select json_build_object('outcome', 'made', 'reply', to_json(document)) from document left join kept on true),
        json_build_object('outcome', 'no_room')
    )::text"
);

/// What came of making a feed.
#[derive(Debug)]
pub enum FeedCreation {
    /// It is there: made now, or by the same request before.
    Made {
        /// The API's feed, without its address.
        feed: RawJson,
        /// SHA-256 of its token, in hex: by it the token of one that was made before is told.
        hash: String,
    },
    /// The key had been used for another request.
    KeyReused,
    /// The user has as many as one may have.
    NoRoom,
}

#[derive(Deserialize)]
struct FeedDocument {
    outcome: FeedOutcome,
    reply: Option<MadeFeed>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum FeedOutcome {
    Made,
    Replayed,
    KeyReused,
    NoRoom,
}

#[derive(Deserialize)]
struct MadeFeed {
    feed: RawJson,
    hash: String,
}

/// Makes a feed whose token has the hash `hash` (SHA-256 in hex), unless the user has `at_most` already.
///
/// # Errors
/// See [`SqlError`].
pub async fn create_feed(
    sql: &impl Sql,
    user: UserId,
    id: CalendarFeedId,
    hash: &str,
    at_most: u32,
    key: Option<&IdempotencyKey>,
) -> Result<FeedCreation, SqlError> {
    let document = sql
        .call(
            CREATE_FEED,
            &[
                Some(&user.to_string()),
                Some(&id.to_string()),
                Some(hash),
                Some(&at_most.to_string()),
                key.map(|key| key.key.as_str()),
                key.map(|key| key.request_hash.as_str()),
            ],
        )
        .await?;
    let document: FeedDocument = document.read()?;
    Ok(match (document.outcome, document.reply) {
        (FeedOutcome::Made | FeedOutcome::Replayed, Some(MadeFeed { feed, hash })) => FeedCreation::Made { feed, hash },
        (FeedOutcome::NoRoom, _) => FeedCreation::NoRoom,
        (FeedOutcome::KeyReused, _) | (_, None) => FeedCreation::KeyReused,
    })
}

const LIST_FEEDS: &str = concat!(
    "select coalesce(json_agg(",
    feed_document!(),
    " order by created_at, id), '[]')::text from calendar_feeds where user_id = $1::text::uuid"
);

/// The user's feeds, oldest first, as the API shows them.
///
/// # Errors
/// See [`SqlError`].
pub async fn feeds(sql: &impl Sql, user: UserId) -> Result<Document, SqlError> {
    sql.call(LIST_FEEDS, &[Some(&user.to_string())]).await
}

const REVOKE_FEED: &str = "
    with deleted as (
        delete from calendar_feeds where id = $2::text::uuid and user_id = $1::text::uuid returning 1
    )
    select to_json(exists (select from deleted))::text";

/// Revokes the feed: its address leads nowhere from now on. False if there is none of that id.
///
/// # Errors
/// See [`SqlError`].
pub async fn revoke_feed(sql: &impl Sql, user: UserId, id: CalendarFeedId) -> Result<bool, SqlError> {
    sql.call(REVOKE_FEED, &[Some(&user.to_string()), Some(&id.to_string())]).await?.read()
}
