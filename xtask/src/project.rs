//! Where things are, and how other programs are run.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, bail};

/// The work tree.
#[derive(Debug)]
pub struct Project {
    root: PathBuf,
}

impl Project {
    /// The one that this program was built in.
    pub fn find() -> anyhow::Result<Self> {
        let manifest =
            env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let root = manifest.parent().context("xtask lies in the project's root")?;
        Ok(Self { root: root.to_owned() })
    }

    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// Where all builds go: `spin.toml` names the components there, so it is the same for everybody.
    pub fn target(&self) -> PathBuf {
        self.path("target")
    }

    /// The host's binary.
    pub fn host(&self) -> PathBuf {
        self.target().join("release/rondo")
    }

    /// The packages below `components/`, by name, in order.
    pub fn components(&self) -> anyhow::Result<Vec<String>> {
        let mut names = Vec::new();
        for service in folders(&self.path("components"))? {
            for component in folders(&service)? {
                let manifest = component.join("Cargo.toml");
                let text = fs::read_to_string(&manifest).with_context(|| manifest.display().to_string())?;
                let name = text.lines().find_map(|line| line.strip_prefix("name = \"")?.strip_suffix('"'));
                names.push(name.with_context(|| format!("{} has no name", manifest.display()))?.to_owned());
            }
        }
        names.sort();
        Ok(names)
    }

    /// The packages that compile for WebAssembly only.
    pub fn wasm_only(&self) -> anyhow::Result<Vec<String>> {
        let mut names = self.components()?;
        names.extend(["rondo-spin", "rondo-runtime-fixture"].map(str::to_owned));
        Ok(names)
    }

    /// The packages that run natively, as options of cargo. Whatever is built or tested, all of them are selected, so that
    /// what they depend on is built with one set of features, once.
    pub fn native(&self) -> anyhow::Result<Vec<String>> {
        let excluded = self.wasm_only()?.into_iter().flat_map(|name| ["--exclude".to_owned(), name]);
        Ok(["--workspace".to_owned()].into_iter().chain(excluded).collect())
    }

    /// The names of all suites of tests: `tests/<name>.rs` or `tests/<name>/main.rs` of every native package.
    pub fn test_suites(&self) -> anyhow::Result<Vec<String>> {
        let mut packages = folders(&self.path("crates"))?;
        packages.extend(folders(&self.path("crates/host"))?);
        packages.extend(["tests", "bench", "xtask"].map(|name| self.path(name)));
        let mut names = Vec::new();
        for tests in packages.iter().map(|package| package.join("tests")).filter(|tests| tests.is_dir()) {
            for entry in fs::read_dir(&tests).with_context(|| tests.display().to_string())? {
                names.extend(suite(&entry?.path()));
            }
        }
        names.sort();
        names.dedup();
        Ok(names)
    }

    /// A program that works in the project's root.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// Cargo with the project's target folder.
    pub fn cargo(&self, arguments: &[&str]) -> Command {
        let mut cargo = self.command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(arguments).env("CARGO_TARGET_DIR", self.target());
        // What cargo tells xtask of itself is not for what it builds: build scripts that look at it would be run again, and all that
        // depends on them built again, whenever someone calls cargo without xtask in between.
        for (name, _) in env::vars_os() {
            if name.to_string_lossy().starts_with("CARGO_PKG_") || name == "CARGO_MANIFEST_DIR" {
                cargo.env_remove(name);
            }
        }
        cargo
    }

    /// Cargo that runs tests of native packages.
    pub fn cargo_test(&self) -> anyhow::Result<Command> {
        let mut tests = self.cargo(&["test", "--release", "--no-fail-fast"]);
        tests.args(self.native()?);
        Ok(tests)
    }

    /// npm in the page's folder.
    pub fn npm(&self, arguments: &[&str]) -> Command {
        let mut npm = Command::new("npm");
        npm.args(arguments).current_dir(self.path("web"));
        npm
    }
}

fn suite(path: &Path) -> Option<String> {
    let is_suite = path.extension().is_some_and(|ending| ending == "rs") || path.join("main.rs").is_file();
    if is_suite { Some(path.file_stem()?.to_str()?.to_owned()) } else { None }
}

fn folders(parent: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(parent).with_context(|| parent.display().to_string())?;
    let paths = entries.map(|entry| Ok(entry?.path())).collect::<anyhow::Result<Vec<_>>>()?;
    Ok(paths.into_iter().filter(|path| path.is_dir()).collect())
}

/// Runs a step of work, saying what it is and how long it took.
pub fn step<T>(what: &str, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    eprintln!("── {what}");
    let started = Instant::now();
    let outcome = work();
    let verdict = if outcome.is_ok() { "done" } else { "FAILED" };
    eprintln!("── {what}: {verdict} in {:.1} s", started.elapsed().as_secs_f64());
    outcome
}

/// Runs a program that must succeed.
pub fn succeed(command: &mut Command) -> anyhow::Result<()> {
    let name = command.get_program().to_string_lossy().into_owned();
    let status = command.status().with_context(|| name.clone())?;
    if !status.success() {
        let arguments: Vec<_> = command.get_args().map(OsStr::to_string_lossy).collect();
        bail!("`{name} {}` ended with {status}", arguments.join(" "));
    }
    Ok(())
}
