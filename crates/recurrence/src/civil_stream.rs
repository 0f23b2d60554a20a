//! The civil times of a rule placed in a zone, in the order of instants.

use std::collections::VecDeque;

use crate::calendar::Local;
use crate::civil::{Civil, Locals};
use crate::dates::Dates;
use crate::occurrence::Note;
use crate::plan::Raw;
use crate::series::Gap;
use crate::work::{Work, WorkLimit};
use crate::zone::{Place, Zone};

/// The occurrences of a rule of a day and longer, in the order of their instants.
#[derive(Debug)]
pub(crate) struct CivilStream<'a> {
    locals: Locals<'a>,
    zone: Zone<'a>,
    gap: Gap,
    /// What was read ahead behind a gap, already in order.
    ahead: VecDeque<Raw>,
    /// A civil time that was read and not yet used.
    unused: Option<Local>,
}

impl<'a> CivilStream<'a> {
    /// All that a rule gives from the civil time `from` on, as far as `until`, inclusive.
    pub(crate) fn new(
        civil: &'a Civil,
        dates: &'a Dates,
        zone: Zone<'a>,
        gap: Gap,
        from: Local,
        until: Option<Local>,
    ) -> Self {
        let locals = Locals::new(civil, dates, from, until);
        Self { locals, zone, gap, ahead: VecDeque::new(), unused: None }
    }

    pub(crate) fn next(&mut self, work: &mut Work) -> Result<Option<Raw>, WorkLimit> {
        loop {
            if let Some(raw) = self.ahead.pop_front() {
                return Ok(Some(raw));
            }
            let Some(local) = self.next_local(work)? else { return Ok(None) };
            let place = self.zone.place(local);
            match place {
                Place::Missing { .. } if self.gap == Gap::Skip => {}
                Place::Missing { gap_start, gap_length, .. } => {
                    self.read_over_gap(Raw::new(local, place), Local(gap_start.0 + 2 * gap_length), work)?;
                }
                Place::Once(_) | Place::FirstOfTwo(_) => return Ok(Some(Raw::new(local, place))),
            }
        }
    }

    fn next_local(&mut self, work: &mut Work) -> Result<Option<Local>, WorkLimit> {
        match self.unused.take() {
            Some(local) => Ok(Some(local)),
            None => self.locals.next(work),
        }
    }

    /// What is moved out of a gap lands among what is behind it: all up to `end` is put in order. Where two land on one
    /// instant, it is one occurrence, with the name of the time that exists.
    fn read_over_gap(&mut self, first: Raw, end: Local, work: &mut Work) -> Result<(), WorkLimit> {
        let mut read = vec![first];
        while let Some(local) = self.next_local(work)? {
            if local >= end {
                self.unused = Some(local);
                break;
            }
            read.push(Raw::new(local, self.zone.place(local)));
        }
        read.sort_by_key(|raw| (raw.at, raw.note == Some(Note::Moved)));
        read.dedup_by_key(|raw| raw.at);
        self.ahead = read.into();
        Ok(())
    }
}
