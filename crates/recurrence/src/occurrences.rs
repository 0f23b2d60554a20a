//! The occurrences of a series one after the other: the rule's and those added, without those skipped, numbered.

use crate::occurrence::Occurrence;
use crate::plan::{Raw, RuleStream};
use crate::series::Series;
use crate::work::{self, Work, WorkLimit};
use crate::zone::timestamp;

/// The occurrences of a series, in the order of their instants, each once.
#[derive(Debug)]
pub struct Occurrences<'a> {
    series: &'a Series,
    after: Option<i64>,
    stream: RuleStream<'a>,
    /// The rule's next, read but not given yet.
    of_rule: Option<Raw>,
    rule_is_over: bool,
    /// Those of `added` that are still to come.
    added: &'a [Raw],
    number: u32,
    ignores_skipped: bool,
}

impl<'a> Occurrences<'a> {
    /// Those after an instant, where the rule's last up to it has this number.
    pub(crate) fn new(series: &'a Series, after: Option<i64>, number: u32) -> Self {
        let first_added = series.added.partition_point(|raw| after.is_some_and(|after| raw.at <= after));
        Self {
            series,
            after,
            stream: series.plan.stream(&series.zone, series.gap, after, series.last.local),
            of_rule: None,
            rule_is_over: false,
            added: &series.added[first_added..],
            number,
            ignores_skipped: false,
        }
    }

    /// As if there were no `EXDATE`.
    pub(crate) fn with_skipped(self) -> Self {
        Self { ignores_skipped: true, ..self }
    }

    pub(crate) fn first(mut self) -> Result<Option<Occurrence>, WorkLimit> {
        self.next().transpose()
    }

    fn step(&mut self) -> Result<Option<Occurrence>, WorkLimit> {
        let mut work = Work::of(work::PER_OCCURRENCE);
        loop {
            let of_rule = self.peek_rule(&mut work)?;
            let raw = match (of_rule, self.added.first().copied()) {
                (None, None) => return Ok(None),
                (Some(raw), Some(added)) if raw.at <= added.at => {
                    self.take_of_rule();
                    if raw.at == added.at {
                        self.added = &self.added[1..];
                    }
                    raw
                }
                (Some(raw), None) => {
                    self.take_of_rule();
                    raw
                }
                (_, Some(added)) => {
                    self.added = &self.added[1..];
                    added
                }
            };
            if self.ignores_skipped || self.series.skipped.binary_search(&raw.at).is_err() {
                return Ok(Some(self.occurrence(raw)));
            }
        }
    }

    fn take_of_rule(&mut self) {
        self.of_rule = None;
        self.number = self.number.saturating_add(1);
    }

    fn peek_rule(&mut self, work: &mut Work) -> Result<Option<Raw>, WorkLimit> {
        self.rule_is_over |= self.series.rule().count().is_some_and(|count| self.number >= count);
        while self.of_rule.is_none() && !self.rule_is_over {
            let raw = self.stream.next(work)?;
            self.rule_is_over = raw.is_none_or(|raw| self.series.last.instant.is_some_and(|last| raw.at > last));
            self.of_rule = raw.filter(|raw| !self.rule_is_over && self.after.is_none_or(|after| raw.at > after));
        }
        Ok(self.of_rule)
    }

    fn occurrence(&self, raw: Raw) -> Occurrence {
        Occurrence { local: raw.local.datetime(), at: timestamp(raw.at), number: self.number, note: raw.note }
    }
}

impl Iterator for Occurrences<'_> {
    type Item = Result<Occurrence, WorkLimit>;

    fn next(&mut self) -> Option<Self::Item> {
        let next = self.step().transpose();
        if matches!(next, Some(Err(WorkLimit))) {
            self.rule_is_over = true;
            self.added = &[];
        }
        next
    }
}
