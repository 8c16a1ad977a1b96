//! The processes of one verify command: all that it starts ends with it, whatever becomes of gate.
//!
//! They share a process group. A guard, a shell that reads from a pipe that only gate writes to, ends
//! the group if gate is killed. What leaves the group is found on Linux only: there gate adopts the
//! orphans among its descendants, so that whatever the command left behind becomes a child of gate.

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::io::{Error, Result, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

#[cfg(target_os = "linux")]
#[path = "processes/linux.rs"]
mod orphans;
#[cfg(not(target_os = "linux"))]
#[path = "processes/elsewhere.rs"]
mod orphans;

use orphans::Orphans;

/// How long processes that are asked to end have for it.
const GRACE: Duration = Duration::from_secs(2);
/// How long what a command started may outlive it: the end of a pipeline takes a moment.
const SETTLE: Duration = Duration::from_millis(500);
/// How long processes that are killed have to disappear.
const DEADLINE: Duration = Duration::from_secs(5);
/// The longest pause between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// Ends the group whose number it reads as soon as nobody holds the other end of its input.
const GUARD: &str =
    "trap '' HUP INT TERM; read -r group || exit 0; read -r _; kill -s KILL -- \"-$group\"";

/// A command that runs, and all that it starts. Nothing else in this process may start processes
/// meanwhile: they would be taken for the command's.
pub(super) struct Processes {
    child: Child,
    group: Pid,
    guard: Child,
    orphans: Orphans,
}

/// A process that a command started.
struct Survivor {
    /// `None` where only its group is known.
    pid: Option<Pid>,
    /// What it runs.
    name: String,
}

/// How a command came to its end.
pub(super) enum Ended {
    /// By itself; it left these processes behind.
    Exited(ExitStatus, Vec<String>),
    /// Its time was up.
    TimedOut,
    /// Gate has been asked to end.
    Interrupted,
}

impl Processes {
    /// Starts `command` in a process group of its own. It must wait for a line on its standard input
    /// before it does anything: by then it is guarded.
    pub(super) fn start(command: &mut Command) -> Result<Self> {
        let mut guard = Command::new("/bin/sh")
            .args(["-c", GUARD])
            .current_dir("/")
            .env_clear()
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()?;
        let orphans = Orphans::adopt()?;
        let mut child = command.process_group(0).spawn()?;
        let id = i32::try_from(child.id()).map_err(Error::other)?;
        if let Some(pipe) = &mut guard.stdin {
            pipe.write_all(format!("{id}\n").as_bytes())?;
        }
        if let Some(mut pipe) = child.stdin.take() {
            pipe.write_all(b"go\n")?;
        }
        Ok(Self {
            child,
            group: Pid::from_raw(id).ok_or_else(|| Error::other("a process without a number"))?,
            guard,
            orphans,
        })
    }

    /// The ends of the pipes that the command's standard output and standard error go to, if they were
    /// not taken before.
    pub(super) fn pipes(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.child.stdout.take(), self.child.stderr.take())
    }

    /// Waits until the command ends, but no longer than `timeout`, and only until `interrupted`.
    /// Whatever it started is gone afterwards.
    pub(super) fn wait(
        mut self,
        timeout: Duration,
        interrupted: impl Fn() -> bool,
    ) -> Result<Ended> {
        let mut status = None;
        until(timeout, || {
            status = self.child.try_wait()?;
            Ok(status.is_some() || interrupted())
        })?;
        let ended = match status {
            Some(status) => {
                until(SETTLE, || Ok(self.left()?.is_empty() || interrupted()))?;
                let left = self.left()?.into_iter().map(|survivor| survivor.name);
                Ended::Exited(status, left.collect())
            }
            None if interrupted() => Ended::Interrupted,
            None => Ended::TimedOut,
        };
        self.end()?;
        // Nobody is left to guard against.
        self.guard.kill()?;
        Ok(ended)
    }

    /// Ends all that is left, politely first.
    fn end(&mut self) -> Result<()> {
        if self.is_gone()? {
            return Ok(());
        }
        self.send(Signal::TERM)?;
        if until(GRACE, || self.is_gone())? {
            return Ok(());
        }
        // Again and again: the children of whoever ends are found only then.
        let gone = until(DEADLINE, || {
            self.send(Signal::KILL)?;
            self.is_gone()
        })?;
        if gone {
            return Ok(());
        }
        Err(Error::other("processes of it cannot be ended"))
    }

    fn is_gone(&mut self) -> Result<bool> {
        Ok(self.child.try_wait()?.is_some() && self.left()?.is_empty())
    }

    /// What the command started, the command itself aside.
    fn left(&self) -> Result<Vec<Survivor>> {
        self.orphans.survivors(self.group)
    }

    fn send(&self, signal: Signal) -> Result<()> {
        // Who is not reached has gone, or belongs to somebody else: looking again tells.
        _ = kill_process_group(self.group, signal);
        for pid in self.left()?.iter().filter_map(|survivor| survivor.pid) {
            _ = kill_process(pid, signal);
        }
        Ok(())
    }
}

impl Drop for Processes {
    /// Where something went wrong, the guard ends the group: it reads the end of its input.
    fn drop(&mut self) {
        drop(self.guard.stdin.take());
        _ = self.guard.wait();
    }
}

/// Looks until `done`, at most for `patience`; whether it was done in time.
fn until(patience: Duration, mut done: impl FnMut() -> Result<bool>) -> Result<bool> {
    let deadline = Instant::now() + patience;
    let mut pause = Duration::from_millis(1);
    loop {
        if done()? {
            return Ok(true);
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(false);
        }
        std::thread::sleep(pause.min(left));
        pause = (pause * 2).min(PAUSE);
    }
}
