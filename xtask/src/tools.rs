//! `cargo xtask tools`: the real Dapr and the real Kafka, for `up --sidecar dapr` and its tests.
//!
//! What is on PATH in a version that will do is used. Else `tools/` says what is made: Dapr's `daprd` and `scheduler` from the
//! Go module proxy, Kafka from Maven Central, both as they are published, but that `daprd` has only the components that Rondo
//! names. They lie in the user's cache folder, by version and by what `tools/` says, so no work tree makes them twice.

use std::env;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::prerequisites::{answer, parse_version};
use crate::project::{Project, step, succeed};

/// The version that `tools/dapr/go.mod` pins.
const DAPR: &str = "1.18.2";
/// The version that `tools/kafka/pom.xml` pins.
const KAFKA: &str = "4.3.1";
/// Dapr's module.
const DAPR_MODULE: &str = "github.com/dapr/dapr";
/// The folder in Dapr's module with a file for each component that `daprd` can have.
const DAPR_COMPONENTS: &str = "cmd/daprd/components";
/// Which of them it gets: with all of them it would take twice as long to build.
const CHOSEN_COMPONENTS: &str = "tools/dapr/components.txt";
/// With whatever components are there; nobody debugs it, so nothing for a debugger is made.
const DAPR_FLAGS: [&str; 4] = ["-tags", "allcomponents", "-trimpath", "-gcflags=all=-dwarf=false"];
const OLDEST_DAPR: (u32, u32) = (1, 18);
const OLDEST_KAFKA: (u32, u32) = (4, 0);
const OLDEST_GO: (u32, u32) = (1, 26);
const OLDEST_JAVA: u32 = 17;
/// How often a build that takes minutes says how far it is.
const REPORT_EVERY: Duration = Duration::from_secs(10);

/// The programs of the real lane.
#[derive(Debug)]
pub struct Tools {
    /// Dapr's sidecar.
    pub daprd: PathBuf,
    /// Dapr's scheduler of jobs.
    pub scheduler: PathBuf,
    /// A folder with Kafka's `lib/*.jar`, and with `classes/` of ours.
    pub kafka: PathBuf,
}

impl Tools {
    /// Finds or makes them, saying what it does.
    ///
    /// # Errors
    /// Something is missing to make them: what, and how to get it.
    pub fn ensure(project: &Project) -> anyhow::Result<Self> {
        let (daprd, scheduler) = dapr(project)?;
        Ok(Self { daprd, scheduler, kafka: kafka(project)? })
    }

    /// As options of `rondo up`.
    pub fn options(&self) -> [(&'static str, &Path); 3] {
        [("--daprd", &self.daprd), ("--scheduler", &self.scheduler), ("--kafka", &self.kafka)]
    }
}

/// Makes what is missing, and says where all of it is.
pub fn run(project: &Project) -> anyhow::Result<()> {
    for (option, path) in Tools::ensure(project)?.options() {
        println!("{:<10} {}", option.trim_start_matches('-'), path.display());
    }
    Ok(())
}

fn dapr(project: &Project) -> anyhow::Result<(PathBuf, PathBuf)> {
    if let (Some(daprd), Some(scheduler)) = (dapr_on_path("daprd"), dapr_on_path("scheduler")) {
        return Ok((daprd, scheduler));
    }
    let made = cached(project, "dapr", DAPR, &DAPR_FLAGS, |folder| {
        let go = answer(Command::new("go").arg("version")).unwrap_or_default();
        let version = go.split_whitespace().nth(2).and_then(|word| parse_version(word.trim_start_matches("go")));
        if version.is_none_or(|version| version < OLDEST_GO) {
            bail!(
                "Dapr is built with Go {}.{} or newer ({}): install it from https://go.dev/dl, or put daprd and scheduler of \
                 Dapr {}.{} or newer on PATH",
                OLDEST_GO.0,
                OLDEST_GO.1,
                if go.is_empty() { "there is none" } else { go.trim() },
                OLDEST_DAPR.0,
                OLDEST_DAPR.1,
            );
        }
        let source = DaprSource::take(project, folder)?;
        for program in ["daprd", "scheduler"] {
            step(&format!("Building {program} {DAPR}, which takes minutes"), || source.build(program, folder))?;
        }
        source.remove()
    })?;
    Ok((made.join("daprd"), made.join("scheduler")))
}

fn dapr_on_path(program: &str) -> Option<PathBuf> {
    let path = on_path(program)?;
    let version = answer(Command::new(&path).arg("--version")).ok()?;
    parse_version(&version).filter(|version| *version >= OLDEST_DAPR).map(|_| path)
}

/// Dapr's source with the chosen components, to be built.
struct DaprSource {
    /// With Dapr's module in it, and a `go.mod` that names it.
    folder: PathBuf,
}

impl DaprSource {
    /// Copies it from the Go module proxy into `folder`.
    fn take(project: &Project, folder: &Path) -> anyhow::Result<Self> {
        let pinned = project.path("tools/dapr");
        let mut download = Command::new("go");
        succeed(download.args(["mod", "download", DAPR_MODULE]).current_dir(&pinned))
            .context("the Go module proxy does not serve Dapr")?;
        let mut list = Command::new("go");
        let module = answer(list.args(["list", "-m", "-f", "{{.Dir}}", DAPR_MODULE]).current_dir(&pinned))?;
        let module = PathBuf::from(module.trim());
        let source = Self { folder: folder.join("source") };
        copy_tree(&module, &source.module())?;
        source.leave_out_components(project)?;
        for file in ["go.mod", "go.sum"] {
            fs::copy(pinned.join(file), source.folder.join(file))?;
        }
        let mut edit = Command::new("go");
        edit.args(["mod", "edit", &format!("-replace={DAPR_MODULE}=./dapr")]).current_dir(&source.folder);
        succeed(&mut edit)?;
        Ok(source)
    }

    /// Removes the components that are not chosen.
    fn leave_out_components(&self, project: &Project) -> anyhow::Result<()> {
        let chosen = fs::read_to_string(project.path(CHOSEN_COMPONENTS)).context(CHOSEN_COMPONENTS)?;
        let mut chosen: Vec<&str> = chosen.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
        for entry in fs::read_dir(self.module().join(DAPR_COMPONENTS))? {
            let file = entry?.path();
            match chosen.iter().position(|name| file.file_name().is_some_and(|file| file == *name)) {
                Some(found) => drop(chosen.swap_remove(found)),
                None => fs::remove_file(file)?,
            }
        }
        if !chosen.is_empty() {
            bail!("{CHOSEN_COMPONENTS} names what Dapr {DAPR} does not have: {}", chosen.join(", "));
        }
        Ok(())
    }

    fn module(&self) -> PathBuf {
        self.folder.join("dapr")
    }

    fn go(&self, command: &str) -> Command {
        let mut go = Command::new("go");
        go.arg(command).args(DAPR_FLAGS).current_dir(&self.folder).env("CGO_ENABLED", "0");
        go
    }

    /// Builds a program of Dapr's into `folder`, and says how far it is.
    fn build(&self, program: &str, folder: &Path) -> anyhow::Result<()> {
        let package = format!("{DAPR_MODULE}/cmd/{program}");
        let all = answer(self.go("list").arg("-deps").arg(&package))
            .context("the Go module proxy does not serve what Dapr consists of")?;
        let all = all.lines().count();
        let mut build = self.go("build");
        build.args(["-v", "-ldflags"]).arg(format!("-s -w -X {DAPR_MODULE}/pkg/buildinfo.version={DAPR}"));
        let mut build = build.arg("-o").arg(folder.join(program)).arg(&package).stderr(Stdio::piped()).spawn()?;
        let said = BufReader::new(build.stderr.take().context("its output")?);
        let mut reported = Instant::now();
        let mut last_words = Vec::new();
        for (done, line) in said.lines().enumerate() {
            last_words.push(line?);
            if reported.elapsed() >= REPORT_EVERY {
                eprintln!("   {program}: {done} of at most {all} packages");
                reported = Instant::now();
            }
        }
        let status = build.wait()?;
        if !status.success() {
            let from = last_words.len().saturating_sub(20);
            bail!("`go build {package}` ended with {status}:\n{}", last_words[from..].join("\n"));
        }
        Ok(())
    }

    fn remove(self) -> anyhow::Result<()> {
        Ok(fs::remove_dir_all(self.folder)?)
    }
}

/// Copies a folder with all that is in it: one that can be written, though the other can't.
fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let copy = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_tree(&entry.path(), &copy)?;
        } else {
            fs::copy(entry.path(), copy)?;
        }
    }
    Ok(())
}

fn kafka(project: &Project) -> anyhow::Result<PathBuf> {
    cached(project, "kafka", KAFKA, &[], |folder| {
        java()?;
        match kafka_on_path() {
            Some(libraries) => std::os::unix::fs::symlink(libraries, folder.join("lib"))?,
            None => step(&format!("Fetching Kafka {KAFKA}"), || fetch_kafka(project, folder))?,
        }
        let mut javac = Command::new("javac");
        javac.arg("-cp").arg(folder.join("lib/*")).arg("-d").arg(folder.join("classes"));
        succeed(javac.arg(project.path("tools/kafka/Topics.java")))
    })
}

fn java() -> anyhow::Result<()> {
    let version = answer(Command::new("javac").arg("--version")).unwrap_or_default();
    let major = version.split_whitespace().nth(1).and_then(|word| word.split('.').next()?.parse::<u32>().ok());
    if major.is_none_or(|major| major < OLDEST_JAVA) {
        bail!("Kafka needs a Java development kit, {OLDEST_JAVA} or newer: install openjdk-{OLDEST_JAVA}-jdk-headless");
    }
    Ok(())
}

/// The libraries of an installed Kafka.
fn kafka_on_path() -> Option<PathBuf> {
    let start = fs::canonicalize(on_path("kafka-server-start.sh")?).ok()?;
    let libraries = start.parent()?.parent()?.join("libs");
    let server = fs::read_dir(&libraries).ok()?.flatten().find_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        parse_version(name.strip_prefix("kafka_2.13-")?)
    })?;
    (server >= OLDEST_KAFKA).then_some(libraries)
}

fn fetch_kafka(project: &Project, folder: &Path) -> anyhow::Result<()> {
    if on_path("mvn").is_none() {
        bail!(
            "Kafka comes from Maven Central: install Maven (package maven), or put Kafka {} or newer on PATH",
            OLDEST_KAFKA.0
        );
    }
    let mut maven = Command::new("mvn");
    maven.args([
        "--batch-mode",
        "--no-transfer-progress",
        "--quiet",
        "-Dstyle.color=never",
        "dependency:copy-dependencies",
    ]);
    maven.arg(format!("-DoutputDirectory={}", folder.join("lib").display()));
    succeed(maven.arg("--file").arg(project.path("tools/kafka/pom.xml")))
}

/// The folder of a tool, made by `make`, with `flags`, if there is none: in a folder beside, so that one of its name is always whole.
fn cached(
    project: &Project,
    name: &str,
    version: &str,
    flags: &[&str],
    make: impl FnOnce(&Path) -> anyhow::Result<()>,
) -> anyhow::Result<PathBuf> {
    let mut recipe = DefaultHasher::new();
    flags.hash(&mut recipe);
    let entries = fs::read_dir(project.path("tools").join(name))?.collect::<Result<Vec<_>, _>>()?;
    let mut files: Vec<PathBuf> = entries.into_iter().map(|entry| entry.path()).collect();
    files.sort();
    for file in files {
        (file.file_name(), fs::read(&file)?).hash(&mut recipe);
    }
    let id = format!("{name}-{version}-{:08x}", recipe.finish() >> 32);
    let folder = cache()?.join(&id);
    if folder.is_dir() {
        return Ok(folder);
    }
    let unfinished = folder.with_file_name(format!("{id}.unfinished-{}", process::id()));
    fs::create_dir_all(&unfinished).with_context(|| unfinished.display().to_string())?;
    let made = make(&unfinished);
    if made.is_ok() && fs::rename(&unfinished, &folder).is_ok() {
        return Ok(folder);
    }
    fs::remove_dir_all(&unfinished)?;
    // Somebody else may have been quicker.
    made.and_then(|()| if folder.is_dir() { Ok(folder) } else { bail!("{} can't be made", folder.display()) })
}

/// Where tools are kept, beyond this work tree.
fn cache() -> anyhow::Result<PathBuf> {
    let from = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let root = from("XDG_CACHE_HOME").or_else(|| Some(from("HOME")?.join(".cache")));
    Ok(root
        .context("neither XDG_CACHE_HOME nor HOME is set: one of them says where tools are kept")?
        .join("rondo/tools"))
}

fn on_path(program: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(program)).find(|path| path.is_file())
}
