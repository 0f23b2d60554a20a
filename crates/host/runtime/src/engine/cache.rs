//! Compiled components, kept on disk.
//!
//! Loading one is trusting it: whoever can write into the folder can run anything as us. So it must belong to the user and be
//! open to nobody else, and a file is named by what it was made of: the SHA-256 of the component and the engine's own hash of
//! everything that compiled code depends on. What nobody has loaded for a month is forgotten.

use std::fs::{self, DirBuilder, File, Permissions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use sha2::{Digest, Sha256};
use wasmtime::Engine;
use wasmtime::component::Component;

use crate::files::hexadecimal;

/// Long enough that it is not missed.
const FORGOTTEN_AFTER: Duration = Duration::from_hours(30 * 24);

/// The folder can't be trusted or used.
#[derive(Debug, thiserror::Error)]
pub enum CacheError {
    /// Others could write into it.
    #[error("{} is open to others than its owner (mode {mode:o}): run chmod 700 on it, or name another folder", path.display())]
    OpenToOthers {
        /// The folder.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// Someone else owns it.
    #[error("{} belongs to another user (uid {owner}): name another folder", path.display())]
    NotOurs {
        /// The folder.
        path: PathBuf,
        /// Who owns it.
        owner: u32,
    },
    /// It can't be made or read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
}

/// Where a component came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The cache had it.
    Cache,
    /// It was compiled now.
    Compiled,
}

/// A folder of compiled components.
pub struct Cache {
    folder: PathBuf,
    engine_hash: u64,
}

impl Cache {
    /// Opens the folder, and makes it when it is not there.
    ///
    /// # Errors
    /// When it can't be made or can't be trusted.
    pub fn open(folder: &Path, engine: &Engine) -> Result<Self, CacheError> {
        let io_error = |source| CacheError::Io { path: folder.to_owned(), source };
        if !folder.exists() {
            DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(io_error)?;
        }
        let metadata = fs::symlink_metadata(folder).map_err(io_error)?;
        let mode = metadata.permissions().mode() & 0o7777;
        if !metadata.is_dir() || mode & 0o077 != 0 {
            return Err(CacheError::OpenToOthers { path: folder.to_owned(), mode });
        }
        if metadata.uid() != rustix::process::geteuid().as_raw() {
            return Err(CacheError::NotOurs { path: folder.to_owned(), owner: metadata.uid() });
        }
        let mut hasher = DefaultHasher::new();
        engine.precompile_compatibility_hash().hash(&mut hasher);
        Ok(Self { folder: folder.to_owned(), engine_hash: hasher.finish() })
    }

    /// Loads a component, compiling it when the cache does not have it. Whoever wants the same one meanwhile waits for it, also
    /// in another process.
    ///
    /// # Errors
    /// When the bytes are no component that this engine runs.
    pub fn load(&self, engine: &Engine, wasm: &[u8]) -> wasmtime::Result<(Component, Origin)> {
        let path = self.path(wasm);
        let _turn = if path.exists() { None } else { Turn::wait_for(path.with_extension("lock")) };
        if let Some(component) = load_trusted(engine, &path) {
            note_use(&path);
            return Ok((component, Origin::Cache));
        }
        if let Err(error) = self.store(&path, &super::compile(wasm)?) {
            tracing::warn!(%error, path = %path.display(), "a compiled component could not be kept");
        }
        // Loaded from the file, its memory image is mapped instead of copied.
        let component = match load_trusted(engine, &path) {
            Some(component) => component,
            None => Component::new(engine, wasm)?,
        };
        Ok((component, Origin::Compiled))
    }

    fn path(&self, wasm: &[u8]) -> PathBuf {
        self.folder.join(format!("{}-{:016x}.cwasm", hexadecimal(&Sha256::digest(wasm)), self.engine_hash))
    }

    /// Written aside and renamed, so that nobody ever sees half of it.
    fn store(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let aside = path.with_extension(format!("{}.tmp", uuid::Uuid::new_v4().simple()));
        let stored = fs::write(&aside, bytes)
            .and_then(|()| fs::set_permissions(&aside, Permissions::from_mode(0o600)))
            .and_then(|()| fs::rename(&aside, path));
        stored.inspect_err(|_| {
            let _ = fs::remove_file(&aside);
        })
    }

    /// Removes what nobody has loaded for long, and what was being made when its process was killed. Whoever runs it has it
    /// open, and keeps it.
    pub fn forget_unused(&self) {
        for path in fs::read_dir(&self.folder).into_iter().flatten().flatten().map(|entry| entry.path()) {
            let is_ours =
                path.extension().is_some_and(|ending| ["cwasm", "tmp", "lock"].iter().any(|own| ending == *own));
            if is_ours && age(&path).is_some_and(|age| age > FORGOTTEN_AFTER) {
                // Another host may be quicker.
                let _ = fs::remove_file(&path);
            }
        }
    }
}

/// How long ago a file was written, or last said to be used.
fn age(path: &Path) -> Option<Duration> {
    fs::metadata(path).ok()?.modified().ok()?.elapsed().ok()
}

fn note_use(path: &Path) {
    if let Err(error) = File::open(path).and_then(|file| file.set_modified(SystemTime::now())) {
        tracing::debug!(%error, path = %path.display(), "the use of a compiled component is not noted");
    }
}

/// The right to compile a component. It ends with the process at the latest.
struct Turn {
    path: PathBuf,
    _locked: File,
}

impl Turn {
    /// Waits for it; `None` where nothing can be locked, which costs no more than to compile twice.
    fn wait_for(path: PathBuf) -> Option<Self> {
        let file = File::options().create(true).truncate(false).write(true).mode(0o600).open(&path).ok()?;
        file.lock().ok()?;
        Some(Self { path, _locked: file })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Who waits has it open, and finds what was compiled.
        let _ = fs::remove_file(&self.path);
    }
}

#[allow(unsafe_code, reason = "deserializing compiled code is trusting it; see the SAFETY note")]
fn load_trusted(engine: &Engine, path: &Path) -> Option<Component> {
    if !path.exists() {
        return None;
    }
    // SAFETY: the file was written by `store` of this or another run of ours: the folder was checked to belong to this user
    // and to be writable by nobody else, files appear in it only by rename once they are whole, and the name carries the
    // engine's compatibility hash.
    match unsafe { Component::deserialize_file(engine, path) } {
        Ok(component) => Some(component),
        Err(error) => {
            tracing::warn!(%error, path = %path.display(), "a kept component is unusable and compiled anew");
            None
        }
    }
}
