//! Proof that a rule matches at all, before anyone waits for it.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::error::SeriesError;
use crate::plan::Plan;
use crate::rule::Rule;
use crate::series::Gap;
use crate::work::Work;

/// The steps that looking for a first match may take; a few milliseconds.
const STEPS: u32 = 200_000;

/// The parts that may rule everything out, the likeliest culprit first.
const CULPRITS: [(&str, fn(&mut Rule)); 9] = [
    ("BYSETPOS", |rule| rule.by_set_pos.clear()),
    ("BYMINUTE", |rule| rule.by_minute.clear()),
    ("BYHOUR", |rule| rule.by_hour.clear()),
    ("BYDAY", |rule| rule.by_day.clear()),
    ("BYMONTHDAY", |rule| rule.by_month_day.clear()),
    ("BYYEARDAY", |rule| rule.by_year_day.clear()),
    ("BYWEEKNO", |rule| rule.by_week_no.clear()),
    ("BYMONTH", |rule| rule.by_month.clear()),
    ("INTERVAL", |rule| rule.interval = 1),
];

/// Looks for a first match on a clock that is never changed. A rule that only matches because clocks change (every 24
/// hours from 09:00, at 10:00 only) is not one that anyone meant, and is refused as well.
pub(crate) fn matches_sometimes(rule: &Rule, start: DateTime) -> Result<(), SeriesError> {
    let rule = rule.without_end();
    if matches(&rule, start) {
        return Ok(());
    }
    let helps = |loosen: &fn(&mut Rule)| {
        let mut looser = rule.clone();
        loosen(&mut looser);
        looser != rule && matches(&looser, start)
    };
    let culprit = CULPRITS.iter().find(|(_, loosen)| helps(loosen)).map_or("RRULE", |(part, _)| part);
    Err(SeriesError::new(culprit, format!("This rule never occurs: {culprit} rules out what the rest of it allows.")))
}

fn matches(rule: &Rule, start: DateTime) -> bool {
    let plan = Plan::new(rule, start);
    let utc = TimeZone::UTC;
    let mut stream = plan.stream(&utc, Gap::Shift, None, None);
    matches!(stream.next(&mut Work::of(STEPS)), Ok(Some(_)))
}
