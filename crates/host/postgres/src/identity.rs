//! Who the server's programs run as. Postgres refuses root, so root becomes somebody else first.
#![allow(unsafe_code)]

use std::fs;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use nix::unistd::{Gid, Uid, User, geteuid, getppid, setgid, setgroups, setuid};

use crate::Error;

/// The identity that `initdb` and `postgres` run under.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Identity {
    /// The caller's own: it is not root.
    Own,
    /// Root, inside a user namespace that maps nobody: not root in there, and files stay root's outside.
    #[cfg(target_os = "linux")]
    Namespace,
    /// Another user of the system, to whom the files are given.
    User(Uid, Gid),
}

/// What the kernel sends to a child when the thread that started it ends.
#[derive(Debug, Clone, Copy)]
pub(crate) enum OrphanSignal {
    /// A fast, clean shutdown: for the server.
    Interrupt,
    /// At once: for helpers whose half-done work is thrown away.
    Kill,
}

impl Identity {
    /// Decides once who to run as; `program` is started with `--version` to see whether namespaces work.
    pub(crate) fn choose(program: &Path) -> Result<Self, Error> {
        if !geteuid().is_root() {
            return Ok(Self::Own);
        }
        #[cfg(target_os = "linux")]
        if Self::Namespace.can_run(program) {
            return Ok(Self::Namespace);
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(|name| User::from_name(name).ok().flatten())
            .map(|user| Self::User(user.uid, user.gid))
            .ok_or(Error::Root)
    }

    /// Hands `folder` to whom the server runs as.
    pub(crate) fn give(self, folder: &Path) -> Result<(), Error> {
        match self {
            Self::User(uid, gid) => give_tree(folder, uid, gid),
            _ => Ok(()),
        }
    }

    /// Makes `command` run under this identity and end when the calling thread does.
    pub(crate) fn apply(self, command: &mut Command, orphan: OrphanSignal) {
        let parent = nix::unistd::getpid();
        let prepare = move || {
            self.become_it()?;
            end_with_parent(orphan)?;
            // The parent may have ended before the kernel knew that the child wanted to hear of it.
            if getppid() != parent {
                return Err(io::Error::other("the starting process is gone"));
            }
            Ok(())
        };
        // SAFETY: between fork and exec only system calls are made, on values copied before the fork.
        unsafe { command.pre_exec(prepare) };
    }

    fn become_it(self) -> io::Result<()> {
        match self {
            Self::Own => {}
            #[cfg(target_os = "linux")]
            Self::Namespace => nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWUSER)?,
            Self::User(uid, gid) => {
                #[cfg(not(target_vendor = "apple"))]
                setgroups(&[])?;
                setgid(gid)?;
                setuid(uid)?;
            }
        }
        Ok(())
    }

    #[cfg(target_os = "linux")]
    fn can_run(self, program: &Path) -> bool {
        let mut command = Command::new(program);
        command.arg("--version").stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        self.apply(&mut command, OrphanSignal::Kill);
        command.status().is_ok_and(|status| status.success())
    }
}

#[cfg(target_os = "linux")]
fn end_with_parent(orphan: OrphanSignal) -> io::Result<()> {
    use nix::sys::signal::Signal;
    let signal = match orphan {
        OrphanSignal::Interrupt => Signal::SIGINT,
        OrphanSignal::Kill => Signal::SIGKILL,
    };
    Ok(nix::sys::prctl::set_pdeathsig(signal)?)
}

/// Elsewhere an orphan is found, and stopped, by the next start.
#[cfg(not(target_os = "linux"))]
fn end_with_parent(_orphan: OrphanSignal) -> io::Result<()> {
    Ok(())
}

fn give_tree(path: &Path, uid: Uid, gid: Gid) -> Result<(), Error> {
    std::os::unix::fs::lchown(path, Some(uid.as_raw()), Some(gid.as_raw())).map_err(Error::at(path))?;
    if !path.is_symlink() && path.is_dir() {
        for entry in fs::read_dir(path).map_err(Error::at(path))? {
            give_tree(&entry.map_err(Error::at(path))?.path(), uid, gid)?;
        }
    }
    Ok(())
}
