//! How many occurrences there are up to an instant, without going through them.

use jiff::tz::TimeZone;

use crate::calendar::Local;
use crate::civil::Civil;
use crate::civil_stream::CivilStream;
use crate::dates::Dates;
use crate::plan::{Kind, Plan};
use crate::series::Gap;
use crate::work::{self, Work, WorkLimit};
use crate::zone::Zone;

/// The occurrences of a rule, without its end, that are not after an instant.
pub(crate) fn through(plan: &Plan, zone: &TimeZone, gap: Gap, at: i64) -> Result<u32, WorkLimit> {
    let mut work = Work::of(work::PER_COUNT);
    let zone = Zone::new(zone);
    let count = match &plan.kind {
        Kind::Civil(civil) => civil_through(civil, &plan.dates, zone, gap, at, &mut work)?,
        Kind::Elapsed(elapsed) => elapsed.count_through(at, &plan.dates, zone, &mut work)?,
    };
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The civil times up to there, less what gaps on the way swallowed, and what comes of those that must be placed.
fn civil_through(
    civil: &Civil,
    dates: &Dates,
    mut zone: Zone,
    gap: Gap,
    at: i64,
    work: &mut Work,
) -> Result<u64, WorkLimit> {
    let from = zone.seek(at);
    let mut count = civil.count_before(from, dates, work)?;
    for (start, length) in zone.gaps_between(civil.start(), from) {
        let end = Local(start.0 + length);
        if civil.may_be_within(start, end) {
            count -= swallowed(civil, dates, gap, (start, length), work)?;
        }
    }
    let mut rest = CivilStream::new(civil, dates, zone, gap, from, None);
    while rest.next(work)?.is_some_and(|raw| raw.at <= at) {
        count += 1;
    }
    Ok(count)
}

/// The civil times in a gap that are skipped, or moved to where another one is.
fn swallowed(
    civil: &Civil,
    dates: &Dates,
    gap: Gap,
    (start, length): (Local, i64),
    work: &mut Work,
) -> Result<u64, WorkLimit> {
    let end = Local(start.0 + length);
    let missing = civil.between(start, end, dates, work)?;
    if gap == Gap::Skip {
        return Ok(missing.len() as u64);
    }
    let behind = civil.between(end, Local(end.0 + length), dates, work)?;
    let is_taken = |local: &&Local| behind.binary_search(&Local(local.0 + length)).is_ok();
    Ok(missing.iter().filter(is_taken).count() as u64)
}
