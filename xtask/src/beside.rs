//! Programs that run beside others.

use std::io::{self, Write};
use std::process::{Command, Output};
use std::thread::{self, JoinHandle};

use anyhow::{Context, anyhow, bail};

/// A program that runs while others do; what it says is kept until it has ended.
pub struct Beside {
    what: String,
    ending: JoinHandle<io::Result<Output>>,
}

impl Beside {
    /// Starts `command`, which is called `what`.
    pub fn begin(what: &str, mut command: Command) -> Self {
        Self { what: what.to_owned(), ending: thread::spawn(move || command.output()) }
    }

    /// Waits for its end, and says what it said.
    ///
    /// # Errors
    /// It could not be started, or failed.
    pub fn finish(self) -> anyhow::Result<()> {
        let output = self.ending.join().map_err(|_| anyhow!("{}: who waited for its end panicked", self.what))?;
        let Output { status, stdout, stderr } = output.with_context(|| self.what.clone())?;
        io::stdout().write_all(&stdout)?;
        io::stderr().write_all(&stderr)?;
        if !status.success() {
            bail!("{} ended with {status}", self.what);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Beside {
        let mut shell = Command::new("sh");
        shell.args(["-c", script]);
        Beside::begin(script, shell)
    }

    #[test]
    fn a_program_that_fails_beside_others_is_named() {
        assert!(shell("true").finish().is_ok());
        let error = shell("exit 3").finish().expect_err("a failure").to_string();
        assert!(error.starts_with("exit 3 ended with"), "{error}");
    }
}
