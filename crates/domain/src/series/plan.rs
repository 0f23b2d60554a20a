//! What is kept of a series, and how it changes.

use jiff::Timestamp;

use super::schedule::{NextOccurrence, Schedule, ScheduleChange, ScheduleFault};
use super::{OnMissed, Overlap, SeriesStatus};
use crate::reminder::MinutesBefore;

/// A series, apart from what is to be done at each occurrence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// When it recurs.
    pub schedule: Schedule,
    /// What is done with what fell due while nothing ran.
    pub on_missed: OnMissed,
    /// What is done while the instance before is pending.
    pub overlap: Overlap,
    /// How long before each occurrence its owner is reminded of it, if at all.
    pub reminder: Option<MinutesBefore>,
    /// Where it stands.
    pub status: SeriesStatus,
    /// The rule in words.
    pub summary: String,
    /// The occurrence that it waits for; a series that is active has one, one that has ended has none.
    pub next: Option<NextOccurrence>,
}

/// What is to change of a series; what is `None` stays.
#[derive(Debug, Clone, Default)]
pub struct PlanChange {
    /// When it recurs.
    pub schedule: ScheduleChange,
    /// What is done with what fell due while nothing ran.
    pub on_missed: Option<OnMissed>,
    /// What is done while the instance before is pending.
    pub overlap: Option<Overlap>,
    /// How long before each occurrence its owner is reminded of it; `Some(None)`: not any more.
    pub reminder: Option<Option<MinutesBefore>>,
    /// Whether it runs.
    pub status: Option<SeriesStatus>,
}

/// A series as a change makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revision {
    /// The series.
    pub plan: Plan,
    /// Whether it waits for an occurrence that was computed anew.
    pub rescheduled: bool,
}

impl Revision {
    /// Whether what the series owed before it is not owed after it.
    #[must_use]
    pub fn drops_what_is_owed(&self) -> bool {
        self.rescheduled || self.plan.status != SeriesStatus::Active
    }
}

/// Why a series can't be changed so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RevisionError {
    /// It has ended, so nothing of it changes any more.
    Ended(SeriesStatus),
    /// What stands there does not come to stand here.
    Transition {
        /// Where it stands.
        from: SeriesStatus,
        /// Where it should.
        to: SeriesStatus,
    },
    /// A value can't be taken.
    Fault(ScheduleFault),
}

impl From<ScheduleFault> for RevisionError {
    fn from(fault: ScheduleFault) -> Self {
        Self::Fault(fault)
    }
}

impl Plan {
    /// A series that is active from `now` on, without reminders.
    ///
    /// # Errors
    /// It has no occurrence after `now`.
    pub fn begin(
        schedule: Schedule,
        on_missed: OnMissed,
        overlap: Overlap,
        now: Timestamp,
    ) -> Result<Self, ScheduleFault> {
        let next = Some(schedule.next_after(now)?);
        let summary = schedule.summary()?;
        Ok(Self { schedule, on_missed, overlap, reminder: None, status: SeriesStatus::Active, summary, next })
    }

    /// Whether something fell due by `now` that was not made yet.
    #[must_use]
    pub fn owes(&self, now: Timestamp) -> bool {
        self.status == SeriesStatus::Active && self.next.is_some_and(|next| next.at <= now)
    }

    /// This series, changed at `now`. When it is to recur otherwise, or to run again, it waits for the first occurrence after
    /// `now`: what fell due while it was paused is not owed.
    ///
    /// # Errors
    /// See [`RevisionError`].
    pub fn revised(&self, change: &PlanChange, now: Timestamp) -> Result<Revision, RevisionError> {
        if self.status.has_ended() {
            return Err(RevisionError::Ended(self.status));
        }
        let status = change.status.unwrap_or(self.status);
        if !self.status.may_become(status) {
            return Err(RevisionError::Transition { from: self.status, to: status });
        }
        let schedule = self.schedule.changed(&change.schedule)?;
        let resumes = status == SeriesStatus::Active && self.status != SeriesStatus::Active;
        let rescheduled = resumes || schedule != self.schedule;
        let next = if rescheduled { Some(schedule.next_after(now)?) } else { self.next };
        let summary = if schedule == self.schedule { self.summary.clone() } else { schedule.summary()? };
        let plan = Self {
            summary,
            schedule,
            on_missed: change.on_missed.unwrap_or(self.on_missed),
            overlap: change.overlap.unwrap_or(self.overlap),
            reminder: change.reminder.unwrap_or(self.reminder),
            status,
            next,
        };
        Ok(Revision { plan, rescheduled })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::WrittenRule;
    use crate::user::ZoneName;

    fn instant(text: &str) -> Timestamp {
        text.parse().expect(text)
    }

    /// Daily at 09:00 UTC, begun on 21 November 2026.
    fn daily() -> Plan {
        let rule = WrittenRule::parse("FREQ=DAILY;BYHOUR=9").expect("a rule");
        let now = instant("2026-11-21T08:00:00Z");
        let schedule = Schedule::new(rule, ZoneName::default(), &ScheduleChange::default(), now).expect("a schedule");
        Plan::begin(schedule, OnMissed::default(), Overlap::default(), now).expect("a plan")
    }

    fn to(status: SeriesStatus) -> PlanChange {
        PlanChange { status: Some(status), ..PlanChange::default() }
    }

    fn by_rule(text: &str) -> PlanChange {
        let rule = Some(WrittenRule::parse(text).expect(text));
        PlanChange { schedule: ScheduleChange { rule, ..ScheduleChange::default() }, ..PlanChange::default() }
    }

    fn next_at(plan: &Plan) -> Option<Timestamp> {
        plan.next.map(|next| next.at)
    }

    #[test]
    fn a_new_series_is_active_and_waits_for_its_first_occurrence() {
        let plan = daily();
        assert_eq!((plan.status, next_at(&plan)), (SeriesStatus::Active, Some(instant("2026-11-21T09:00:00Z"))));
        assert_eq!(Ok(&plan.summary), plan.schedule.summary().as_ref());
    }

    #[test]
    fn pausing_keeps_the_next_occurrence_and_resuming_owes_nothing_of_the_pause() {
        let paused = daily().revised(&to(SeriesStatus::Paused), instant("2026-11-21T08:30:00Z")).expect("paused");
        assert!(!paused.rescheduled);
        assert_eq!(next_at(&paused.plan), Some(instant("2026-11-21T09:00:00Z")));
        let resumed = paused.plan.revised(&to(SeriesStatus::Active), instant("2026-11-25T10:00:00Z")).expect("resumed");
        assert!(resumed.rescheduled);
        assert_eq!(next_at(&resumed.plan), Some(instant("2026-11-26T09:00:00Z")));
    }

    #[test]
    fn a_new_rule_is_waited_for_from_now_on_and_told_in_words() {
        let now = instant("2026-11-21T08:30:00Z");
        let revision = daily().revised(&by_rule("FREQ=WEEKLY;BYDAY=MO;BYHOUR=7"), now).expect("revised");
        assert!(revision.rescheduled);
        assert_eq!(next_at(&revision.plan), Some(instant("2026-11-23T07:00:00Z")));
        assert_ne!(revision.plan.summary, daily().summary);
    }

    #[test]
    fn what_stays_the_same_is_not_scheduled_anew() {
        let plan = daily();
        let same = PlanChange { on_missed: Some(OnMissed::All), ..by_rule("FREQ=DAILY;BYHOUR=9") };
        let revision = plan.revised(&same, instant("2026-11-25T10:00:00Z")).expect("revised");
        assert!(!revision.rescheduled);
        assert_eq!((revision.plan.next, revision.plan.on_missed), (plan.next, OnMissed::All));
    }

    #[test]
    fn reminders_come_with_each_occurrence_until_they_are_taken_back() {
        let now = instant("2026-11-21T08:30:00Z");
        let reminding = |reminder| PlanChange { reminder: Some(reminder), ..PlanChange::default() };
        let quarter = MinutesBefore::new(15).ok();
        let reminded = daily().revised(&reminding(quarter), now).expect("revised");
        assert!(!reminded.rescheduled);
        assert_eq!(reminded.plan.reminder, quarter);
        let kept = reminded.plan.revised(&to(SeriesStatus::Paused), now).expect("paused");
        assert_eq!(kept.plan.reminder, quarter);
        assert_eq!(kept.plan.revised(&reminding(None), now).expect("revised").plan.reminder, None);
    }

    #[test]
    fn what_has_ended_changes_no_more() {
        for status in [SeriesStatus::Completed, SeriesStatus::Cancelled] {
            let ended = Plan { status, next: None, ..daily() };
            let refused = ended.revised(&to(SeriesStatus::Active), instant("2026-11-21T08:30:00Z"));
            assert_eq!(refused, Err(RevisionError::Ended(status)));
        }
    }

    #[test]
    fn what_has_not_begun_does_not_pause() {
        let pending = Plan { status: SeriesStatus::Pending, ..daily() };
        let now = instant("2026-11-21T08:30:00Z");
        let (from, to_status) = (SeriesStatus::Pending, SeriesStatus::Paused);
        assert_eq!(pending.revised(&to(to_status), now), Err(RevisionError::Transition { from, to: to_status }));
        assert!(pending.revised(&to(SeriesStatus::Active), now).expect("it begins").rescheduled);
    }

    #[test]
    fn what_is_owed_is_dropped_by_a_pause_or_a_new_rule_and_by_nothing_else() {
        let (plan, now) = (daily(), instant("2026-11-21T09:00:00Z"));
        assert!(plan.owes(now) && !plan.owes(instant("2026-11-21T08:59:59Z")));
        let drops = |change: &PlanChange| plan.revised(change, now).expect("revised").drops_what_is_owed();
        assert!(drops(&to(SeriesStatus::Paused)) && drops(&by_rule("FREQ=WEEKLY")));
        assert!(!drops(&PlanChange { overlap: Some(Overlap::Skip), ..PlanChange::default() }));
        let paused = plan.revised(&to(SeriesStatus::Paused), now).expect("paused").plan;
        assert!(!paused.owes(now));
    }

    #[test]
    fn a_series_with_nothing_left_is_not_resumed() {
        let ended = by_rule("FREQ=DAILY;BYHOUR=9;UNTIL=20261122");
        let paused = daily()
            .revised(&PlanChange { status: Some(SeriesStatus::Paused), ..ended }, instant("2026-11-21T08:30:00Z"));
        let refused = paused.expect("paused").plan.revised(&to(SeriesStatus::Active), instant("2026-12-01T00:00:00Z"));
        assert!(matches!(refused, Err(RevisionError::Fault(ScheduleFault { field: "rrule", .. }))), "{refused:?}");
    }
}
