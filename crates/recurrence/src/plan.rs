//! A rule with its start, and what it gives in a zone before it is counted.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::calendar::Local;
use crate::civil::Civil;
use crate::civil_stream::CivilStream;
use crate::dates::Dates;
use crate::elapsed::{Elapsed, ElapsedStream};
use crate::occurrence::Note;
use crate::rule::Rule;
use crate::series::Gap;
use crate::work::{Work, WorkLimit};
use crate::zone::{Place, Zone};

/// A rule with its start, in no zone yet.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) dates: Dates,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone)]
pub(crate) enum Kind {
    Civil(Civil),
    Elapsed(Elapsed),
}

impl Plan {
    pub(crate) fn new(rule: &Rule, start: DateTime) -> Self {
        let kind = if rule.counts_elapsed_time() {
            Kind::Elapsed(Elapsed::new(rule, start))
        } else {
            Kind::Civil(Civil::new(rule, start))
        };
        Self { dates: Dates::new(rule, start.date()), kind }
    }

    /// The rule's occurrences in a zone that may be after an instant (a few may be before it).
    pub(crate) fn stream<'a>(
        &'a self,
        zone: &'a TimeZone,
        gap: Gap,
        after: Option<i64>,
        until: Option<Local>,
    ) -> RuleStream<'a> {
        let mut zone = Zone::new(zone);
        match &self.kind {
            Kind::Civil(civil) => {
                let from = after.map_or(Local(i64::MIN), |after| zone.seek(after));
                RuleStream::Civil(CivilStream::new(civil, &self.dates, zone, gap, from, until))
            }
            Kind::Elapsed(elapsed) => RuleStream::Elapsed(ElapsedStream::new(elapsed, &self.dates, zone, after)),
        }
    }
}

/// What a rule gives in a zone, in the order of instants.
#[derive(Debug)]
pub(crate) enum RuleStream<'a> {
    Civil(CivilStream<'a>),
    Elapsed(ElapsedStream<'a>),
}

impl RuleStream<'_> {
    pub(crate) fn next(&mut self, work: &mut Work) -> Result<Option<Raw>, WorkLimit> {
        match self {
            Self::Civil(stream) => stream.next(work),
            Self::Elapsed(stream) => stream.next(work),
        }
    }
}

/// An occurrence as numbers, before it is counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Raw {
    pub(crate) at: i64,
    pub(crate) local: Local,
    pub(crate) note: Option<Note>,
}

impl Raw {
    pub(crate) fn new(local: Local, place: Place) -> Self {
        let note = match place {
            Place::Once(_) => None,
            Place::FirstOfTwo(_) => Some(Note::FirstOfTwo),
            Place::Missing { .. } => Some(Note::Moved),
        };
        Self { at: place.instant(), local, note }
    }
}
