//! Builds what changed.

use std::path::PathBuf;

use crate::prerequisites;
use crate::project::{Project, succeed};
use crate::stamp::Artifact;

/// Builds all that `rondo up` runs.
pub fn everything(project: &Project) -> anyhow::Result<()> {
    components(project)?;
    page(project)?;
    host(project)
}

/// The components, in one call of cargo.
pub fn components(project: &Project) -> anyhow::Result<()> {
    let names = project.components()?;
    let artifact = Artifact {
        name: "components",
        inputs: [
            "Cargo.toml",
            "Cargo.lock",
            "rust-toolchain.toml",
            "components",
            "crates/recurrence",
            "crates/zones",
            "crates/domain",
            "crates/ical",
            "crates/push",
            "crates/ports",
            "crates/store",
            "crates/web-api",
            "crates/spin",
            "wit",
            ".cargo/config.toml",
        ]
        .map(|path| project.path(path))
        .into(),
        outputs: names.iter().map(|name| wasm(project, name)).collect(),
    };
    artifact.ensure(project, || compile(project, &names))
}

/// Where the component of a package is built.
fn wasm(project: &Project, package: &str) -> PathBuf {
    project.target().join("wasm32-wasip2/component").join(format!("{}.wasm", package.replace('-', "_")))
}

fn compile(project: &Project, packages: &[String]) -> anyhow::Result<()> {
    prerequisites::wasm_target(project)?;
    let mut cargo = project.cargo(&["build", "--profile", "component", "--target", "wasm32-wasip2"]);
    succeed(cargo.args(packages.iter().flat_map(|name| ["--package", name])))
}

/// The component that the page runs: `wit/recurrence`. Spin knows nothing of it.
const ENGINE: &str = "rondo-recurrence-component";

fn engine(project: &Project) -> anyhow::Result<()> {
    let artifact = Artifact {
        name: "page's engine",
        inputs: [
            "Cargo.toml",
            "Cargo.lock",
            "rust-toolchain.toml",
            "crates/recurrence",
            "crates/zones",
            "crates/recurrence-component",
            "wit",
            ".cargo/config.toml",
        ]
        .map(|path| project.path(path))
        .into(),
        outputs: vec![wasm(project, ENGINE)],
    };
    artifact.ensure(project, || compile(project, &[ENGINE.to_owned()]))
}

/// The page, with what it is made of. Its own build transpiles the engine.
pub fn page(project: &Project) -> anyhow::Result<()> {
    parts_of_page(project)?;
    let artifact = Artifact {
        name: "page",
        inputs: vec![project.path("web"), project.path("crates/web-api/openapi.json"), wasm(project, ENGINE)],
        outputs: vec![project.path("web/dist/index.html")],
    };
    artifact.ensure(project, || {
        prerequisites::node()?;
        succeed(&mut project.npm(&["run", "--silent", "build"]))
    })
}

/// What must be there before the page is built or checked: its packages and its engine.
pub fn parts_of_page(project: &Project) -> anyhow::Result<()> {
    node_modules(project)?;
    engine(project)
}

fn node_modules(project: &Project) -> anyhow::Result<()> {
    let artifact = Artifact {
        name: "page's packages",
        inputs: ["web/package.json", "web/package-lock.json"].map(|path| project.path(path)).into(),
        outputs: vec![project.path("web/node_modules/.package-lock.json")],
    };
    artifact.ensure(project, || {
        prerequisites::node()?;
        succeed(&mut project.npm(&["ci", "--no-audit", "--no-fund"]))
    })
}

/// The binary `rondo`.
pub fn host(project: &Project) -> anyhow::Result<()> {
    let artifact = Artifact {
        name: "host",
        inputs: ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "crates", "migrations"]
            .map(|path| project.path(path))
            .into_iter()
            .collect::<Vec<PathBuf>>(),
        outputs: vec![project.host()],
    };
    artifact.ensure(project, || {
        prerequisites::c_compiler()?;
        program(project, "rondo")
    })
}

/// The program that measures.
pub fn bench(project: &Project) -> anyhow::Result<()> {
    program(project, "bench")
}

fn program(project: &Project, name: &str) -> anyhow::Result<()> {
    succeed(project.cargo(&["build", "--release", "--bin", name]).args(project.native()?))
}
