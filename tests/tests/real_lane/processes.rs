//! The processes of the lane, as this machine sees them.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// A part of the lane: what a person calls it, and what the command line of its process says.
#[derive(Debug, Clone, Copy)]
pub struct Part {
    pub name: &'static str,
    pub mark: &'static str,
}

impl Part {
    /// Sends a signal to its processes.
    pub fn signal(self, signal: &str) {
        let Self { name, mark } = self;
        let folder = std::env::var("RONDO_LANE").expect("the real lane");
        let found: Vec<String> =
            processes().filter(|(_, line)| line.contains(mark) && line.contains(&folder)).map(|(pid, _)| pid).collect();
        assert!(!found.is_empty(), "there is no process of {name}");
        let status = Command::new("kill").arg(signal).args(&found).status().expect("kill runs");
        assert!(status.success(), "{name}");
    }
}

/// Process ids and command lines.
fn processes() -> impl Iterator<Item = (String, String)> {
    let entries = fs::read_dir("/proc").expect("Linux").flatten();
    entries.filter_map(|entry| {
        let pid = entry.file_name().into_string().ok().filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()))?;
        let line = fs::read(PathBuf::from("/proc").join(&pid).join("cmdline")).ok()?;
        Some((pid, String::from_utf8_lossy(&line).replace('\0', " ")))
    })
}
