//! What recurs in the demo's month.

use serde_json::{Value, json};

/// Title, rule, priority and tag of each.
const SERIES: [(&str, &str, &str, &str); 4] = [
    ("Take the bins out", "FREQ=WEEKLY;BYDAY=TH;BYHOUR=19", "Medium", "home"),
    ("Weekly review", "FREQ=WEEKLY;BYDAY=FR;BYHOUR=14", "High", "work"),
    ("Pay the rent", "FREQ=MONTHLY;BYMONTHDAY=1;BYHOUR=9", "High", "home"),
    ("Back up the laptop", "FREQ=MONTHLY;BYDAY=-1SU;BYHOUR=20", "Low", "home"),
];

/// The bodies that make the demo's recurring tasks.
pub fn bodies(zone: &str) -> impl Iterator<Item = Value> {
    SERIES.into_iter().map(move |(title, rule, priority, tag)| {
        json!({ "title": title, "rrule": rule, "timezone_iana": zone, "priority": priority, "tags": [tag] })
    })
}
