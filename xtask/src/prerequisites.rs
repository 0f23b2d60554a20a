//! What must be installed before anything can be built, and how to get it.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::project::{Project, step, succeed};

const WASM_TARGET: &str = "wasm32-wasip2";
/// The oldest Node that the page's tools run on.
const OLDEST_NODE: (u32, u32) = (20, 19);

/// Makes sure that Rust can compile components; adds the target with rustup if it is missing.
pub fn wasm_target(project: &Project) -> anyhow::Result<()> {
    let sysroot = answer(project.command("rustc").args(["--print", "sysroot"])).context("rustc is not installed")?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(WASM_TARGET).is_dir() {
        return Ok(());
    }
    step("Adding the target wasm32-wasip2 to Rust", || {
        succeed(project.command("rustup").args(["target", "add", WASM_TARGET]))
            .context("components are compiled for wasm32-wasip2: install that target for this Rust")
    })
}

/// Makes sure that there is a C compiler, which some crates of the host need.
pub fn c_compiler() -> anyhow::Result<()> {
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    answer(Command::new(&compiler).arg("--version"))
        .with_context(|| format!("the host needs a C compiler, and `{compiler}` does not run: install gcc or clang"))?;
    Ok(())
}

/// Makes sure that there is a Node that can build the page.
pub fn node() -> anyhow::Result<()> {
    let (major, minor) = OLDEST_NODE;
    let version = answer(Command::new("node").arg("--version"))
        .with_context(|| format!("the page needs Node {major}.{minor} or newer, and npm: install them"))?;
    let found = parse_version(&version).with_context(|| format!("`node --version` says `{}`", version.trim()))?;
    if found < OLDEST_NODE {
        bail!("the page needs Node {major}.{minor} or newer, and {} is installed", version.trim());
    }
    Ok(())
}

/// `v20.20.2` → (20, 20). What follows the second number doesn't matter.
pub fn parse_version(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().trim_start_matches('v').split(|c: char| !c.is_ascii_digit());
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// What a program says on its standard output.
///
/// # Errors
/// It isn't there, or fails.
pub fn answer(command: &mut Command) -> anyhow::Result<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output()?;
    if !output.status.success() {
        bail!("it ended with {}", output.status);
    }
    Ok(String::from_utf8(output.stdout)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number() {
        assert_eq!(parse_version("v20.20.2\n"), Some((20, 20)));
        assert!(parse_version("v9.11.2") < parse_version("v20.19.0"));
        assert_eq!(parse_version("twenty"), None);
    }
}
