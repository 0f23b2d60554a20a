//! Knows what is up to date without asking the tools that build it, which take their time to say so.
//!
//! A stamp is a fingerprint (path, size, time of change) of everything that went into a build and of what came
//! out. It lies in `target/xtask/`; without it, or with another one, the build runs.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::project::{Project, step};

/// What builds make themselves.
const NOT_SOURCE: [&str; 5] = ["node_modules", "target", "dist", "schema.gen.ts", "engine.gen"];

/// Something that is built from files.
pub struct Artifact {
    /// What it is called.
    pub name: &'static str,
    /// The files and folders that go into it; what isn't there counts as that.
    pub inputs: Vec<PathBuf>,
    /// The files that come out of it.
    pub outputs: Vec<PathBuf>,
}

impl Artifact {
    /// Runs `build` unless the stamp says that nothing changed since it last did.
    pub fn ensure(&self, project: &Project, build: impl FnOnce() -> anyhow::Result<()>) -> anyhow::Result<()> {
        let stamp = project.target().join("xtask").join(format!("{}.stamp", self.name));
        if fs::read_to_string(&stamp).is_ok_and(|old| old == self.fingerprint()) && self.is_there() {
            return Ok(());
        }
        // Sources that change during the build make it run again.
        let before = self.fingerprint_of(&self.inputs);
        step(&format!("Building the {}", self.name), build)?;
        if before == self.fingerprint_of(&self.inputs) {
            write(&stamp, &self.fingerprint())?;
        }
        Ok(())
    }

    fn is_there(&self) -> bool {
        self.outputs.iter().all(|path| path.exists())
    }

    fn fingerprint(&self) -> String {
        format!("{:016x}{:016x}", self.fingerprint_of(&self.inputs), self.fingerprint_of(&self.outputs))
    }

    fn fingerprint_of(&self, paths: &[PathBuf]) -> u64 {
        let mut hasher = DefaultHasher::new();
        for path in paths {
            add(path, &mut hasher);
        }
        hasher.finish()
    }
}

fn write(stamp: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(folder) = stamp.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(stamp, text).with_context(|| stamp.display().to_string())
}

fn add(path: &Path, hasher: &mut DefaultHasher) {
    path.hash(hasher);
    let Ok(metadata) = fs::metadata(path) else {
        return;
    };
    if metadata.is_dir() {
        let mut entries: Vec<_> =
            fs::read_dir(path).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        entries.retain(|entry| entry.file_name().is_none_or(|name| !NOT_SOURCE.iter().any(|skip| name == *skip)));
        entries.sort();
        entries.iter().for_each(|entry| add(entry, hasher));
    } else {
        metadata.len().hash(hasher);
        metadata.modified().ok().hash(hasher);
    }
}
