//! The statements of the scheduler.

use jiff::Timestamp;
use tokio_postgres::Row;
use uuid::Uuid;

use super::request::JobRequest;
use crate::database::{Commit, Database, DatabaseError};
use crate::ownership::SESSION_LOCK_CLASS;

/// How long others respect a claim of a session that is alive: longer than a call may take.
const CLAIM_S: f64 = 90.0;

const REGISTER: &str = "
insert into dapr.jobs as j (app_id, name, request, registration, occurrence_at, fire_at,
    occurrences_done, failures, expires_at)
values ($1, $2, $3::text::json, gen_random_uuid(), $4, $4, 0, 0, $5)
on conflict (app_id, name) do update
set request = excluded.request, registration = excluded.registration,
    occurrence_at = excluded.occurrence_at, fire_at = excluded.fire_at,
    occurrences_done = 0, failures = 0, expires_at = excluded.expires_at,
    claimed_by = null, claimed_until = null
where $6";

const GET: &str = "select request::text from dapr.jobs where (app_id, name) = ($1, $2)";

const DELETE: &str = "delete from dapr.jobs where (app_id, name) = ($1, $2)";

const CLAIM: &str = "
with due as (
    select app_id, name
    from dapr.jobs
    where app_id = any($1) and fire_at <= $2
        and (claimed_by is null or claimed_until <= $2 or not exists (
            select
            from pg_locks l
            where l.locktype = 'advisory' and l.objsubid = 2
                and l.database = (select oid from pg_database where datname = current_database())
                and l.classid = $4::int4::oid and l.objid = claimed_by::oid))
    order by fire_at
    limit $5
    for update skip locked
)
update dapr.jobs j
set claimed_by = $3, claimed_until = $2::timestamptz + $6 * interval '1 second'
from due d
where (j.app_id, j.name) = (d.app_id, d.name)
returning j.app_id, j.name, j.request::text, j.registration, j.occurrence_at, j.fire_at,
    j.occurrences_done, j.failures, j.expires_at";

const NEXT: &str = "
select fire_at
from dapr.jobs
where app_id = any($1) and claimed_by is null
order by fire_at
limit 1";

const AGAIN: &str = "
update dapr.jobs
set occurrence_at = $5, fire_at = $6, occurrences_done = $7, failures = $8,
    claimed_by = null, claimed_until = null
where (app_id, name) = ($1, $2) and registration = $3 and claimed_by = $4";

const FINISH: &str = "
delete from dapr.jobs
where (app_id, name) = ($1, $2) and registration = $3 and claimed_by = $4";

/// A job that this session may call its app with.
pub(super) struct Claim {
    pub(super) app_id: String,
    pub(super) name: String,
    pub(super) request: JobRequest,
    pub(super) occurrence_at: Timestamp,
    pub(super) fire_at: Timestamp,
    pub(super) occurrences_done: u32,
    pub(super) failures: u32,
    pub(super) expires_at: Option<Timestamp>,
    registration: Uuid,
    session: i32,
}

/// What becomes of a job after a call.
pub(super) enum Next {
    Again { occurrence_at: Timestamp, fire_at: Timestamp, occurrences_done: u32, failures: u32 },
    Finished,
}

/// The jobs of the apps in one database.
pub(super) struct Jobs<'a>(pub(super) &'a Database);

impl Jobs<'_> {
    /// False when the name is taken and may not be overwritten.
    pub(super) async fn register(
        &self,
        app_id: &str,
        name: &str,
        request: &JobRequest,
        first: Timestamp,
        expires_at: Option<Timestamp>,
    ) -> Result<bool, DatabaseError> {
        let text = serde_json::to_string(request).expect("a job request is always JSON");
        let changed = self
            .0
            .execute(Commit::Durable, REGISTER, &[&app_id, &name, &text, &first, &expires_at, &request.overwrite])
            .await?;
        Ok(changed == 1)
    }

    pub(super) async fn get(&self, app_id: &str, name: &str) -> Result<Option<JobRequest>, DatabaseError> {
        let rows = self.0.query(Commit::Durable, GET, &[&app_id, &name]).await?;
        Ok(rows.first().and_then(|row| read_request(row, 0)))
    }

    pub(super) async fn delete(&self, app_id: &str, name: &str) -> Result<(), DatabaseError> {
        self.0.execute(Commit::Durable, DELETE, &[&app_id, &name]).await?;
        Ok(())
    }

    /// Takes what is due and nobody living is at.
    pub(super) async fn claim(
        &self,
        app_ids: &[String],
        session: i32,
        now: Timestamp,
        most: i64,
    ) -> Result<Vec<Claim>, DatabaseError> {
        let rows = self
            .0
            .query(Commit::Durable, CLAIM, &[&app_ids, &now, &session, &SESSION_LOCK_CLASS, &most, &CLAIM_S])
            .await?;
        Ok(rows.iter().filter_map(|row| read_claim(row, session)).collect())
    }

    /// When the next job is due that nobody is at.
    pub(super) async fn next(&self, app_ids: &[String]) -> Result<Option<Timestamp>, DatabaseError> {
        let rows = self.0.query(Commit::Relaxed, NEXT, &[&app_ids]).await?;
        Ok(rows.first().map(|row| row.get(0)))
    }

    /// Gives the claim back. Without effect when the job was registered anew, deleted or claimed by another.
    pub(super) async fn settle(&self, claim: &Claim, next: &Next) -> Result<(), DatabaseError> {
        let Claim { app_id, name, registration, session, .. } = claim;
        match next {
            Next::Finished => {
                let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 4] = [app_id, name, registration, session];
                self.0.execute(Commit::Durable, FINISH, &parameters).await?
            }
            Next::Again { occurrence_at, fire_at, occurrences_done, failures } => {
                let (done, failures) = (*occurrences_done as i32, *failures as i32);
                let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 8] =
                    [app_id, name, registration, session, occurrence_at, fire_at, &done, &failures];
                self.0.execute(Commit::Durable, AGAIN, &parameters).await?
            }
        };
        Ok(())
    }
}

fn read_claim(row: &Row, session: i32) -> Option<Claim> {
    Some(Claim {
        app_id: row.get(0),
        name: row.get(1),
        request: read_request(row, 2)?,
        registration: row.get(3),
        occurrence_at: row.get(4),
        fire_at: row.get(5),
        occurrences_done: row.get::<_, i32>(6) as u32,
        failures: row.get::<_, i32>(7) as u32,
        expires_at: row.get(8),
        session,
    })
}

fn read_request(row: &Row, column: usize) -> Option<JobRequest> {
    serde_json::from_str(row.get(column))
        .inspect_err(|error| tracing::error!(%error, "a stored job can't be read"))
        .ok()
}
