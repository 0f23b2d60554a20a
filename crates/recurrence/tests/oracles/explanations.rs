//! Why other engines answer otherwise.

use jiff::civil::{DateTime, Weekday};
use jiff::{Timestamp, ToSpan};
use rondo_recurrence::Frequency;

use crate::oracles::Oracle::{Dateutil, RruleCrate, RruleJs};
use crate::oracles::{Oracle, Question, Relation};

/// A row of the table in `docs/recurrence.md`: where it applies, and the question to which the other engine gives our
/// answer. What is left out of the comparison is left out by the row; all else must agree.
pub struct Explanation {
    pub name: &'static str,
    oracles: &'static [Oracle],
    applies: fn(&Question) -> bool,
    rewrite: fn(&mut Question),
}

impl Explanation {
    pub fn applies(&self, oracle: Oracle, question: &Question) -> bool {
        self.oracles.contains(&oracle) && (self.applies)(question)
    }

    /// Others don't count in what is rewritten: where they find more or less, they would end elsewhere.
    pub fn rewrite(&self, mut question: Question) -> Question {
        question.asked.counted = false;
        (self.rewrite)(&mut question);
        question
    }
}

pub const EXPLANATIONS: &[Explanation] = &[
    Explanation {
        name: "elapsed time",
        oracles: &[Dateutil, RruleJs, RruleCrate],
        applies: |question| question.rule.frequency() >= Frequency::Hourly && first_change(question).is_some(),
        rewrite: |question| {
            question.asked.ignored.push(|question, at| first_change(question).is_some_and(|change| at >= change))
        },
    },
    Explanation {
        name: "mixed weekdays",
        oracles: &[Dateutil, RruleJs, RruleCrate],
        applies: |question| {
            let days = weekdays(question);
            days.iter().any(|day| day.len() == 2) && days.iter().any(|day| day.len() > 2)
        },
        rewrite: number_all_weekdays,
    },
    Explanation {
        name: "numbers beyond the month",
        oracles: &[Dateutil, RruleJs, RruleCrate],
        applies: |question| has(question, "BYMONTH") && weekdays(question).iter().any(|day| number_of(day).abs() > 5),
        rewrite: |question| {
            let days = weekdays(question);
            let within: Vec<String> = days.iter().filter(|day| number_of(day).abs() <= 5).cloned().collect();
            replace_weekdays(question, &days, &within);
        },
    },
    Explanation {
        name: "negative positions",
        oracles: &[RruleJs],
        applies: |question| part(question, "BYSETPOS").is_some_and(|positions| positions.contains('-')),
        rewrite: |question| question.asked.relation = question.asked.relation.max(Relation::Contains),
    },
    Explanation {
        name: "minutes of some hours or days",
        oracles: &[RruleJs, RruleCrate],
        applies: |question| {
            let limits = ["BYHOUR", "BYDAY", "BYMONTHDAY", "BYMONTH"];
            question.rule.frequency() == Frequency::Minutely && limits.iter().any(|part| has(question, part))
        },
        rewrite: |question| question.asked.relation = Relation::Any,
    },
    Explanation {
        name: "fifth weekday from the end",
        oracles: &[RruleCrate],
        applies: |question| weekdays(question).iter().any(|day| number_of(day) == -5),
        rewrite: |question| question.asked.relation = Relation::Any,
    },
    Explanation {
        name: "start that comes twice",
        oracles: &[RruleCrate],
        applies: |question| question.zone().to_ambiguous_timestamp(question.start).is_ambiguous(),
        rewrite: |question| question.asked.relation = Relation::Any,
    },
    Explanation {
        name: "older zone data",
        oracles: &[RruleCrate],
        applies: |question| question.zone == "Africa/Casablanca",
        rewrite: |question| question.asked.ignored.push(|question, at| local(question, at).year() >= 2026),
    },
    Explanation {
        name: "weekday of week numbers",
        oracles: &[Dateutil, RruleJs, RruleCrate],
        applies: |question| {
            has(question, "BYWEEKNO") && !["BYDAY", "BYMONTHDAY", "BYYEARDAY"].iter().any(|part| has(question, part))
        },
        rewrite: |question| {
            let day = weekday_of_start(question);
            question.asked.rule.push_str(&format!(";BYDAY={day}"));
        },
    },
    Explanation {
        name: "weeks over New Year",
        oracles: &[Dateutil, RruleJs, RruleCrate],
        applies: |question| has(question, "BYWEEKNO"),
        rewrite: |question| question.asked.ignored.push(|question, at| is_around_new_year(local(question, at))),
    },
    Explanation {
        name: "positions in the first week",
        oracles: &[Dateutil, RruleJs, RruleCrate],
        applies: |question| question.rule.frequency() == Frequency::Weekly && has(question, "BYSETPOS"),
        rewrite: begin_with_the_week,
    },
    Explanation {
        name: "clock changes",
        oracles: &[Dateutil, RruleJs, RruleCrate],
        applies: |question| question.rule.frequency() < Frequency::Hourly && first_change(question).is_some(),
        rewrite: |question| question.asked.ignored.push(is_on_a_day_of_change),
    },
];

fn part<'a>(question: &'a Question, name: &str) -> Option<&'a str> {
    question.asked.rule.split(';').find_map(|part| part.strip_prefix(name)?.strip_prefix('='))
}

fn has(question: &Question, name: &str) -> bool {
    part(question, name).is_some()
}

fn weekdays(question: &Question) -> Vec<String> {
    part(question, "BYDAY").map(|days| days.split(',').map(str::to_owned).collect()).unwrap_or_default()
}

fn weekday_of_start(question: &Question) -> &'static str {
    ["MO", "TU", "WE", "TH", "FR", "SA", "SU"][question.start.weekday().to_monday_zero_offset() as usize]
}

fn local(question: &Question, at: i64) -> DateTime {
    question.zone().to_datetime(Timestamp::from_second(at).expect("within the calendar"))
}

/// The first change of the zone's clocks within what is asked.
fn first_change(question: &Question) -> Option<i64> {
    let start = Timestamp::from_second(question.instant(question.start)).expect("within the calendar") - 48.hours();
    let zone = question.zone();
    let change = zone.following(start).next()?.timestamp().as_second();
    (change < question.instant(question.horizon)).then_some(change)
}

fn is_on_a_day_of_change(question: &Question, at: i64) -> bool {
    let at = Timestamp::from_second(at).expect("within the calendar");
    let zone = question.zone();
    zone.following(at - 24.hours()).next().is_some_and(|change| change.timestamp() < at + 24.hours())
}

fn is_around_new_year(local: DateTime) -> bool {
    matches!((local.month(), local.day()), (12, 29..) | (1, ..=3))
}

/// `MO,2TU` as `1MO,2MO,…,2TU`.
fn number_all_weekdays(question: &mut Question) {
    let is_of_month = question.rule.frequency() == Frequency::Monthly || has(question, "BYMONTH");
    let most = if is_of_month { 5 } else { 53 };
    let days = weekdays(question);
    let numbered = days.iter().flat_map(|day| match day.len() {
        2 => (1..=most).map(|n| format!("{n}{day}")).collect(),
        _ => vec![day.clone()],
    });
    let numbered: Vec<String> = numbered.collect();
    replace_weekdays(question, &days, &numbered);
}

fn replace_weekdays(question: &mut Question, days: &[String], others: &[String]) {
    let (days, others) = (format!("BYDAY={}", days.join(",")), format!("BYDAY={}", others.join(",")));
    question.asked.rule = question.asked.rule.replace(&days, &others);
}

/// 2 of `2MO`, 0 of `MO`.
fn number_of(day: &str) -> i32 {
    day[..day.len() - 2].parse().unwrap_or(0)
}

/// The start is moved to the first day of its week, and what the rule takes from it is said.
fn begin_with_the_week(question: &mut Question) {
    let start = question.start;
    let missing = [
        ("BYDAY", weekday_of_start(question).to_owned()),
        ("BYHOUR", start.hour().to_string()),
        ("BYMINUTE", start.minute().to_string()),
    ];
    for (name, value) in missing {
        if !has(question, name) {
            question.asked.rule.push_str(&format!(";{name}={value}"));
        }
    }
    let week_start = match part(question, "WKST") {
        Some("SU") => Weekday::Sunday,
        Some("WE") => Weekday::Wednesday,
        Some("SA") => Weekday::Saturday,
        _ => Weekday::Monday,
    };
    let days = week_start.until(start.weekday());
    question.asked.start = (start.date() - i64::from(days).days()).at(0, 0, 0, 0);
}
