//! One occurrence, and what the clocks of its zone do to it.

use std::fmt;

use jiff::Timestamp;
use jiff::civil::{DateTime, Time};

/// Something that happens at one instant, from civil time 1900 to 9998.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Occurrence {
    /// The civil time that names it, before a gap moved it. In a series by elapsed time two occurrences may have the
    /// same one, where clocks go back; their instants differ.
    pub local: DateTime,
    /// When it is.
    pub at: Timestamp,
    /// Its number among the rule's occurrences, from 1, as `COUNT` counts: before `EXDATE`. One of `added` has the
    /// number of the rule's last before it.
    pub number: u32,
    /// What the zone does to it, if anything.
    pub note: Option<Note>,
}

/// What a zone's clock changes do to an occurrence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Note {
    /// Its civil time does not exist: it is as much later as the gap is long.
    Moved,
    /// Its civil time comes twice: this is the first.
    FirstOfTwo,
    /// Its civil time comes twice: this is the second, an hour that elapsed like any other.
    SecondOfTwo,
}

impl Occurrence {
    /// What the clocks do to it, as a sentence for the user.
    pub fn remark(&self) -> Option<String> {
        let (date, time) = (self.local.date(), ShortTime(self.local.time()));
        Some(match self.note? {
            Note::Moved => {
                format!("{time} does not exist on {date}: the clock jumps over it, so it is later by as much")
            }
            Note::FirstOfTwo => format!("{time} comes twice on {date}: the first is meant"),
            Note::SecondOfTwo => format!("{time} comes twice on {date}: this is the second"),
        })
    }
}

/// `09:00`, or `09:00:30` if it has seconds.
pub(crate) struct ShortTime(pub(crate) Time);

impl fmt::Display for ShortTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0.hour(), self.0.minute())?;
        if self.0.second() == 0 { Ok(()) } else { write!(f, ":{:02}", self.0.second()) }
    }
}
