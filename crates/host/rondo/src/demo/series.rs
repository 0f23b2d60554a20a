//! What recurs in the demo's month.

use serde_json::{Value, json};

/// Title, rule, priority, tag, and how many minutes before its owner is reminded of it.
const SERIES: [(&str, &str, &str, &str, Option<u16>); 4] = [
    ("Take the bins out", "FREQ=WEEKLY;BYDAY=TH;BYHOUR=19", "Medium", "home", Some(30)),
    ("Weekly review", "FREQ=WEEKLY;BYDAY=FR;BYHOUR=14", "High", "work", None),
    ("Pay the rent", "FREQ=MONTHLY;BYMONTHDAY=1;BYHOUR=9", "High", "home", None),
    ("Back up the laptop", "FREQ=MONTHLY;BYDAY=-1SU;BYHOUR=20", "Low", "home", None),
];

/// The bodies that make the demo's recurring tasks.
pub fn bodies(zone: &str) -> impl Iterator<Item = Value> {
    SERIES.into_iter().map(move |(title, rule, priority, tag, reminder)| {
        json!({
            "title": title,
            "rrule": rule,
            "timezone_iana": zone,
            "priority": priority,
            "tags": [tag],
            "reminder_minutes_before": reminder,
        })
    })
}
