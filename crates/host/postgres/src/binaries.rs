//! Where the server's programs come from.
//!
//! A data folder is served by the major version that made it. A new one is made by the pinned archive, or,
//! where that can't be had, by the newest installed server.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::archive;
use crate::{Error, Progress};

/// The oldest major version whose features Rondo's SQL needs.
const OLDEST_MAJOR: u32 = 15;

/// A folder that holds `postgres` and `initdb`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binaries {
    pub bin: PathBuf,
    pub major: u32,
}

impl Binaries {
    pub(crate) fn postgres(&self) -> PathBuf {
        self.bin.join("postgres")
    }

    pub(crate) fn initdb(&self) -> PathBuf {
        self.bin.join("initdb")
    }

    /// Programs that can serve `data`, or, where it isn't there yet, make it.
    pub(crate) async fn find(data: &Path, cache: &Path, progress: &dyn Progress) -> Result<Self, Error> {
        match made_by(data)? {
            Some(archive::MAJOR) | None => match Self::archived(cache, progress).await {
                Ok(binaries) => Ok(binaries),
                Err(error) => Self::instead_of_archive(error, data, progress),
            },
            Some(major) => installed()
                .into_iter()
                .find(|found| found.major == major)
                .ok_or_else(|| Error::OtherMajor { path: data.to_owned(), major }),
        }
    }

    async fn archived(cache: &Path, progress: &dyn Progress) -> Result<Self, Error> {
        let home = archive::unpacked(cache, progress).await?;
        Ok(Self { bin: home.join("bin"), major: archive::MAJOR })
    }

    /// An installed server, where the archive is out of reach; a wrong checksum is no reason to look elsewhere.
    fn instead_of_archive(error: Error, data: &Path, progress: &dyn Progress) -> Result<Self, Error> {
        if !matches!(error, Error::NoBinaries { .. }) {
            return Err(error);
        }
        let wanted = made_by(data)?;
        let found = installed()
            .into_iter()
            .filter(|found| found.major >= OLDEST_MAJOR && wanted.is_none_or(|major| found.major == major))
            .max_by_key(|found| found.major)
            .ok_or(error)?;
        progress.step(&format!("Using the installed PostgreSQL {} in {}", found.major, found.bin.display()));
        Ok(found)
    }
}

/// The major version that made the data folder; `None` where there is none yet.
fn made_by(data: &Path) -> Result<Option<u32>, Error> {
    let path = data.join("PG_VERSION");
    let text = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Error::at(&path)(error)),
    };
    let damaged = |_| Error::Damaged { path: path.clone(), reason: format!("`{}` is no version", text.trim()) };
    text.trim().parse().map(Some).map_err(damaged)
}

/// Every installed server that answers `--version`, from `PATH` and from where Debian and Homebrew put them.
fn installed() -> Vec<Binaries> {
    let on_path = env::var_os("PATH").map(|path| env::split_paths(&path).collect::<Vec<_>>()).unwrap_or_default();
    let mut folders = on_path;
    for (parent, rest) in [("/usr/lib/postgresql", "bin"), ("/opt/homebrew/opt", "bin"), ("/usr/local/opt", "bin")] {
        let versions = fs::read_dir(parent).into_iter().flatten().flatten();
        folders.extend(versions.map(|version| version.path().join(rest)));
    }
    folders.iter().filter_map(|folder| examine(folder)).collect()
}

/// The server in `folder`; a link is followed, since `initdb` finds its files beside where it really is.
fn examine(folder: &Path) -> Option<Binaries> {
    let postgres = fs::canonicalize(folder.join("postgres")).ok()?;
    let bin = postgres.parent()?.to_owned();
    if !bin.join("initdb").is_file() {
        return None;
    }
    let output = Command::new(&postgres).arg("--version").output().ok()?;
    let major = major_version(&String::from_utf8_lossy(&output.stdout))?;
    Some(Binaries { bin, major })
}

/// `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)` → 15.
fn major_version(output: &str) -> Option<u32> {
    let (_, version) = output.split_once("(PostgreSQL) ")?;
    let digits = version.split(|character: char| !character.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_is_read_from_what_postgres_says_of_itself() {
        assert_eq!(major_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some(15));
        assert_eq!(major_version("postgres (PostgreSQL) 18beta1\n"), Some(18));
        assert_eq!(major_version("mysqld 8"), None);
    }

    #[test]
    fn a_data_folder_that_is_not_there_was_made_by_nobody() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        assert_eq!(made_by(folder.path()).expect("readable"), None);
    }

    #[test]
    fn a_data_folder_names_the_version_that_made_it() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        fs::write(folder.path().join("PG_VERSION"), "16\n").expect("writable");
        assert_eq!(made_by(folder.path()).expect("readable"), Some(16));
    }
}
