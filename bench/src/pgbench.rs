//! What the database alone does: the same statements through `pgbench`, without any server before it.
//!
//! A parameter that the scenario varies is drawn by pgbench; the others stand in the statement as they are.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, ensure};
use tempfile::NamedTempFile;
use tokio::process::Command;

use crate::dataset::Size;
use crate::scenario::{PRIORITIES, STATUSES, Scenario};
use crate::statements::{Call, Sample, behind};

/// An installed pgbench.
#[derive(Debug, Clone)]
pub struct Pgbench(PathBuf);

/// What it measured.
#[derive(Debug, Clone, Copy)]
pub struct Rate {
    /// Statements.
    pub count: u64,
    /// Statements a second.
    pub per_second: f64,
}

impl Pgbench {
    /// The one on the `PATH`, or the newest below `/usr/lib/postgresql`.
    pub fn find() -> Option<Self> {
        let on_path =
            std::env::var_os("PATH").into_iter().flat_map(|path| std::env::split_paths(&path).collect::<Vec<_>>());
        let mut installed: Vec<PathBuf> = fs::read_dir("/usr/lib/postgresql")
            .map(|versions| versions.filter_map(|version| Some(version.ok()?.path().join("bin"))).collect())
            .unwrap_or_default();
        installed.sort();
        on_path
            .chain(installed.into_iter().rev())
            .map(|folder| folder.join("pgbench"))
            .find(|path| path.is_file())
            .map(Self)
    }

    /// Repeats the statement behind `scenario` over so many connections to the database at `url`.
    ///
    /// # Errors
    /// The database refuses the statement.
    pub async fn measure(
        &self,
        url: &str,
        size: Size,
        scenario: Scenario,
        connections: u32,
        duration: Duration,
    ) -> anyhow::Result<Rate> {
        let mut script = NamedTempFile::new()?;
        script.write_all(script_of(scenario, size).await?.as_bytes())?;
        let seconds = duration.as_secs().max(1).to_string();
        let run = Command::new(&self.0)
            .args(["--no-vacuum", "--protocol=prepared", "--client", &connections.to_string(), "--time", &seconds])
            .arg("--file")
            .arg(script.path())
            .arg(url)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await?;
        ensure!(run.status.success(), "pgbench: {}", String::from_utf8_lossy(&run.stderr).trim());
        rate(&String::from_utf8_lossy(&run.stdout))
    }
}

/// `tps = 1234.5 (without initial connection time)` and `number of transactions actually processed: 9876`.
fn rate(output: &str) -> anyhow::Result<Rate> {
    let after = |mark: &str| {
        let line = output.lines().find_map(|line| line.strip_prefix(mark))?;
        line.split_whitespace().next()
    };
    let count = after("number of transactions actually processed: ").and_then(|text| text.split('/').next());
    Ok(Rate {
        count: count.context("pgbench said no number of transactions")?.parse()?,
        per_second: after("tps = ").context("pgbench said no tps")?.parse()?,
    })
}

async fn script_of(scenario: Scenario, size: Size) -> anyhow::Result<String> {
    let sample = Sample::of_nobody();
    let call = behind(scenario, &sample).await?;
    let mut script = String::new();
    writeln!(script, "\\set user random(1, {})", size.users)?;
    // The n-th task belongs to user 1 + n mod users.
    writeln!(script, "\\set task :user - 1 + {} * random(1, {})", size.users, size.tasks_each - 1)?;
    for name in ["status", "priority", "tag", "search", "number"] {
        writeln!(script, "\\set {name} random(1, 1000000)")?;
    }
    writeln!(script, "{};", inlined(&call, &drawn(scenario, &sample)))?;
    Ok(script)
}

/// What pgbench draws, by what stands in its place in the sample.
fn drawn(scenario: Scenario, sample: &Sample) -> BTreeMap<String, String> {
    let one_of = |names: &[&str], variable: &str| {
        format!("(array['{}'])[1 + :{variable} % {}]", names.join("', '"), names.len())
    };
    let task = if scenario == Scenario::Create { "gen_random_uuid()" } else { "bench.task_id(:task)" };
    BTreeMap::from([
        (sample.user.to_string(), "bench.user_id(:user)".to_owned()),
        (sample.task.to_string(), task.to_owned()),
        (sample.tag.clone(), "(bench.tag_names())[1 + :tag % cardinality(bench.tag_names())]".to_owned()),
        (sample.search.clone(), "(bench.searches())[1 + :search % cardinality(bench.searches())]".to_owned()),
        (Sample::STATUS.as_str().to_owned(), one_of(&STATUSES, "status")),
        (Sample::PRIORITY.as_str().to_owned(), one_of(&PRIORITIES, "priority")),
        (Sample::TITLE.to_owned(), "('Call about number ' || :number)".to_owned()),
    ])
}

/// The statement with its parameters in their places.
fn inlined(call: &Call, drawn: &BTreeMap<String, String>) -> String {
    let value = |parameter: &Option<String>| match parameter {
        None => "null".to_owned(),
        Some(text) => drawn.get(text).cloned().unwrap_or_else(|| format!("'{}'", text.replace('\'', "''"))),
    };
    let mut statement = call.statement.clone();
    // Backwards, so that $1 is not found in $10.
    for (index, parameter) in call.parameters.iter().enumerate().rev() {
        statement = statement.replace(&format!("${}", index + 1), &value(parameter));
    }
    statement
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_stand_in_the_statement_drawn_or_as_they_are() {
        let call = Call {
            statement: "select $1::text, $2::text, $10::text".into(),
            parameters: vec![Some("it's".into()), Some("x".into()), None, None, None, None, None, None, None, None],
        };
        let drawn = BTreeMap::from([("x".to_owned(), ":x".to_owned())]);
        assert_eq!(inlined(&call, &drawn), "select 'it''s'::text, :x::text, null::text");
    }

    #[test]
    fn what_pgbench_says_is_read() {
        let output =
            "number of transactions actually processed: 9876\ntps = 1234.5 (without initial connection time)\n";
        let rate = rate(output).expect("both lines are there");
        assert_eq!((rate.count, rate.per_second), (9876, 1234.5));
    }
}
