//! Reads `month.txt`, the demo's tasks.

use anyhow::{Context, bail};

/// One task of the demo.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    pub title: String,
    pub description: Option<String>,
    pub priority: &'static str,
    pub tags: Vec<String>,
    pub due: Option<Due>,
    pub done: bool,
}

/// When it is due, seen from today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    pub days: i32,
    /// Since midnight in UTC.
    pub minutes: i64,
}

/// The tasks of `month.txt`.
pub fn plans() -> anyhow::Result<Vec<Plan>> {
    let lines = include_str!("month.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| parse(line).with_context(|| line.to_owned())).collect()
}

/// `x | High | -3 07:30 | home, money | Pay the rent | From the joint account`, the last part optional.
fn parse(line: &str) -> anyhow::Result<Plan> {
    let parts: Vec<&str> = line.split('|').map(str::trim).collect();
    let [mark, priority, due, tags, title, description @ ..] = parts.as_slice() else {
        bail!("a task has at least five parts");
    };
    Ok(Plan {
        title: (*title).to_owned(),
        description: description.first().map(|text| (*text).to_owned()),
        priority: parse_priority(priority)?,
        tags: tags.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect(),
        due: if due.is_empty() { None } else { Some(parse_due(due)?) },
        done: *mark == "x",
    })
}

fn parse_priority(text: &str) -> anyhow::Result<&'static str> {
    let known = ["High", "Medium", "Low"].into_iter().find(|known| *known == text);
    known.with_context(|| format!("`{text}` is no priority"))
}

fn parse_due(text: &str) -> anyhow::Result<Due> {
    let (days, time) = text.split_once(' ').context("a due time is `<days> <hh>:<mm>`")?;
    let (hours, minutes) = time.trim().split_once(':').context("a time is `<hh>:<mm>`")?;
    Ok(Due { days: days.parse()?, minutes: hours.parse::<i64>()? * 60 + minutes.parse::<i64>()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_month_is_about_sixty_tasks_done_and_open_past_and_coming() {
        let plans = plans().expect("month.txt is valid");
        assert!((55..=70).contains(&plans.len()), "{}", plans.len());
        assert!(plans.iter().any(|plan| plan.done) && plans.iter().any(|plan| !plan.done));
        let days = || plans.iter().filter_map(|plan| plan.due).map(|due| due.days);
        assert!(days().min() < Some(-10) && days().max() > Some(10));
        assert!(plans.iter().all(|plan| plan.title.chars().count() <= 200));
    }

    #[test]
    fn a_line_says_what_is_due_when() {
        let plan = parse("x | High | -3 07:30 | home, money | Pay the rent").expect("valid");
        assert_eq!(plan.due, Some(Due { days: -3, minutes: 450 }));
        assert_eq!(plan.tags, ["home", "money"]);
        assert!(plan.done);
    }
}
