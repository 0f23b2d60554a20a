//! The files that components see.
//!
//! A mounted folder is seen as it is. Files and globs are staged: copied into a folder that is named by what is in it, which the
//! component then sees at `/`. All of it is read-only, and stays: who stages the same sees the same folder, and who stages
//! something else takes it from nobody.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};
use sha2::{Digest, Sha256};

use crate::manifest::{Component, FileMount};

/// A folder that a component sees.
#[derive(Clone, Debug)]
pub struct Mount {
    /// Where it is.
    pub source: PathBuf,
    /// Where the component sees it.
    pub destination: String,
}

/// What a component sees of the files below the manifest's folder, those that are copied being below `staging`.
///
/// # Errors
/// When something is not there or can't be staged.
pub fn mounts(component: &Component, base: &Path, staging: &Path) -> io::Result<Vec<Mount>> {
    let excluded = globs(component.exclude_files.iter().map(String::as_str))?;
    let mut mounts = Vec::new();
    let mut staged = Vec::new();
    for file in &component.files {
        match file {
            FileMount::Glob(glob) => staged.extend(matching(base, glob)?),
            FileMount::At { source, destination } => {
                let source = base.join(source);
                let is_folder = fs::metadata(&source).map_err(|e| at(&source, e))?.is_dir();
                match is_folder && excluded.is_empty() {
                    true => mounts.push(Mount { source, destination: destination.clone() }),
                    false => staged.extend(below(&source, destination)?),
                }
            }
        }
    }
    staged.retain(|file| !excluded.is_match(&file.relative));
    if !staged.is_empty() {
        mounts.push(Mount { source: stage(staged, staging)?, destination: "/".to_owned() });
    }
    Ok(mounts)
}

struct Staged {
    source: PathBuf,
    relative: PathBuf,
}

/// Copies files aside, and renames the folder once it is whole; returns where they are.
fn stage(mut files: Vec<Staged>, staging: &Path) -> io::Result<PathBuf> {
    files.sort_by(|one, other| one.relative.cmp(&other.relative));
    let aside = staging.join(format!("{}.tmp", uuid::Uuid::new_v4().simple()));
    let staged = copy(&files, &aside).and_then(|name| {
        let folder = staging.join(name);
        match fs::rename(&aside, &folder) {
            // Somebody has staged the same before.
            Err(_) if folder.is_dir() => fs::remove_dir_all(&aside),
            renamed => renamed,
        }?;
        Ok(folder)
    });
    staged.inspect_err(|_| {
        let _ = fs::remove_dir_all(&aside);
    })
}

/// Copies files into a new folder; returns the hash of their names and contents.
fn copy(files: &[Staged], folder: &Path) -> io::Result<String> {
    let mut hasher = Sha256::new();
    for file in files {
        let target = folder.join(&file.relative);
        fs::create_dir_all(target.parent().unwrap_or(folder))?;
        let content = fs::read(&file.source).map_err(|e| at(&file.source, e))?;
        fs::write(&target, &content).map_err(|e| at(&target, e))?;
        for part in [file.relative.as_os_str().as_encoded_bytes(), &content] {
            hasher.update(part.len().to_le_bytes());
            hasher.update(part);
        }
    }
    Ok(hexadecimal(&hasher.finalize()))
}

/// Bytes as a part of a name.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing into a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

fn matching(base: &Path, glob: &str) -> io::Result<Vec<Staged>> {
    let globs = globs([glob])?;
    let mut files = Vec::new();
    // What comes before the first wildcard need not be searched.
    let fixed: PathBuf = Path::new(glob)
        .components()
        .take_while(|part| !part.as_os_str().to_string_lossy().contains(['*', '?', '[', '{']))
        .collect();
    let start = base.join(&fixed);
    let start = if start.is_file() { base.join(fixed.parent().unwrap_or(Path::new(""))) } else { start };
    walk(&start, &mut |path| {
        if let Ok(relative) = path.strip_prefix(base)
            && globs.is_match(relative)
        {
            files.push(Staged { source: path.to_owned(), relative: relative.to_owned() });
        }
    })?;
    Ok(files)
}

fn below(source: &Path, destination: &str) -> io::Result<Vec<Staged>> {
    let destination = Path::new(destination.trim_start_matches('/'));
    if source.is_file() {
        return Ok(vec![Staged { source: source.to_owned(), relative: destination.to_owned() }]);
    }
    let mut files = Vec::new();
    walk(source, &mut |path| {
        let relative = destination.join(path.strip_prefix(source).unwrap_or(path));
        files.push(Staged { source: path.to_owned(), relative });
    })?;
    Ok(files)
}

fn walk(folder: &Path, found: &mut dyn FnMut(&Path)) -> io::Result<()> {
    for entry in fs::read_dir(folder).map_err(|e| at(folder, e))? {
        let path = entry?.path();
        match path.is_dir() {
            true => walk(&path, found)?,
            false => found(&path),
        }
    }
    Ok(())
}

fn globs<'a>(globs: impl IntoIterator<Item = &'a str>) -> io::Result<GlobSet> {
    let invalid = |error| io::Error::new(io::ErrorKind::InvalidInput, error);
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        set.add(GlobBuilder::new(glob).literal_separator(true).build().map_err(invalid)?);
    }
    set.build().map_err(invalid)
}

fn at(path: &Path, error: io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn component(files: &str) -> Component {
        let text = format!(
            "spin_manifest_version = 2\n[application]\nname = \"a\"\n[component.a]\nsource = \"a.wasm\"\n{files}\n"
        );
        crate::manifest::parse(&text).unwrap().components.remove("a").unwrap()
    }

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("rondo-files-{name}-{}", uuid::Uuid::new_v4()));
        fs::create_dir_all(folder.join("web/assets")).unwrap();
        for file in ["web/index.html", "web/assets/a.js", "web/assets/a.map", "README.md"] {
            fs::write(folder.join(file), file).unwrap();
        }
        folder
    }

    #[test]
    fn a_folder_is_seen_as_it_is() {
        let base = folder("plain");
        let mounts =
            mounts(&component("files = [{ source = \"web\", destination = \"/\" }]"), &base, &base.join("staging"))
                .unwrap();
        assert_eq!((mounts.len(), &mounts[0].source, mounts[0].destination.as_str()), (1, &base.join("web"), "/"));
    }

    #[test]
    fn globs_keep_their_paths_and_leave_out_what_is_excluded() {
        let base = folder("globs");
        let files = "files = [\"web/**/*\", { source = \"README.md\", destination = \"/docs/readme\" }]\nexclude_files = [\"**/*.map\"]";
        let staging = staged(files, &base);
        assert!(staging.join("web/index.html").exists());
        assert!(staging.join("web/assets/a.js").exists());
        assert!(staging.join("docs/readme").exists());
        assert!(!staging.join("web/assets/a.map").exists());
    }

    /// Where the files of a component are staged that has nothing else.
    fn staged(files: &str, base: &Path) -> PathBuf {
        let mounts = mounts(&component(files), base, &base.join("staging")).unwrap();
        assert_eq!((mounts.len(), mounts[0].destination.as_str()), (1, "/"));
        mounts[0].source.clone()
    }

    #[test]
    fn who_stages_something_else_takes_nothing_from_others() {
        let base = folder("shared");
        let files = "files = [\"web/**/*\"]";
        let first = staged(files, &base);
        assert_eq!(staged(files, &base), first);
        fs::remove_file(base.join("web/assets/a.js")).unwrap();
        fs::write(base.join("web/index.html"), "changed").unwrap();
        let second = staged(files, &base);
        assert_eq!(fs::read_to_string(first.join("web/index.html")).unwrap(), "web/index.html");
        assert!(first.join("web/assets/a.js").exists());
        assert_eq!(fs::read_to_string(second.join("web/index.html")).unwrap(), "changed");
        assert_eq!(fs::read_dir(base.join("staging")).unwrap().count(), 2, "and nothing is left aside");
    }

    #[test]
    fn a_missing_source_is_named() {
        let base = folder("missing");
        let error =
            mounts(&component("files = [{ source = \"nowhere\", destination = \"/\" }]"), &base, &base).unwrap_err();
        assert!(error.to_string().contains("nowhere"));
    }
}
