//! Makes the data folder.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::Error;
use crate::archive::remove_tree;
use crate::binaries::Binaries;
use crate::identity::{Identity, OrphanSignal};
use crate::roles::SUPERUSER;

/// Initialises `data` with `superuser_password`: in a temporary folder first, so that `data` is whole or absent.
pub(crate) async fn initialise(
    binaries: &Binaries,
    identity: Identity,
    data: &Path,
    superuser_password: &str,
) -> Result<(), Error> {
    let scratch = data.with_extension("initialising");
    remove_tree(&scratch)?;
    fs::create_dir_all(&scratch).map_err(Error::at(&scratch))?;
    let password_file = scratch.join("password");
    fs::write(&password_file, superuser_password).map_err(Error::at(&password_file))?;
    identity.give(&scratch)?;

    let cluster = scratch.join("cluster");
    run(initdb(binaries, identity, &cluster, &password_file), data).await?;
    fs::rename(&cluster, data).map_err(Error::at(data))?;
    remove_tree(&scratch)
}

fn initdb(binaries: &Binaries, identity: Identity, cluster: &Path, password_file: &Path) -> Command {
    let mut command = Command::new(binaries.initdb());
    command
        .arg("--pgdata")
        .arg(cluster)
        .arg("--pwfile")
        .arg(password_file)
        .args(["--username", SUPERUSER, "--auth", "scram-sha-256", "--encoding", "UTF8"])
        .args(locale(binaries.major))
        .stdin(Stdio::null());
    identity.apply(&mut command, OrphanSignal::Kill);
    command
}

/// Sorting and case by code point, the same on every machine.
fn locale(major: u32) -> &'static [&'static str] {
    if major >= 17 {
        &["--locale-provider", "builtin", "--locale", "C.UTF-8", "--lc-messages", "C"]
    } else {
        &["--locale", "C.UTF-8", "--lc-messages", "C"]
    }
}

/// Runs on a thread of its own, which lives as long as the program: it is told when that thread ends.
async fn run(mut initdb: Command, data: &Path) -> Result<(), Error> {
    let failed = |output: String| Error::Initdb { path: data.to_owned(), output };
    let output = tokio::task::spawn_blocking(move || initdb.output()).await;
    let output = output.map_err(|error| failed(error.to_string()))?.map_err(|error| failed(error.to_string()))?;
    if output.status.success() {
        return Ok(());
    }
    Err(failed(String::from_utf8_lossy(&output.stderr).trim().to_owned()))
}
