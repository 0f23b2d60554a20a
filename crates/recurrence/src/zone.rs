//! Civil times and instants of one zone: the policy for gaps and folds, and a memory of the offset in force.

use jiff::Timestamp;
use jiff::tz::{AmbiguousOffset, TimeZone};

use crate::calendar::{Local, SECONDS_PER_DAY};

/// No zone has ever been moved by more: at both ends of a span its civil times may belong to a neighbour.
const EDGE: i64 = SECONDS_PER_DAY + 3_600;

/// A zone, with the span of constant offset that was used last.
#[derive(Debug, Clone)]
pub(crate) struct Zone<'a> {
    zone: &'a TimeZone,
    span: Option<Span>,
}

/// Instants from `from` to before `until` (seconds since 1970) at which the offset is the same.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) from: i64,
    pub(crate) until: i64,
    pub(crate) offset: i64,
}

/// Where a civil time lies on the line of instants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// There is exactly one such time.
    Once(i64),
    /// It comes twice: this is the first.
    FirstOfTwo(i64),
    /// The clock jumps over it: this is the time as far behind the gap as it is in it (RFC 5545 §3.3.5).
    Missing { moved_to: i64, gap_start: Local, gap_length: i64 },
}

impl Place {
    pub(crate) fn instant(self) -> i64 {
        match self {
            Self::Once(at) | Self::FirstOfTwo(at) | Self::Missing { moved_to: at, .. } => at,
        }
    }
}

impl<'a> Zone<'a> {
    pub(crate) fn new(zone: &'a TimeZone) -> Self {
        Self { zone, span: None }
    }

    pub(crate) fn place(&mut self, local: Local) -> Place {
        if let Some(span) = self.span {
            let at = local.0 - span.offset;
            if span.from.saturating_add(EDGE) <= at && at < span.until.saturating_sub(EDGE) {
                return Place::Once(at);
            }
        }
        let place = self.look_up(local);
        self.span(place.instant());
        place
    }

    fn look_up(&self, local: Local) -> Place {
        match self.zone.to_ambiguous_timestamp(local.datetime()).offset() {
            AmbiguousOffset::Unambiguous { offset } => Place::Once(local.0 - i64::from(offset.seconds())),
            AmbiguousOffset::Fold { before, .. } => Place::FirstOfTwo(local.0 - i64::from(before.seconds())),
            AmbiguousOffset::Gap { before, after } => {
                let (before, after) = (i64::from(before.seconds()), i64::from(after.seconds()));
                let moved_to = local.0 - before;
                let gap_end = self.span_of(moved_to).from;
                Place::Missing { moved_to, gap_start: Local(gap_end + before), gap_length: after - before }
            }
        }
    }

    /// The span that holds an instant.
    pub(crate) fn span(&mut self, at: i64) -> Span {
        match self.span {
            Some(span) if span.from <= at && at < span.until => span,
            _ => *self.span.insert(self.span_of(at)),
        }
    }

    fn span_of(&self, at: i64) -> Span {
        let instant = timestamp(at);
        let from = self.zone.preceding(timestamp(at + 1)).next();
        let until = self.zone.following(instant).next();
        Span {
            from: from.map_or(i64::MIN, |transition| transition.timestamp().as_second()),
            until: until.map_or(i64::MAX, |transition| transition.timestamp().as_second()),
            offset: i64::from(self.zone.to_offset(instant).seconds()),
        }
    }

    /// The civil time at an instant.
    pub(crate) fn local(&mut self, at: i64) -> Local {
        Local(at + self.span(at).offset)
    }

    /// The civil time from which rules must be expanded to find all that lies after an instant: that instant's own,
    /// but behind a gap the beginning of the gap, as what was in it is moved behind it.
    pub(crate) fn seek(&mut self, at: i64) -> Local {
        let span = self.span(at);
        if span.from > i64::MIN {
            let before = self.offset_before(span.from);
            let gap_length = span.offset - before;
            if at - span.from < gap_length {
                return Local(span.from + before);
            }
        }
        Local(at + span.offset)
    }

    /// The gaps that begin between two civil times: their beginnings and lengths in seconds.
    pub(crate) fn gaps_between(&self, from: Local, until: Local) -> impl Iterator<Item = (Local, i64)> {
        let mut before = i64::from(self.zone.to_offset(timestamp(from.0 - EDGE)).seconds());
        let transitions = self.zone.following(timestamp(from.0 - EDGE));
        let changes = transitions.map(move |transition| {
            let after = i64::from(transition.offset().seconds());
            let gap = (Local(transition.timestamp().as_second() + before), after - before);
            before = after;
            gap
        });
        changes.take_while(move |(start, _)| *start < until).filter(|(_, length)| *length > 0)
    }

    /// Whether the instant is the second one that has its civil time.
    pub(crate) fn is_second_of_two(&mut self, at: i64) -> bool {
        let span = self.span(at);
        span.from > i64::MIN && at - span.from < EDGE && at - span.from < self.offset_before(span.from) - span.offset
    }

    fn offset_before(&self, transition: i64) -> i64 {
        i64::from(self.zone.to_offset(timestamp(transition - 1)).seconds())
    }
}

/// Instants outside of what `jiff` knows are its first or last.
pub(crate) fn timestamp(at: i64) -> Timestamp {
    Timestamp::from_second(at).unwrap_or(if at < 0 { Timestamp::MIN } else { Timestamp::MAX })
}
