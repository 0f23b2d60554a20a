//! How much memory each process of Rondo has in use.

use std::collections::BTreeMap;
use std::fs;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::usage::parents;

/// A process, or Postgres's.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Memory {
    /// How many processes.
    pub processes: u32,
    /// All that is theirs, in MB: of Postgres, each counts the memory that all of them share.
    pub resident_mb: f64,
    /// The same, with what processes share divided among them.
    pub share_mb: f64,
}

/// The memory of a process and all that it started, by what they are.
///
/// # Errors
/// It has ended.
pub fn of_all(root: u32) -> anyhow::Result<BTreeMap<String, Memory>> {
    let parents = parents()?;
    let mut memory: BTreeMap<String, Memory> = BTreeMap::new();
    for &pid in parents.keys().filter(|pid| **pid == root || is_below(root, **pid, &parents)) {
        // One that ends while we look had little.
        let (Ok(name), Ok((resident, share))) = (name(pid), kilobytes(pid)) else { continue };
        let sum = memory.entry(name).or_default();
        sum.processes += 1;
        sum.resident_mb += resident / 1024.0;
        sum.share_mb += share / 1024.0;
    }
    Ok(memory)
}

fn is_below(root: u32, pid: u32, parents: &BTreeMap<u32, u32>) -> bool {
    std::iter::successors(parents.get(&pid), |parent| parents.get(parent)).any(|parent| *parent == root)
}

/// What a person calls a process.
fn name(pid: u32) -> anyhow::Result<String> {
    let command_line = fs::read(format!("/proc/{pid}/cmdline"))?;
    let line = String::from_utf8_lossy(&command_line).replace('\0', " ");
    let program = fs::read_to_string(format!("/proc/{pid}/comm"))?;
    let after = |mark: &str| line.split_once(mark).and_then(|(_, rest)| rest.split_whitespace().next());
    Ok(match (program.trim(), after("--app-id=")) {
        (_, Some(app)) => format!("daprd of {app}"),
        ("postgres", _) => "PostgreSQL".to_owned(),
        ("java", _) => "Kafka".to_owned(),
        ("rondo", _) if line.contains(" serve ") => service(pid)?,
        ("rondo", _) => "rondo up".to_owned(),
        (other, _) => other.to_owned(),
    })
}

/// Which service a process is: its environment says it, as a variable of spin.toml.
fn service(pid: u32) -> anyhow::Result<String> {
    let environment = fs::read(format!("/proc/{pid}/environ"))?;
    let environment = String::from_utf8_lossy(&environment);
    let name = environment.split('\0').find_map(|line| line.strip_prefix("SPIN_VARIABLE_SERVICE_NAME="));
    Ok(name.context("a service without a name")?.to_owned())
}

/// What a process has in use, and what of it is its share.
fn kilobytes(pid: u32) -> anyhow::Result<(f64, f64)> {
    let rollup = fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?;
    let value = |name: &str| {
        let line = rollup.lines().find_map(|line| line.strip_prefix(name));
        line.and_then(|text| text.trim().trim_end_matches(" kB").parse::<f64>().ok()).with_context(|| name.to_owned())
    };
    Ok((value("Rss:")?, value("Pss:")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_memory_is_told_and_shared_memory_counts_once() {
        let memory = of_all(std::process::id()).expect("we run");
        let ours = memory.values().next().expect("ourselves");
        assert!(ours.processes >= 1 && ours.resident_mb > 1.0);
        assert!(ours.share_mb <= ours.resident_mb);
    }
}
