//! Proof that a rule matches at all, before anyone waits for it.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::calendar::{Day, Local};
use crate::elapsed::greatest_common_divisor;
use crate::error::SeriesError;
use crate::plan::{Kind, Plan};
use crate::rule::{Frequency, Rule};
use crate::series::Gap;
use crate::work::{Work, WorkLimit};

const DAYS_OF_400_YEARS: i64 = 146_097;
/// Cycles that are longer than the calendar never end.
const MOST_CYCLES: i64 = 20;

/// The steps in which nearly every rule is seen to match, and those that looking for a first match may take.
const FEW_STEPS: u32 = 2_000;
const STEPS: u32 = 100_000;

/// Takes a part out of a rule.
type Loosen = fn(&mut Rule);

/// The parts that may rule everything out, the likeliest culprit first.
const CULPRITS: [(&str, Loosen); 9] = [
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
    let helps = |loosen: &Loosen| {
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
    let finds = |steps: u32| {
        let mut stream = plan.stream(&utc, Gap::Shift, None, end_of_cycle(rule, start));
        stream.next(&mut Work::of(steps))
    };
    match finds(FEW_STEPS) {
        Ok(first) => first.is_some(),
        Err(WorkLimit) => can_meet_its_times(rule, &plan) && matches!(finds(STEPS), Ok(Some(_))),
    }
}

fn can_meet_its_times(rule: &Rule, plan: &Plan) -> bool {
    let weekdays: Vec<i64> = rule.by_day.iter().map(|day| i64::from(day.weekday)).collect();
    match &plan.kind {
        Kind::Civil(_) => true,
        Kind::Elapsed(elapsed) => elapsed.can_meet_its_times(&weekdays),
    }
}

/// The calendar repeats after 400 years, and what a rule on the wall clock makes of it after as many of its intervals
/// as bring both to their beginning: what has not matched until then never will.
fn end_of_cycle(rule: &Rule, start: DateTime) -> Option<Local> {
    let units_of_calendar = match rule.frequency {
        Frequency::Yearly => 400,
        Frequency::Monthly => 4_800,
        Frequency::Weekly => DAYS_OF_400_YEARS / 7,
        Frequency::Daily => DAYS_OF_400_YEARS,
        Frequency::Hourly | Frequency::Minutely => return None,
    };
    let interval = i64::from(rule.interval);
    let repeats = interval / greatest_common_divisor(interval, units_of_calendar);
    (repeats < MOST_CYCLES).then(|| Local::at(Day::of(start.date()).plus((repeats + 1) * DAYS_OF_400_YEARS), 0))
}
