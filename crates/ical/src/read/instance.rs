//! What a file says of one occurrence of a series.

use jiff::Timestamp;
use jiff::tz::AmbiguousOffset;
use rondo_domain::ValueError;
use rondo_domain::series::{InstanceStatus, Schedule};
use rondo_domain::task::{NewTask, Title};

use super::fields::Fields;
use super::moment::When;
use super::todo::priority;
use crate::{Instance, own};

/// The occurrence, if it is settled or past; what is only to come at another time than by the rule is passed over.
pub(super) fn instance(
    fields: &mut Fields<'_>,
    template: &NewTask,
    schedule: &Schedule,
    now: Timestamp,
) -> Option<Instance> {
    if fields.parameter("RECURRENCE-ID", "RANGE").is_some() {
        fields.fail("RECURRENCE-ID", "must not have a RANGE: end the series there, and begin another");
        return None;
    }
    let named = fields.when("RECURRENCE-ID")?;
    let place = place(&named, schedule);
    let (at, local, is_second_passage) = fields.check("RECURRENCE-ID", None, place)?;
    let status = status(fields)?;
    let completed_at = fields.instant("COMPLETED").or_else(|| fields.instant("LAST-MODIFIED")).unwrap_or(at);
    let title = fields.parsed("SUMMARY", Title::parse).unwrap_or_else(|| template.title.clone());
    let priority = fields.parsed("PRIORITY", priority).unwrap_or(template.priority);
    (status != InstanceStatus::Pending || at <= now).then_some(Instance {
        title,
        priority,
        at,
        local,
        is_second_passage,
        status,
        completed_at: (status == InstanceStatus::Completed).then_some(completed_at),
    })
}

/// When an occurrence is, its civil time in the zone of the series, and whether it is the second passage of that.
fn place(named: &When, schedule: &Schedule) -> Result<(Timestamp, jiff::civil::DateTime, bool), ValueError> {
    let rules = schedule.zone.time_zone()?;
    let moment = named.of_series(&schedule.zone, schedule.starts_at.time())?;
    let local = moment.civil(&rules);
    let at = moment.last_instant(&rules)?;
    let is_second = match rules.to_ambiguous_timestamp(local).offset() {
        AmbiguousOffset::Fold { after, .. } => rules.to_offset(at) == after,
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Gap { .. } => false,
    };
    Ok((at, local, is_second))
}

fn status(fields: &mut Fields<'_>) -> Option<InstanceStatus> {
    let said = fields.text("STATUS").unwrap_or_default().to_ascii_uppercase();
    let missed = fields.text(own::STATE).is_some_and(|state| state == InstanceStatus::Missed.as_str());
    match said.as_str() {
        "COMPLETED" => Some(InstanceStatus::Completed),
        "CANCELLED" if missed => Some(InstanceStatus::Missed),
        "CANCELLED" => Some(InstanceStatus::Skipped),
        "" if fields.has("COMPLETED") => Some(InstanceStatus::Completed),
        "" | "NEEDS-ACTION" | "IN-PROCESS" => Some(InstanceStatus::Pending),
        _ => {
            fields.fail("STATUS", "must be NEEDS-ACTION, IN-PROCESS, COMPLETED or CANCELLED");
            None
        }
    }
}
