//! The folder of everything that a run keeps, and the one run that may use it.
//!
//! - `up.lock`: who runs here, locked as long as it does;
//! - `pg/`: the embedded Postgres;
//! - `secrets.json` (0600): made once;
//! - `dapr/`: Kafka, Dapr's jobs and the logs of a run with `--sidecar dapr`;
//! - `cache/`: compiled components, which may be removed at any time.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process;
use std::time::Duration;

use anyhow::{Context, bail};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, sleep};

/// How long a run that was killed may take to let go of its folder: the kernel ends it after the killer has gone on.
const LEAVING: Duration = Duration::from_millis(500);
const LOOK_AGAIN: Duration = Duration::from_millis(10);

/// An open data folder.
#[derive(Debug)]
pub struct DataFolder {
    path: PathBuf,
}

impl DataFolder {
    /// Makes the folder, for this user only, if it is missing.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.and_then(|()| fs::canonicalize(path))
            .map(|path| Self { path })
            .with_context(|| format!("the data folder {}", path.display()))
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn postgres(&self) -> PathBuf {
        self.path.join("pg")
    }

    pub fn secrets(&self) -> PathBuf {
        self.path.join("secrets.json")
    }

    /// Where compiled components are kept; only this user may write there, since what lies there is run.
    pub fn cache(&self) -> anyhow::Result<PathBuf> {
        private_folder(&self.path.join("cache"))
    }

    /// What the real Kafka and Dapr keep, and where the logs of their run are.
    pub fn dapr(&self) -> anyhow::Result<PathBuf> {
        private_folder(&self.path.join("dapr"))
    }

    /// Whether the components will have to be compiled, which takes a while.
    pub fn has_nothing_compiled(&self) -> anyhow::Result<bool> {
        Ok(fs::read_dir(self.cache()?)?.next().is_none())
    }

    /// Takes the folder for a run at `port`, or says who has it.
    pub async fn claim(&self, port: u16) -> anyhow::Result<Claim> {
        let path = self.path.join("up.lock");
        let mut file = File::options().create(true).truncate(false).read(true).write(true).open(&path)?;
        let patience = Instant::now() + LEAVING;
        loop {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if Instant::now() < patience => sleep(LOOK_AGAIN).await,
                Err(TryLockError::WouldBlock) => bail!("{}", self.taken_by(&mut file)),
                Err(TryLockError::Error(error)) => return Err(error).context(path.display().to_string()),
            }
        }
        let mut claim = Claim { file };
        claim.write(port)?;
        Ok(claim)
    }

    fn taken_by(&self, file: &mut File) -> String {
        let mut text = String::new();
        let holder = file.read_to_string(&mut text).ok().and_then(|_| serde_json::from_str::<Holder>(&text).ok());
        let who = match holder {
            Some(Holder { pid, port }) => format!("pid {pid}, at http://127.0.0.1:{port}"),
            None => "it is just starting".to_owned(),
        };
        format!(
            "another `rondo up` runs on {} ({who}). Stop it with Ctrl-C, or give this one a folder and a port of its own: \
             --data OTHER --port OTHER",
            self.path.display()
        )
    }
}

/// Makes a folder that only this user may enter, and says where it really is.
pub fn private_folder(path: &Path) -> anyhow::Result<PathBuf> {
    fs::create_dir_all(path)
        .and_then(|()| fs::set_permissions(path, fs::Permissions::from_mode(0o700)))
        .and_then(|()| fs::canonicalize(path))
        .with_context(|| path.display().to_string())
}

/// The right to run on a data folder; it ends with the process at the latest.
#[derive(Debug)]
pub struct Claim {
    file: File,
}

#[derive(Debug, Serialize, Deserialize)]
struct Holder {
    pid: u32,
    port: u16,
}

impl Claim {
    fn write(&mut self, port: u16) -> anyhow::Result<()> {
        let text = serde_json::to_vec(&Holder { pid: process::id(), port })?;
        self.file.set_len(0)?;
        self.file.rewind()?;
        Ok(self.file.write_all(&text)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_taken_folder_says_by_whom() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = DataFolder::open(folder.path()).expect("opened");
        let _claim = data.claim(4711).await.expect("free");
        let error = data.claim(4712).await.expect_err("taken").to_string();
        assert!(error.contains(&format!("pid {}", process::id())) && error.contains("127.0.0.1:4711"), "{error}");
    }

    #[tokio::test]
    async fn a_folder_is_free_again_when_its_run_ends() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = DataFolder::open(folder.path()).expect("opened");
        drop(data.claim(1).await.expect("free"));
        data.claim(2).await.expect("free again");
    }

    #[tokio::test]
    async fn a_run_that_is_just_ending_is_waited_for() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let data = DataFolder::open(folder.path()).expect("opened");
        let ending = data.claim(1).await.expect("free");
        let (next, ()) = tokio::join!(data.claim(2), async { drop(ending) });
        next.expect("free in a moment");
    }
}
