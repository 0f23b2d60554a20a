//! What falls due of a series, and what of it was missed.

use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use rondo_recurrence::{Frequency, Occurrence};

use super::schedule::{NextOccurrence, Schedule, ScheduleFault};
use super::{Gap, OnMissed};

/// How late an occurrence may be made and still be in time where none that was missed is wanted: what is promised of
/// each is its minute.
const IN_TIME: SignedDuration = SignedDuration::from_mins(1);

/// What has fallen due of a series, and what it waits for then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FallenDue {
    /// In order.
    pub occurrences: Vec<DueOccurrence>,
    /// The occurrence that follows; `None`: there is none any more. It is due as well if there were more than asked for.
    pub next: Option<NextOccurrence>,
}

/// An occurrence that has fallen due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueOccurrence {
    /// When.
    pub at: Timestamp,
    /// The civil time that names it.
    pub local: DateTime,
    /// Whether it is the second passage of a civil time that comes twice.
    pub is_second_passage: bool,
    /// Whether it is only recorded, as missed.
    pub is_missed: bool,
}

impl Schedule {
    /// What has fallen due at `now` of a series that waits for `waiting`, which is due; at most `at_most` (not 0).
    ///
    /// Missed is, by the policy `on_missed`:
    /// - latest: what another has followed by now;
    /// - all: nothing;
    /// - skip: what nobody made within a minute.
    ///
    /// # Errors
    /// What is kept of the series makes none any more, or what follows is too far to be found.
    pub fn fallen_due(
        &self,
        on_missed: OnMissed,
        waiting: NextOccurrence,
        now: Timestamp,
        at_most: usize,
    ) -> Result<FallenDue, ScheduleFault> {
        let (series, zone) = (self.series()?, self.time_zone()?);
        let mut due = vec![of_engine(waiting)];
        let next = loop {
            let last = due.last().copied().unwrap_or_else(|| of_engine(waiting));
            match series.resume_after(&last).map_err(too_far)? {
                Some(next) if next.at <= now && due.len() < at_most => due.push(next),
                next => break next,
            }
        };
        let more_are_due = next.is_some_and(|next| next.at <= now);
        let count = due.len();
        let judge = |(index, occurrence): (usize, Occurrence)| DueOccurrence {
            at: occurrence.at,
            local: occurrence.local,
            is_second_passage: is_second_passage(&zone, occurrence),
            is_missed: match on_missed {
                OnMissed::Latest => more_are_due || index + 1 < count,
                OnMissed::All => false,
                OnMissed::Skip => now.duration_since(occurrence.at) > IN_TIME,
            },
        };
        let occurrences = due.into_iter().enumerate().map(judge).collect();
        Ok(FallenDue { occurrences, next: next.map(kept) })
    }

    /// What a series waits for by the zone data of this program, that waited for `waiting` by older ones. A civil time
    /// stays and its instant moves; where time is counted as it elapses, nothing does. `None`: there is none any more.
    ///
    /// # Errors
    /// See [`Self::fallen_due`].
    pub fn in_zone_data_of_now(&self, waiting: NextOccurrence) -> Result<Option<NextOccurrence>, ScheduleFault> {
        if self.rule.rule().frequency() >= Frequency::Hourly {
            return Ok(Some(waiting));
        }
        let place = self.time_zone()?.to_ambiguous_timestamp(waiting.local);
        if matches!(place.offset(), AmbiguousOffset::Gap { .. }) && self.gap == Gap::Skip {
            return Ok(self.series()?.resume_after(&of_engine(waiting)).map_err(too_far)?.map(kept));
        }
        // As RFC 5545 has it: the first of two, and out of a gap by its length.
        Ok(Some(place.compatible().map_or(waiting, |at| NextOccurrence { at, ..waiting })))
    }
}

fn too_far(limit: rondo_recurrence::WorkLimit) -> ScheduleFault {
    ScheduleFault::new("rrule", limit.to_string())
}

fn of_engine(NextOccurrence { at, local, number }: NextOccurrence) -> Occurrence {
    Occurrence { local, at, number, note: None }
}

fn kept(Occurrence { at, local, number, .. }: Occurrence) -> NextOccurrence {
    NextOccurrence { at, local, number }
}

fn is_second_passage(zone: &TimeZone, occurrence: Occurrence) -> bool {
    match zone.to_ambiguous_timestamp(occurrence.local).offset() {
        AmbiguousOffset::Fold { after, .. } => zone.to_offset(occurrence.at) == after,
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Gap { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::datetime;

    use super::*;
    use crate::series::{ScheduleChange, WrittenRule};
    use crate::time::Moment;
    use crate::user::ZoneName;

    fn instant(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    fn schedule(rule: &str, zone: &str, starts_at: &str) -> Schedule {
        let said = ScheduleChange { starts_at: Some(Moment::parse(starts_at).expect("a start")), ..Default::default() };
        let rule = WrittenRule::parse(rule).expect("a rule");
        Schedule::new(rule, ZoneName::parse(zone).expect("a zone"), &said, instant("2024-01-01T00:00:00Z"))
            .expect("a schedule")
    }

    /// What has fallen due of a daily series at 09:00 UTC that waits for March 1: which days were missed, and which were not.
    fn daily(on_missed: OnMissed, now: &str, at_most: usize) -> (Vec<i8>, Vec<i8>, Option<i8>) {
        let schedule = schedule("FREQ=DAILY;COUNT=40", "UTC", "2024-03-01T09:00:00");
        let first = schedule.next_after(instant("2024-02-29T00:00:00Z")).expect("a first");
        let fallen = schedule.fallen_due(on_missed, first, instant(now), at_most).expect("an answer");
        let days = |missed| {
            let those = fallen.occurrences.iter().filter(move |occurrence| occurrence.is_missed == missed);
            those.map(|occurrence| occurrence.local.day()).collect()
        };
        (days(true), days(false), fallen.next.map(|next| next.local.day()))
    }

    #[test]
    fn what_is_late_without_another_having_followed_is_not_missed_but_where_none_is_wanted() {
        let now = "2024-03-02T08:59:59Z";
        assert_eq!(daily(OnMissed::Latest, now, 100), (vec![], vec![1], Some(2)));
        assert_eq!(daily(OnMissed::All, now, 100), (vec![], vec![1], Some(2)));
        assert_eq!(daily(OnMissed::Skip, now, 100), (vec![1], vec![], Some(2)));
        assert_eq!(daily(OnMissed::Skip, "2024-03-01T09:01:00Z", 100), (vec![], vec![1], Some(2)));
    }

    #[test]
    fn after_nine_days_the_policy_says_what_is_made() {
        let now = "2024-03-09T12:00:00Z";
        assert_eq!(daily(OnMissed::Latest, now, 100), ((1..=8).collect(), vec![9], Some(10)));
        assert_eq!(daily(OnMissed::All, now, 100), (vec![], (1..=9).collect(), Some(10)));
        assert_eq!(daily(OnMissed::Skip, now, 100), ((1..=9).collect(), vec![], Some(10)));
        assert_eq!(daily(OnMissed::Skip, "2024-03-09T09:00:30Z", 100), ((1..=8).collect(), vec![9], Some(10)));
    }

    #[test]
    fn of_more_than_are_asked_for_the_latest_is_still_to_come() {
        assert_eq!(daily(OnMissed::Latest, "2024-03-09T12:00:00Z", 4), ((1..=4).collect(), vec![], Some(5)));
    }

    #[test]
    fn a_series_that_is_over_waits_for_nothing() {
        let (missed, made, next) = daily(OnMissed::Latest, "2024-12-01T00:00:00Z", 100);
        assert_eq!((missed.len(), made.len(), next), (39, 1, None));
    }

    #[test]
    fn an_hour_that_comes_twice_falls_due_twice() {
        let schedule = schedule("FREQ=HOURLY", "Europe/London", "2024-10-27T00:00:00");
        let first = schedule.next_after(instant("2024-10-26T22:59:59Z")).expect("a first");
        let fallen = schedule.fallen_due(OnMissed::All, first, instant("2024-10-27T02:30:00Z"), 10).expect("an answer");
        let hours: Vec<_> = fallen
            .occurrences
            .iter()
            .map(|occurrence| (occurrence.local.hour(), occurrence.is_second_passage))
            .collect();
        assert_eq!(hours, [(0, false), (1, false), (1, true), (2, false)]);
    }

    #[test]
    fn a_civil_time_stays_when_the_rules_of_its_zone_change() {
        let schedule = schedule("FREQ=DAILY", "America/New_York", "2024-03-01T02:30:00");
        let by_older_data = NextOccurrence {
            at: instant("2024-07-01T07:30:00Z"),
            local: datetime(2024, 7, 1, 2, 30, 0, 0),
            number: 123,
        };
        let corrected = NextOccurrence { at: instant("2024-07-01T06:30:00Z"), ..by_older_data };
        assert_eq!(schedule.in_zone_data_of_now(by_older_data), Ok(Some(corrected)));
        assert_eq!(schedule.in_zone_data_of_now(corrected), Ok(Some(corrected)));
    }

    #[test]
    fn a_civil_time_that_a_gap_now_swallows_moves_or_is_left_out() {
        let waiting = NextOccurrence {
            at: instant("2024-03-10T06:30:00Z"),
            local: datetime(2024, 3, 10, 2, 30, 0, 0),
            number: 10,
        };
        let shifting = schedule("FREQ=DAILY", "America/New_York", "2024-03-01T02:30:00");
        let moved = shifting.in_zone_data_of_now(waiting).expect("an answer").expect("one");
        assert_eq!((moved.at, moved.number), (instant("2024-03-10T07:30:00Z"), 10));
        let skipping = Schedule { gap: Gap::Skip, ..shifting };
        let next = skipping.in_zone_data_of_now(waiting).expect("an answer").expect("one");
        assert_eq!(next.at, instant("2024-03-11T06:30:00Z"));
    }
}
