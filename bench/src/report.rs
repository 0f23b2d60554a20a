//! What came out: a table to read, and files to keep.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::Context;
use serde::Serialize;

use crate::aims::{Verdict, judge};
use crate::cli::Options;
use crate::events::{Events, Figures};
use crate::flood::Flood;
use crate::memory::Memory;
use crate::page::with_sections;
use crate::punctuality::{Lateness, Punctuality};
use crate::run::{Measurement, Results};
use crate::startup::Startup;
use crate::topology::Sidecar;

/// Where the figures are kept, for programs.
const JSON: &str = "bench/results/latest.json";
/// And for people.
const PAGE: &str = "docs/benchmarks.md";
/// What the profiles showed, by hand.
const PROFILES: &str = "bench/profiles.md";

#[derive(Serialize)]
struct Document<'a> {
    machine: &'a str,
    #[serde(flatten)]
    results: &'a Results,
    aims: &'a [Verdict],
}

/// Prints `results`, and keeps them: in the repository if they are complete, else in the data folder.
///
/// # Errors
/// A file can't be written.
pub fn write(results: Results, options: &Options) -> anyhow::Result<()> {
    let machine = machine();
    let made = sections(&results)?;
    print!("\n{made}{}", aims_of(&results)?);
    if options.is_complete() {
        keep(Path::new(PAGE), &page(&machine, results.load_before, &(made + &aims_of(&results)?))?)?;
        keep(Path::new(JSON), &json(&machine, &results)?)
    } else if options.keep {
        let kept = fs::read_to_string(JSON).context(JSON)?;
        let results = results.over(serde_json::from_str(&kept).context(JSON)?);
        let page = fs::read_to_string(PAGE).context(PAGE)?;
        keep(Path::new(PAGE), &with_sections(&page, &(made + &aims_of(&results)?)))?;
        keep(Path::new(JSON), &json(&machine, &results)?)
    } else {
        keep(&options.data.join("results.json"), &json(&machine, &results)?)
    }
}

/// By way of a value, so that names always come in the same order.
fn json(machine: &str, results: &Results) -> serde_json::Result<String> {
    let document = serde_json::to_value(Document { machine, results, aims: &judge(results) })?;
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

fn keep(path: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::write(path, text).with_context(|| path.display().to_string())?;
    eprintln!("Written: {}", path.display());
    Ok(())
}

fn page(machine: &str, load_before: f64, tables: &str) -> anyhow::Result<String> {
    let profiles = fs::read_to_string(PROFILES).context(PROFILES)?;
    Ok(format!(
        "# How fast Rondo is\n\n\
         Made by `cargo xtask bench` on {machine}, with load, servers and database on the same machine, whose \
         load average was {load_before} before. \
         100 users with 1 000 tasks each; each request is another user's. The yardstick is a native server of the same \
         endpoints and statements (`bench/src/yardstick`), pgbench repeats the statements with no server before them. \
         CPU time per request is the figure to trust on a machine that does other things as well.\n\n\
         {tables}\n{profiles}"
    ))
}

/// A section for each part that was measured.
fn sections(results: &Results) -> Result<String, std::fmt::Error> {
    let mut text = String::new();
    if !results.measurements.is_empty() {
        write_measurements(&mut text, &results.measurements)?;
    }
    results.flood.iter().try_for_each(|flood| write_flood(&mut text, flood))?;
    results
        .punctuality
        .iter()
        .try_for_each(|punctuality| write_punctuality(&mut text, punctuality, results.load_before))?;
    results.events.iter().try_for_each(|events| write_events(&mut text, events))?;
    results.startup.iter().try_for_each(|startup| write_startup(&mut text, startup))?;
    Ok(text)
}

impl Measurement {
    /// Rondo's requests a second, as a share of the yardstick's.
    pub fn share(&self) -> f64 {
        self.rondo.per_second / self.yardstick.per_second
    }
}

fn write_measurements(text: &mut String, measurements: &[Measurement]) -> std::fmt::Result {
    writeln!(text, "## Requests\n")?;
    writeln!(
        text,
        "R: Rondo, Y: the yardstick. CPU is of the server, Postgres's of all its processes, each per request.\n"
    )?;
    let header = [
        "request",
        "at once",
        "R req/s",
        "Y req/s",
        "R/Y",
        "pgbench/s",
        "R/pgbench",
        "R p50 ms",
        "Y p50",
        "R p99 ms",
        "Y p99",
        "R CPU µs",
        "Y CPU",
        "R Postgres µs",
        "Y Postgres",
        "pgbench's",
        "R MB",
        "Y MB",
    ];
    writeln!(text, "| {} |\n|{}", header.join(" | "), " --- |".repeat(header.len()))?;
    for measurement in measurements {
        let Measurement { scenario, connections, rondo, yardstick, pgbench } = measurement;
        let of_database = |value: f64, decimals: usize| format!("{value:.decimals$}");
        let (pgbench_rate, pgbench_share, pgbench_cpu) = pgbench.map_or_else(Default::default, |database| {
            (
                of_database(database.per_second, 0),
                of_database(rondo.per_second / database.per_second, 2),
                of_database(database.postgres_cpu_us, 0),
            )
        });
        writeln!(
            text,
            "| {} | {connections} | {:.0} | {:.0} | {:.2} | {pgbench_rate} | {pgbench_share} | {:.1} | {:.1} | {:.1} | {:.1} \
             | {:.0} | {:.0} | {:.0} | {:.0} | {pgbench_cpu} | {:.0} | {:.0} |",
            scenario.name(),
            rondo.per_second,
            yardstick.per_second,
            measurement.share(),
            rondo.p50_ms,
            yardstick.p50_ms,
            rondo.p99_ms,
            yardstick.p99_ms,
            rondo.server_cpu_us,
            yardstick.server_cpu_us,
            rondo.postgres_cpu_us,
            yardstick.postgres_cpu_us,
            rondo.resident_mb,
            yardstick.resident_mb,
        )?;
    }
    writeln!(text)
}

fn write_flood(text: &mut String, flood: &Flood) -> std::fmt::Result {
    let of_status = |(status, count): (&u16, &u64)| format!("{count} × {status}");
    let logins: Vec<String> = flood.logins.iter().map(of_status).collect();
    writeln!(
        text,
        "## Under a flood of logins\n\n{:.0} logins a second, every other one with a wrong password: {}. 50 other requests a \
         second meanwhile: p95 {:.1} ms, p99 {:.1} ms; without the flood p95 {:.1} ms.\n",
        flood.logins_per_second,
        logins.join(", "),
        flood.flooded_p95_ms,
        flood.flooded_p99_ms,
        flood.calm_p95_ms,
    )
}

fn write_punctuality(text: &mut String, punctuality: &Punctuality, load_before: f64) -> std::fmt::Result {
    writeln!(
        text,
        "## Reminders\n\nFrom the time of a reminder to its notification in the database, of 100 users' tasks; the stream tells the \
         page within 0.4 s more. The load average was {load_before} before.\n\n| due | reminders | lost | doubled | p50 ms | p99 ms | latest ms |\n|{}",
        " --- |".repeat(7)
    )?;
    let kinds = [("within a minute", punctuality.within_a_minute), ("at one instant", punctuality.at_one_instant)];
    for (due, Lateness { reminders, lost, doubled, p50_ms, p99_ms, max_ms }) in kinds {
        writeln!(text, "| {due} | {reminders} | {lost} | {doubled} | {p50_ms:.0} | {p99_ms:.0} | {max_ms:.0} |")?;
    }
    writeln!(text)
}

fn write_events(text: &mut String, Events { load_before, sidecars }: &Events) -> std::fmt::Result {
    writeln!(
        text,
        "## Events\n\nOn an empty database, 20 requests a second. *Noted*: from the request that completes a task to \
         notification-service's note of its event; *scheduled*: from the request that makes a series to recurring-service's note \
         that its job is set. Then a thousand tasks at once, until the last event is on its topic: *one*'s import, from its answer on; \
         made by *many*, 20 at a time, from the first request on. The load average was {load_before} before.\n\n\
         | sidecar | noted p50 ms | p99 | scheduled p50 ms | p99 | events/s of one | of many |\n|{}",
        " --- |".repeat(7)
    )?;
    for (sidecar, figures) in sidecars {
        let figures = figures.in_a_row().map(|figure| format!("{figure:.0}")).join(" | ");
        writeln!(text, "| {} | {figures} |", sidecar.name())?;
    }
    write_memory(text, sidecars)
}

fn write_memory(text: &mut String, sidecars: &BTreeMap<Sidecar, Figures>) -> std::fmt::Result {
    writeln!(
        text,
        "\n## Memory\n\nOf each process after those events. *Resident* is all that it has in use; *share* divides what processes \
         share (programs, Postgres's buffers) among them, and can be added up.\n\n\
         | sidecar | process | how many | resident MB | share MB |\n|{}",
        " --- |".repeat(5)
    )?;
    for (sidecar, Figures { memory, .. }) in sidecars {
        let sidecar = sidecar.name();
        for (process, Memory { processes, resident_mb, share_mb }) in memory {
            writeln!(text, "| {sidecar} | {process} | {processes} | {resident_mb:.0} | {share_mb:.0} |")?;
        }
        let all: f64 = memory.values().map(|memory| memory.share_mb).sum();
        writeln!(text, "| {sidecar} | all | | | {all:.0} |")?;
    }
    writeln!(text)
}

fn write_startup(text: &mut String, startup: &Startup) -> std::fmt::Result {
    let size = |(name, size): (&String, &f64)| format!("`{name}` {size:.0}");
    let components: Vec<String> = startup.components_kb.iter().map(size).collect();
    writeln!(
        text,
        "## Start and size\n\nMedians of five. `rondo serve` answers `/health` after {:.0} ms; `rondo up` on an existing folder \
         is ready after {:.0} ms and holds {:.0} MB. The program has {:.0} MB; the components, in kB: {}.\n",
        startup.serve_to_health_ms,
        startup.up_to_ready_ms,
        startup.resident_mb,
        startup.program_mb,
        components.join(", "),
    )
}

/// The section that judges the others.
fn aims_of(results: &Results) -> Result<String, std::fmt::Error> {
    let (aims, mut text) = (judge(results), String::new());
    if aims.is_empty() {
        return Ok(text);
    }
    writeln!(
        text,
        "## Aims\n\nOf the requests at 16 connections.\n\n| what | aim | measured | |\n| --- | --- | --- | --- |"
    )?;
    for Verdict { what, aim, measured, met } in aims {
        writeln!(text, "| {what} | {aim} | {measured} | {} |", if met { "ok" } else { "**missed**" })?;
    }
    Ok(text)
}

/// The processor, how many of it, and how much memory.
fn machine() -> String {
    let value = |file: &str, name: &str| {
        let text = fs::read_to_string(file).ok()?;
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.split_once(':'))?.1;
        Some(line.trim().to_owned())
    };
    let processor = value("/proc/cpuinfo", "model name").unwrap_or_else(|| "an unknown processor".to_owned());
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let kilobytes: f64 = value("/proc/meminfo", "MemTotal")
        .and_then(|text| text.trim_end_matches(" kB").parse().ok())
        .unwrap_or_default();
    format!("{processor}, {cores} cores, {:.0} GB", kilobytes / 1024.0 / 1024.0)
}
