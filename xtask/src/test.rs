//! `cargo xtask test`: all that CI runs, in stages, each with its time.

use std::io::{BufRead, BufReader, Write};
use std::num::NonZero;
use std::process::{Command, Stdio};
use std::{env, thread};

use anyhow::{Context, bail};

use crate::beside::Beside;
use crate::project::{Project, step, succeed};
use crate::{build, page_e2e, real_lane};

/// The suites that run the whole: those of the packages `e2e` and `rondo`.
const END_TO_END: [&str; 4] = ["e2e", "openapi_is_covered", real_lane::CONTRACT, "up"];
/// The suite that is a stage of its own.
const TIDY: &str = "tidy";
/// Says how many tests run at once.
const TEST_THREADS: &str = "RUST_TEST_THREADS";
/// Most tests wait, for a database, an event or their time.
const TESTS_PER_PROCESSOR: usize = 4;
/// How long each fuzz target is run.
const FUZZ_SECONDS: &str = "30";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Fmt,
    Tidy,
    Clippy,
    Unit,
    Web,
    EndToEnd,
    RealLane,
    Fuzz,
}

/// Stages with their names.
type Stages = Vec<(&'static str, Stage)>;

/// In order: what answers soonest comes first.
const STAGES: [(&str, Stage); 8] = [
    ("fmt", Stage::Fmt),
    ("tidy", Stage::Tidy),
    ("web", Stage::Web),
    ("clippy", Stage::Clippy),
    ("unit", Stage::Unit),
    ("e2e", Stage::EndToEnd),
    ("e2e --sidecar dapr", Stage::RealLane),
    ("fuzz", Stage::Fuzz),
];

/// Runs all the stages, or the one that is named first, with what follows as a filter of test names.
pub fn run(project: &Project, arguments: &[String]) -> anyhow::Result<()> {
    let (stages, filters) = choose(arguments)?;
    let is_fuzzed = stages.iter().any(|(_, stage)| *stage == Stage::Fuzz);
    let mut run = Run { project, filters, is_fuzzed, fuzzing: None, tally: Tally::default() };
    let mut failed = Vec::new();
    for (name, stage) in stages {
        if let Err(error) = step(&format!("test {name}"), || run.stage(stage)) {
            eprintln!("test {name}: {error:#}");
            failed.push(name);
        }
    }
    run.tally.tell();
    if !failed.is_empty() {
        bail!("failed: {}", failed.join(", "));
    }
    if run.tally.is_empty() && !filters.is_empty() {
        bail!(
            "nothing is called `{}`: neither a test nor a stage ({})",
            filters.join(" "),
            STAGES.map(|(name, _)| name).join(", ")
        );
    }
    Ok(())
}

/// The stages that are meant, and the filter of test names.
fn choose(arguments: &[String]) -> anyhow::Result<(Stages, &[String])> {
    let named = |name: &str| STAGES.into_iter().filter(|(stage, _)| *stage == name).collect();
    Ok(match arguments {
        [] => (STAGES.to_vec(), arguments),
        [stage, option, sidecar, filters @ ..] if stage == "e2e" && option == "--sidecar" => match sidecar.as_str() {
            "embedded" => (named("e2e"), filters),
            "dapr" => (named("e2e --sidecar dapr"), filters),
            other => bail!("--sidecar is embedded or dapr, not `{other}`"),
        },
        [stage, filters @ ..] if STAGES.iter().any(|(name, _)| name == stage) => (named(stage), filters),
        filters => (STAGES.into_iter().filter(|(_, stage)| stage.runs_cargo_tests()).collect(), filters),
    })
}

impl Stage {
    /// Whether a filter of test names means something to it.
    fn runs_cargo_tests(self) -> bool {
        matches!(self, Self::Unit | Self::EndToEnd)
    }
}

/// Some stages, being run.
struct Run<'a> {
    project: &'a Project,
    filters: &'a [String],
    is_fuzzed: bool,
    /// What has begun before its stage.
    fuzzing: Option<Beside>,
    tally: Tally,
}

impl Run<'_> {
    fn stage(&mut self, stage: Stage) -> anyhow::Result<()> {
        let Self { project, filters, is_fuzzed, fuzzing, tally } = self;
        match stage {
            Stage::Fmt => succeed(&mut project.cargo(&["fmt", "--all", "--check"])),
            Stage::Tidy => native_tests(project, &[], [TIDY], filters, tally),
            Stage::Clippy => clippy(project),
            Stage::Unit => unit(project, filters, tally),
            Stage::Web => web(project, tally),
            Stage::EndToEnd => end_to_end(project, filters, tally),
            Stage::RealLane => real_lane::run(project, filters, tally, || {
                *fuzzing = is_fuzzed.then(|| fuzz(project));
            }),
            Stage::Fuzz => fuzzing.take().unwrap_or_else(|| fuzz(project)).finish(),
        }
    }
}

fn clippy(project: &Project) -> anyhow::Result<()> {
    let mut native_code = project.cargo(&["clippy", "--release", "--all-targets"]);
    succeed(native_code.args(project.native()?).args(["--", "--deny", "warnings"]))?;
    let mut components = project.cargo(&["clippy", "--profile", "component", "--target", "wasm32-wasip2"]);
    let packages = project.wasm_only()?.into_iter().flat_map(|name| ["--package".to_owned(), name]);
    succeed(components.args(packages).args(["--", "--deny", "warnings"]))
}

/// All but the end-to-end suites, which need built components.
fn unit(project: &Project, filters: &[String], tally: &mut Tally) -> anyhow::Result<()> {
    // Programs that suites start: cargo builds them by itself only where no targets are named.
    succeed(project.cargo(&["build", "--release", "--examples"]).args(project.native()?))?;
    let suites = project.test_suites()?;
    let suites = suites
        .iter()
        .map(String::as_str)
        .filter(|suite| !END_TO_END.contains(suite) && ![TIDY, real_lane::SUITE].contains(suite));
    // `bench` has no tests in its program, and to link that takes its time.
    native_tests(project, &["--lib", "--bin", "rondo", "--bin", "xtask"], suites, filters, tally)
}

/// Runs targets of the native packages: `kinds` of them, and the suites of these names.
fn native_tests<'a>(
    project: &Project,
    kinds: &[&str],
    suites: impl IntoIterator<Item = &'a str>,
    filters: &[String],
    tally: &mut Tally,
) -> anyhow::Result<()> {
    let mut tests = project.cargo_test()?;
    tests.args(kinds).args(suites.into_iter().flat_map(|suite| ["--test", suite]));
    if env::var_os(TEST_THREADS).is_none() {
        let processors = thread::available_parallelism().map_or(1, NonZero::get);
        tests.env(TEST_THREADS, (processors * TESTS_PER_PROCESSOR).to_string());
    }
    tally.count(tests.arg("--").args(filters))
}

fn web(project: &Project, tally: &mut Tally) -> anyhow::Result<()> {
    build::parts_of_page(project)?;
    succeed(&mut project.npm(&["run", "--silent", "generate"]))?;
    // None of them keeps two processors busy.
    let checks = ["format:check", "eslint", "tsc"]
        .map(|script| Beside::begin(&format!("npm run {script}"), project.npm(&["run", "--silent", script])));
    let tested = tally.count(&mut project.npm(&["run", "--silent", "vitest"]));
    checks.into_iter().map(Beside::finish).fold(tested, anyhow::Result::and)
}

/// Begins to fuzz, giving way to whatever else runs.
fn fuzz(project: &Project) -> Beside {
    let mut run = project.command("nice");
    run.args(["-n", "19"]).arg(project.path("fuzz/run")).arg(FUZZ_SECONDS);
    run.env("CARGO_TARGET_DIR", project.target().join("fuzz"));
    Beside::begin("fuzz/run", run)
}

/// Builds the host as a part of the tests, so that it is not built twice; the page's suite runs that binary, too.
fn end_to_end(project: &Project, filters: &[String], tally: &mut Tally) -> anyhow::Result<()> {
    build::components(project)?;
    build::page(project)?;
    let native = native_tests(project, &[], END_TO_END, filters, tally);
    let of_page = if filters.is_empty() { page_e2e::run(project, tally) } else { Ok(()) };
    native.and(of_page)
}

/// How many tests passed and failed, as the runners say it.
#[derive(Debug, Default)]
pub struct Tally {
    passed: u32,
    failed: u32,
    skipped: Vec<String>,
}

impl Tally {
    /// Notes what did not run, and why: the last lines say so.
    pub fn skip(&mut self, what: String) {
        self.skipped.push(what);
    }

    /// Whether nothing ran, nor was to.
    fn is_empty(&self) -> bool {
        self.passed + self.failed == 0 && self.skipped.is_empty()
    }

    fn tell(&self) {
        println!("{} passed, {} failed", self.passed, self.failed);
        for skipped in &self.skipped {
            println!("SKIPPED: {skipped}");
        }
    }

    /// Runs a test runner that must succeed, passing on what it prints and counting.
    pub fn count(&mut self, runner: &mut Command) -> anyhow::Result<()> {
        let mut process = runner.stdout(Stdio::piped()).spawn().context("the test runner")?;
        let output = process.stdout.take().context("the test runner's output")?;
        let mut out = std::io::stdout().lock();
        for line in BufReader::new(output).split(b'\n') {
            let line = line?;
            out.write_all(&line)?;
            out.write_all(b"\n")?;
            self.add(&String::from_utf8_lossy(&line));
        }
        let status = process.wait()?;
        if !status.success() {
            bail!("the tests ended with {status}");
        }
        Ok(())
    }

    /// Cargo's `test result: ok. 4 passed; 0 failed; …` and vitest's `Tests  1 failed | 12 passed (13)`.
    fn add(&mut self, line: &str) {
        let line = without_colours(line);
        if !line.starts_with("test result:") && !line.trim_start().starts_with("Tests  ") {
            return;
        }
        let words: Vec<&str> = line.split([' ', ';', '|']).filter(|word| !word.is_empty()).collect();
        for pair in words.windows(2) {
            let count = pair[0].parse().unwrap_or(0);
            match pair[1] {
                "passed" => self.passed += count,
                "failed" => self.failed += count,
                _ => {}
            }
        }
    }
}

/// Leaves out terminal escapes such as `ESC [ 32 m`.
fn without_colours(line: &str) -> String {
    let mut parts = line.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once('m').map_or(part, |(_, rest)| rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cargo_and_vitest_say_is_added_up() {
        let mut tally = Tally::default();
        tally.add("test result: ok. 4 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 6.58s");
        tally.add("\u{1b}[2m      Tests \u{1b}[22m \u{1b}[31m1 failed\u{1b}[39m | \u{1b}[32m12 passed\u{1b}[39m (13)");
        tally.add("test something ... ok");
        assert_eq!((tally.passed, tally.failed), (16, 1));
    }
}
