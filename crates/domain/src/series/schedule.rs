//! When a series recurs: rule, zone, start, end, and the dates taken out and put in.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use rondo_recurrence::{Series, SeriesSpec, default_start};

use super::Gap;
use super::end::{End, EndChange};
use super::rule::{WrittenRule, at_fault};
use crate::ValueError;
use crate::time::Moment;
use crate::user::ZoneName;

/// All that decides which occurrences a series has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The rule. If it has an end of its own, that is `end`.
    pub rule: WrittenRule,
    /// Where its clock hangs.
    pub zone: ZoneName,
    /// The civil time that anchors the rule; an occurrence only if the rule says so.
    pub starts_at: DateTime,
    /// How it ends.
    pub end: End,
    /// What becomes of a civil time that does not exist.
    pub gap: Gap,
    /// Civil times of occurrences that are left out.
    pub exdates: BTreeSet<DateTime>,
    /// Civil times of occurrences besides those of the rule.
    pub rdates: BTreeSet<DateTime>,
}

/// The occurrence that a series waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NextOccurrence {
    /// When it is.
    pub at: Timestamp,
    /// The civil time that names it, from which a gap may have moved it.
    pub local: DateTime,
    /// Which it is of those of the rule, as COUNT counts: from 1, or that of the one before if it is an added date.
    pub number: u32,
}

/// What is said of when a series recurs; what is `None` is not said.
#[derive(Debug, Clone, Default)]
pub struct ScheduleChange {
    /// The rule.
    pub rule: Option<WrittenRule>,
    /// The zone.
    pub zone: Option<ZoneName>,
    /// The anchor.
    pub starts_at: Option<Moment>,
    /// The end.
    pub end: EndChange,
    /// What becomes of a civil time that does not exist.
    pub gap: Option<Gap>,
    /// All the occurrences that shall be left out.
    pub exdates: Option<Vec<Moment>>,
    /// All that there shall be besides those of the rule.
    pub rdates: Option<Vec<Moment>>,
}

/// A value that makes no schedule, and the field that it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduleFault {
    /// The field, as the API names it.
    pub field: &'static str,
    /// What is wrong with it.
    pub error: ValueError,
}

impl ScheduleFault {
    /// A fault of `field` that says `message`.
    pub fn new(field: &'static str, message: impl Into<String>) -> Self {
        Self { field, error: ValueError::new(message) }
    }

    pub(super) fn of(field: &'static str) -> impl FnOnce(ValueError) -> Self {
        move |error| Self { field, error }
    }
}

impl Schedule {
    /// The most dates that may be taken out, and as many put in.
    pub const MAX_DATES: usize = 500;

    /// The schedule of a new series by `rule` in `zone`, and whatever else is said of it. If no start is said, it is `now`,
    /// cut as the rule asks.
    ///
    /// # Errors
    /// What is said does not go together.
    pub fn new(
        rule: WrittenRule,
        zone: ZoneName,
        said: &ScheduleChange,
        now: Timestamp,
    ) -> Result<Self, ScheduleFault> {
        let time_zone = zone.time_zone().map_err(ScheduleFault::of("timezone_iana"))?;
        let starts_at = match said.starts_at {
            Some(moment) => moment.civil(&time_zone),
            None => default_start(time_zone.to_datetime(now), rule.rule()),
        };
        let end = said.end.resolve(&rule, None, &time_zone)?;
        let schedule = Self {
            rule,
            zone,
            starts_at,
            end,
            gap: said.gap.unwrap_or_default(),
            exdates: civil_times("exdates", said.exdates.as_deref().unwrap_or_default(), &time_zone)?,
            rdates: civil_times("rdates", said.rdates.as_deref().unwrap_or_default(), &time_zone)?,
        };
        schedule.series()?;
        Ok(schedule)
    }

    /// This schedule with what is said changed. Civil times stay what they are when the zone changes.
    ///
    /// # Errors
    /// What is said does not go together, or not with what stays.
    pub fn changed(&self, said: &ScheduleChange) -> Result<Self, ScheduleFault> {
        let zone = said.zone.clone().unwrap_or_else(|| self.zone.clone());
        let time_zone = zone.time_zone().map_err(ScheduleFault::of("timezone_iana"))?;
        let dates = |field, said: &Option<Vec<Moment>>, before: &BTreeSet<DateTime>| match said {
            Some(moments) => civil_times(field, moments, &time_zone),
            None => Ok(before.clone()),
        };
        let (end, rule) = match &said.rule {
            Some(rule) => (said.end.resolve(rule, Some((self.end, &self.rule)), &time_zone)?, rule.clone()),
            None => said.end.replace(self.end, &self.rule, &time_zone)?,
        };
        let schedule = Self {
            starts_at: said.starts_at.map_or(self.starts_at, |moment| moment.civil(&time_zone)),
            gap: said.gap.unwrap_or(self.gap),
            exdates: dates("exdates", &said.exdates, &self.exdates)?,
            rdates: dates("rdates", &said.rdates, &self.rdates)?,
            rule,
            zone,
            end,
        };
        if schedule != *self {
            schedule.series()?;
        }
        Ok(schedule)
    }

    /// The series that the engine expands.
    ///
    /// # Errors
    /// It would have no occurrence at all.
    pub fn series(&self) -> Result<Series, ScheduleFault> {
        let spec = SeriesSpec {
            rule: self.end.applied_to(self.rule.rule())?,
            starts_at: self.starts_at,
            zone: self.time_zone()?,
            gap: self.gap.into(),
            skipped: self.exdates.clone(),
            added: self.rdates.clone(),
        };
        Series::new(spec).map_err(|error| match error.part() {
            "DTSTART" => {
                let said = error.to_string();
                ScheduleFault::new("starts_at", format!("can't be taken: {}", said.trim_end_matches('.')))
            }
            part @ ("COUNT" | "UNTIL") => ScheduleFault { field: self.ended_by(), error: at_fault(part, &error) },
            part => ScheduleFault { field: "rrule", error: at_fault(part, &error) },
        })
    }

    /// The first occurrence after `now`.
    ///
    /// # Errors
    /// There is none, or it is too far to be found.
    pub fn next_after(&self, now: Timestamp) -> Result<NextOccurrence, ScheduleFault> {
        let next =
            self.series()?.next_after_instant(now).map_err(|limit| ScheduleFault::new("rrule", limit.to_string()))?;
        match next {
            Some(next) => Ok(NextOccurrence { at: next.at, local: next.local, number: next.number }),
            None => Err(ScheduleFault::new(self.ended_by(), "leaves no occurrence in the future")),
        }
    }

    /// The rule in words.
    ///
    /// # Errors
    /// See [`Self::series`].
    pub fn summary(&self) -> Result<String, ScheduleFault> {
        Ok(self.series()?.summary())
    }

    /// The rules of its zone.
    ///
    /// # Errors
    /// See [`ZoneName::time_zone`].
    pub fn time_zone(&self) -> Result<TimeZone, ScheduleFault> {
        self.zone.time_zone().map_err(ScheduleFault::of("timezone_iana"))
    }

    /// The field that says when it ends.
    fn ended_by(&self) -> &'static str {
        match self.end {
            _ if self.rule.has_end() => "rrule",
            End::Never => "rrule",
            End::Count(_) => "recurrence_max_count",
            End::Until(_) => "recurrence_end_date",
        }
    }
}

fn civil_times(field: &'static str, moments: &[Moment], zone: &TimeZone) -> Result<BTreeSet<DateTime>, ScheduleFault> {
    if moments.len() > Schedule::MAX_DATES {
        return Err(ScheduleFault::new(field, format!("must be at most {} times", Schedule::MAX_DATES)));
    }
    let times: BTreeSet<DateTime> = moments.iter().map(|moment| moment.civil(zone)).collect();
    if times.first().is_some_and(|first| first.year() < 1) {
        return Err(ScheduleFault::new(field, "must lie in the years 1 to 9999"));
    }
    Ok(times)
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use jiff::civil::datetime;

    use super::*;

    fn schedule(rule: &str, zone: &str, said: &ScheduleChange) -> Result<Schedule, ScheduleFault> {
        let rule = WrittenRule::parse(rule).expect(rule);
        Schedule::new(rule, ZoneName::parse(zone).expect(zone), said, instant("2026-11-21T08:47:30Z"))
    }

    fn instant(text: &str) -> Timestamp {
        text.parse().expect(text)
    }

    fn starting(text: &str) -> ScheduleChange {
        ScheduleChange { starts_at: Some(Moment::parse(text).expect(text)), ..ScheduleChange::default() }
    }

    #[test]
    fn a_series_without_a_start_begins_now_cut_as_its_rule_asks() {
        let starts_at = |rule| schedule(rule, "Europe/Berlin", &ScheduleChange::default()).map(|made| made.starts_at);
        assert_eq!(starts_at("FREQ=DAILY"), Ok(datetime(2026, 11, 21, 9, 47, 0, 0)));
        assert_eq!(starts_at("FREQ=DAILY;BYHOUR=14"), Ok(datetime(2026, 11, 21, 9, 0, 0, 0)));
    }

    #[test]
    fn every_friday_at_14_in_new_york_is_next_on_friday_at_19_utc() {
        let made = schedule("FREQ=WEEKLY;BYDAY=FR;BYHOUR=14", "America/New_York", &ScheduleChange::default());
        let next = made.expect("a schedule").next_after(instant("2026-11-21T08:47:30Z")).expect("a next one");
        assert_eq!((next.at, next.local), (instant("2026-11-27T19:00:00Z"), datetime(2026, 11, 27, 14, 0, 0, 0)));
    }

    #[test]
    fn a_fault_names_its_field_and_its_part() {
        let never = schedule("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "UTC", &ScheduleChange::default());
        let fault = never.expect_err("it never matches");
        assert_eq!(fault.field, "rrule");
        assert!(fault.error.to_string().contains("BYMONTHDAY"), "{}", fault.error);
        let end = EndChange { end_date: Some(Moment::parse("2020-01-01").ok()), ..EndChange::default() };
        let over = schedule("FREQ=DAILY", "UTC", &ScheduleChange { end, ..ScheduleChange::default() });
        assert_eq!(over.expect_err("it ends before it begins").field, "recurrence_end_date");
        let early = schedule("FREQ=DAILY", "UTC", &starting("1000-01-01T00:00:00"));
        assert_eq!(early.expect_err("it starts too early").field, "starts_at");
    }

    #[test]
    fn what_lies_in_the_past_has_no_next_occurrence_and_the_end_is_at_fault() {
        let end = EndChange { max_count: Some(NonZeroU32::new(2)), ..EndChange::default() };
        let now = instant("2026-11-21T08:47:30Z");
        let ended = schedule("FREQ=DAILY", "UTC", &ScheduleChange { end, ..starting("2026-01-01T09:00:00") });
        assert_eq!(
            ended.expect("it has occurred").next_after(now).map_err(|fault| fault.field),
            Err("recurrence_max_count")
        );
        let ended = schedule("FREQ=DAILY;COUNT=2", "UTC", &starting("2026-01-01T09:00:00"));
        assert_eq!(ended.expect("it has occurred").next_after(now).map_err(|fault| fault.field), Err("rrule"));
    }

    #[test]
    fn dates_that_are_taken_out_and_put_in_are_civil_times_of_the_zone() {
        let moments = |text: &str| Some(vec![Moment::parse(text).expect(text)]);
        let said = ScheduleChange {
            exdates: moments("2026-12-01T08:00:00Z"),
            rdates: moments("2026-12-01T12:30:00"),
            ..starting("2026-12-01T09:00:00")
        };
        let made = schedule("FREQ=DAILY", "Europe/Berlin", &said).expect("a schedule");
        let next = made.next_after(instant("2026-11-21T08:47:30Z")).expect("a next one");
        assert_eq!((next.local, next.number), (datetime(2026, 12, 1, 12, 30, 0, 0), 1));
        let too_many =
            ScheduleChange { exdates: Some(vec![Moment::Civil(next.local); 501]), ..ScheduleChange::default() };
        assert_eq!(schedule("FREQ=DAILY", "UTC", &too_many).map_err(|fault| fault.field), Err("exdates"));
    }

    #[test]
    fn a_new_zone_moves_the_instants_and_not_the_clock() {
        let made = schedule("FREQ=DAILY", "Europe/Berlin", &starting("2026-12-01T09:00:00")).expect("a schedule");
        let moved =
            made.changed(&ScheduleChange { zone: ZoneName::parse("Asia/Tokyo").ok(), ..ScheduleChange::default() });
        let next = moved.expect("a schedule").next_after(instant("2026-11-21T08:47:30Z")).expect("a next one");
        assert_eq!(next.at, instant("2026-12-01T00:00:00Z"));
    }
}
