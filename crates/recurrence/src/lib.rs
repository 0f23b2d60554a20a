//! Recurrence rules of RFC 5545 in the zone of their series, right to the minute.
//!
//! A [`Rule`] is text taken apart; a [`Series`] is a rule with the civil time it starts at and its zone, proved not to
//! be empty, and says when it occurs. Rules of a day and longer are expanded on the wall clock and only then turned into
//! instants; `HOURLY` and `MINUTELY` count elapsed time. Nothing here reads a clock or does I/O, and no question costs
//! more than a fixed amount of work, whatever the rule and however old the series.
//!
//! Reading order: `rule` and `parse` (the text), `calendar` and `dates` (which days match), `civil` (wall clock) and
//! `elapsed`, `zone` (gaps and folds), `series` (the whole), `proof` (that it is not empty), `words`.
//! `docs/recurrence.md` lists the decisions where the RFC leaves a choice.

mod calendar;
mod civil;
mod civil_stream;
mod count;
mod dates;
mod elapsed;
mod elapsed_count;
mod error;
mod occurrence;
mod occurrences;
mod parse;
mod plan;
mod proof;
mod rule;
mod series;
mod words;
mod work;
mod zone;

pub use error::{RuleError, SeriesError};
pub use occurrence::{Note, Occurrence};
pub use occurrences::Occurrences;
pub use rule::{Frequency, Rule, Until};
pub use series::{Gap, Series, SeriesSpec, default_start};
pub use work::WorkLimit;
