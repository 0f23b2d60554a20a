//! What processes cost, as Linux accounts for it in `/proc`.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Sub;
use std::path::Path;
use std::time::Duration;

use anyhow::Context;

/// Ticks a second in `/proc/<pid>/stat`: 100 on every Linux that there is (USER_HZ).
const TICKS_PER_SECOND: u32 = 100;

/// CPU time so far.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    /// Of the server.
    pub server: Duration,
    /// Of all of Postgres's processes.
    pub postgres: Duration,
}

impl Usage {
    /// What both have used until now.
    ///
    /// # Errors
    /// One of them has ended.
    pub fn read(server: u32, postgres: u32) -> anyhow::Result<Self> {
        Ok(Self { server: stat(server)?.own, postgres: family(postgres)? })
    }
}

impl Sub for Usage {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self { server: self.server - earlier.server, postgres: self.postgres.saturating_sub(earlier.postgres) }
    }
}

/// The memory that a process has in use, in bytes.
///
/// # Errors
/// It has ended.
pub fn resident_bytes(pid: u32) -> anyhow::Result<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes * 1024)
}

/// How many processes have wanted a core at once, on average over the last minute.
///
/// # Errors
/// The system does not say.
pub fn load_average() -> anyhow::Result<f64> {
    let text = fs::read_to_string("/proc/loadavg")?;
    Ok(text.split(' ').next().context("an empty /proc/loadavg")?.parse()?)
}

/// The postmaster of the Postgres in `folder`.
///
/// # Errors
/// None runs.
pub fn postmaster(folder: &Path) -> anyhow::Result<u32> {
    let path = folder.join("data/postmaster.pid");
    let text = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    text.lines().next().and_then(|pid| pid.parse().ok()).context("no pid in postmaster.pid")
}

struct Stat {
    parent: u32,
    /// Of all of its threads.
    own: Duration,
    /// Of the children that have ended.
    ended_children: Duration,
}

/// The CPU time of a process and its children, those that live and those that have ended.
///
/// # Errors
/// It has ended.
pub fn family(pid: u32) -> anyhow::Result<Duration> {
    let parent = stat(pid)?;
    let pids = fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    // One that ends while we look is counted among the ended next time.
    let children = pids.filter_map(|child| stat(child).ok()).filter(|child| child.parent == pid);
    Ok(parent.own + parent.ended_children + children.map(|child| child.own).sum::<Duration>())
}

/// Every process, with its parent.
///
/// # Errors
/// The system does not say.
pub fn parents() -> anyhow::Result<BTreeMap<u32, u32>> {
    let pids = fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    Ok(pids.filter_map(|pid| Some((pid, stat(pid).ok()?.parent))).collect())
}

fn stat(pid: u32) -> anyhow::Result<Stat> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // What follows the name, which is in brackets and may hold anything. proc_pid_stat(5) counts fields from 1.
    let (_, rest) = text.rsplit_once(") ").context("no name in stat")?;
    let fields: Vec<&str> = rest.split(' ').collect();
    let field =
        |number: usize| fields.get(number - 3).and_then(|text| text.parse::<u32>().ok()).context("a field of stat");
    let time = |number: usize| -> anyhow::Result<Duration> {
        Ok(Duration::from_secs(1) * (field(number)? + field(number + 1)?) / TICKS_PER_SECOND)
    };
    Ok(Stat { parent: field(4)?, own: time(14)?, ended_children: time(16)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_memory_and_time_are_read() {
        let pid = std::process::id();
        assert!(resident_bytes(pid).expect("we run") > 1024 * 1024);
        assert!(stat(pid).expect("we run").parent > 0);
    }
}
