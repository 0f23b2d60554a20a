//! Instances of recurring tasks: found, completed, skipped. They are made elsewhere, as their occurrences fall due.

use rondo_domain::ids::{TaskId, TaskInstanceId};
use rondo_domain::listing::Page;
use rondo_domain::series::InstanceStatus;
use rondo_ports::{Sql, SqlError};
use serde::Deserialize;

use crate::json::nullable;
use crate::{RawJson, RelayBatch, RequestContext};

const LIST: &str = "
    with parent as materialized (
        select id from recurring_tasks where task_id = $2::text::uuid and user_id = $1::text::uuid
    ),
    page as materialized (
        select task_instances as instance, row_number() over (order by scheduled_for_utc desc, task_instances.id desc) as place
        from parent
        join task_instances on parent_task_id = parent.id
        where $3::text is null or status = any (string_to_array($3::text, ','))
        order by scheduled_for_utc desc, task_instances.id desc
        limit $5::text::bigint offset $6::text::bigint
    )
    select case when exists (select from parent) then json_build_object(
        'instances', coalesce((select json_agg(task_instance_document(instance) order by place) from page), '[]'),
        'total', (
            select count(*)
            from parent
            join task_instances on parent_task_id = parent.id
            where $3::text is null or status = any (string_to_array($3::text, ','))
        ),
        'page', $4::text::bigint,
        'page_size', $5::text::bigint
    ) else 'null' end::text";

/// A page of the instances of the recurring task whose template is `task`, the latest first, as the API answers:
/// `{"instances", "total", "page", "page_size"}`. Any of `status`; all if that is empty. `None` if there is no such
/// recurring task.
///
/// # Errors
/// See [`SqlError`].
pub async fn list(
    sql: &impl Sql,
    context: RequestContext<'_>,
    task: TaskId,
    status: &[InstanceStatus],
    page: Page,
) -> Result<Option<RawJson>, SqlError> {
    let status = status.iter().map(|status| status.as_str()).collect::<Vec<_>>().join(",");
    let document = sql
        .call(
            LIST,
            &[
                Some(&context.user.to_string()),
                Some(&task.to_string()),
                (!status.is_empty()).then_some(status.as_str()),
                Some(&page.number().to_string()),
                Some(&page.size().to_string()),
                Some(&page.offset().to_string()),
            ],
        )
        .await?;
    document.read::<RawJson>().map(|page| (page.as_str() != "null").then_some(page))
}

// The template is locked first, as everywhere: who deletes it takes its instances along. task.status_changed is told of the
// template, as all events of a series are, and says by task_instance_id that it is about an instance.
const SETTLE: &str = "
    with template as materialized (
        select id from tasks
        where id = $2::text::uuid and user_id = $1::text::uuid
        for key share
    ),
    before as materialized (
        select task_instances as instance, template.id as task_id
        from template
        join recurring_tasks on recurring_tasks.task_id = template.id
        join task_instances on parent_task_id = recurring_tasks.id
        where task_instances.id = $3::text::uuid
        for update of task_instances
    ),
    changed as (
        update task_instances set
            status = $5::text,
            completed_at = case when $5::text = 'completed' then now() end,
            updated_at = now()
        from before
        where task_instances.id = (before.instance).id and (before.instance).status = 'pending'
        returning task_instances as instance, before.task_id
    ),
    document as materialized (
        select instance, task_id, task_instance_document(instance) as body from changed
    ),
    recorded as materialized (
        select record_events($1::text::uuid, $4::text, jsonb_build_array(jsonb_build_object(
            'task_id', task_id, 'topic', 'task-updates', 'type', 'task.status_changed', 'data', jsonb_build_object(
                'task_instance_id', (instance).id,
                'recurring_task_id', (instance).parent_task_id,
                'previous_status', 'pending',
                'status', (instance).status,
                'title', (instance).title,
                'completed_at', body -> 'completed_at',
                'scheduled_for', body -> 'scheduled_for'
            )
        ))) as relay
        from document
    )
    select coalesce(
        (
            select json_build_object('outcome', 'settled', 'instance', document.body, 'relay', recorded.relay)
            from document cross join recorded
        ),
        (
            select json_build_object(
                'outcome', case when (instance).status = $5::text then 'settled' else 'settled_otherwise' end,
                'instance', task_instance_document(instance)
            )
            from before
        ),
        json_build_object('outcome', 'absent')
    )::text";

/// What came of settling an instance.
#[derive(Debug)]
pub enum Settlement {
    /// It is settled as it was asked for, now or before.
    Settled {
        /// The instance.
        instance: RawJson,
        /// What is to be published once the answer has been sent.
        relay: Option<RelayBatch>,
    },
    /// It had been settled otherwise, and stays so.
    SettledOtherwise,
    /// There is no such instance.
    Absent,
}

#[derive(Deserialize)]
struct SettlementDocument {
    outcome: SettlementOutcome,
    #[serde(default, deserialize_with = "nullable")]
    instance: Option<RawJson>,
    relay: Option<RelayBatch>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum SettlementOutcome {
    Settled,
    SettledOtherwise,
    Absent,
}

/// How an instance that is pending may be settled by its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settle {
    /// It was done.
    Complete,
    /// It is not to be done.
    Skip,
}

impl Settle {
    /// Where the instance comes to stand.
    #[must_use]
    pub fn status(self) -> InstanceStatus {
        match self {
            Self::Complete => InstanceStatus::Completed,
            Self::Skip => InstanceStatus::Skipped,
        }
    }
}

/// Settles an instance of the recurring task whose template is `task`; one that was settled so before stays as it is.
///
/// # Errors
/// See [`SqlError`].
pub async fn settle(
    sql: &impl Sql,
    context: RequestContext<'_>,
    task: TaskId,
    instance: TaskInstanceId,
    settle: Settle,
) -> Result<Settlement, SqlError> {
    let document = sql
        .call(
            SETTLE,
            &[
                Some(&context.user.to_string()),
                Some(&task.to_string()),
                Some(&instance.to_string()),
                Some(context.request_id),
                Some(settle.status().as_str()),
            ],
        )
        .await?;
    let document: SettlementDocument = document.read()?;
    Ok(match (document.outcome, document.instance) {
        (SettlementOutcome::Settled, Some(instance)) => Settlement::Settled { instance, relay: document.relay },
        (SettlementOutcome::SettledOtherwise, _) => Settlement::SettledOtherwise,
        (SettlementOutcome::Settled, None) | (SettlementOutcome::Absent, _) => Settlement::Absent,
    })
}
