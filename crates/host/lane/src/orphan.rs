//! Children that end with whoever started them.
#![allow(unsafe_code)]

use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Gives `command` a process group of its own, so that Ctrl-C in a terminal reaches it through its parent, in order, and has the
/// kernel tell it to end when the thread that starts it does.
pub(crate) fn bind_to_parent(command: &mut Command) {
    command.process_group(0);
    let parent = nix::unistd::getpid();
    let prepare = move || {
        end_with_parent()?;
        // The parent may have ended before the kernel knew that the child wanted to hear of it.
        if nix::unistd::getppid() != parent {
            return Err(io::Error::other("the starting process is gone"));
        }
        Ok(())
    };
    // SAFETY: between fork and exec only system calls are made, on values copied before the fork.
    unsafe { command.pre_exec(prepare) };
}

#[cfg(target_os = "linux")]
fn end_with_parent() -> io::Result<()> {
    Ok(nix::sys::prctl::set_pdeathsig(nix::sys::signal::Signal::SIGTERM)?)
}

/// Elsewhere nothing tells an orphan.
#[cfg(not(target_os = "linux"))]
fn end_with_parent() -> io::Result<()> {
    Ok(())
}
