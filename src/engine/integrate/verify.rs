//! Runs verify commands, each list in a private checkout of the tree that it is about.

use super::super::{Event, Progress};
use crate::manifest::Command;
use crate::repo::Quarantine;
use crate::words::{Code, Finding, ObjectId, Result, Span};
use std::cell::RefCell;
use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// What of the environment a command sees; everything else is left out.
pub const ENVIRONMENT: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LC_ALL",
    "TZ",
    "CARGO_HOME",
    "RUSTUP_HOME",
];

/// How much of the end of a command's output is kept for the finding.
const TAIL_BYTES: u64 = 4096;
const TAIL_LINES: usize = 20;

/// How long a command that ran out of time has to end by itself.
const GRACE: Duration = Duration::from_secs(2);

/// Runs commands on trees and remembers, for the time of one run, what they said of which tree.
pub(super) struct Verifier<'a> {
    quarantine: &'a Quarantine,
    progress: &'a dyn Progress,
    remembered: RefCell<HashMap<(ObjectId, Vec<String>), Verified>>,
}

/// Whether a tree passes.
pub(super) type Verified = std::result::Result<(), VerifyFailure>;

/// Why a tree does not pass.
#[derive(Clone, Debug)]
pub(super) struct VerifyFailure {
    code: Code,
    run: String,
    span: Span,
    reason: String,
    tail: Vec<String>,
}

impl VerifyFailure {
    /// The finding that says `what` failed, and how.
    pub(super) fn finding(&self, what: &str) -> Finding {
        let mut finding =
            Finding::new(self.code, format!("{what}: `{}` {}", self.run, self.reason))
                .label(self.span, "this command");
        finding.notes.clone_from(&self.tail);
        finding
    }
}

impl<'a> Verifier<'a> {
    /// A verifier whose checkouts are made out of `quarantine`.
    pub(super) fn new(quarantine: &'a Quarantine, progress: &'a dyn Progress) -> Self {
        Self {
            quarantine,
            progress,
            remembered: RefCell::default(),
        }
    }

    /// Runs `commands` one after the other in one private checkout of `tree`, up to the first that
    /// fails. The outer error means that it could not be tried.
    pub(super) fn verify(
        &self,
        subject: &str,
        tree: ObjectId,
        commands: &[Command],
    ) -> Result<Verified> {
        if commands.is_empty() {
            return Ok(Ok(()));
        }
        let key = (
            tree,
            commands
                .iter()
                .map(|command| command.run.value.clone())
                .collect(),
        );
        if let Some(known) = self.remembered.borrow().get(&key) {
            return Ok(known.clone());
        }
        let folder = tempfile::tempdir().map_err(|error| {
            Finding::new(Code::InputOutput, "cannot make a folder for a checkout").because(&error)
        })?;
        let checkout = self.quarantine.checkout(tree, folder.path())?;
        let mut result = Ok(());
        for command in commands {
            self.progress.event(Event::Verifying {
                subject,
                command: &command.run.value,
            });
            if let Err(failure) = run(command, checkout.path())? {
                result = Err(failure);
                break;
            }
        }
        self.remembered.borrow_mut().insert(key, result.clone());
        Ok(result)
    }
}

/// Runs one command in `folder`; the inner error says how it failed.
fn run(command: &Command, folder: &std::path::Path) -> Result<Verified> {
    let unable = |what: &str, error: &std::io::Error| {
        Box::new(Finding::new(Code::InputOutput, what.to_owned()).because(error))
    };
    let mut output =
        tempfile::tempfile().map_err(|error| unable("cannot keep a command's output", &error))?;
    let mut child = spawn(&command.run.value, folder, &output)
        .map_err(|error| unable("cannot start a shell for a verify command", &error))?;
    let ended = wait(&mut child, command.timeout)
        .map_err(|error| unable("cannot wait for a verify command", &error))?;
    let (code, reason) = match ended {
        Some(status) if status.success() => return Ok(Ok(())),
        Some(status) => describe(status),
        None => {
            let limit = command.timeout.as_secs();
            (
                Code::VerifyTimeout,
                format!("did not end within {limit} seconds"),
            )
        }
    };
    let tail =
        tail(&mut output).map_err(|error| unable("cannot read a command's output", &error))?;
    let (run, span) = (command.run.value.clone(), command.run.span);
    Ok(Err(VerifyFailure {
        code,
        run,
        span,
        reason,
        tail,
    }))
}

fn spawn(line: &str, folder: &std::path::Path, output: &File) -> std::io::Result<Child> {
    let kept = ENVIRONMENT
        .iter()
        .filter_map(|name| Some((name, std::env::var_os(name)?)));
    std::process::Command::new("/bin/sh")
        .args(["-c", line])
        .current_dir(folder)
        .env_clear()
        .envs(kept)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CEILING_DIRECTORIES", folder)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output.try_clone()?)
        .process_group(0)
        .spawn()
}

/// Waits for `child`, at most `timeout`; then ends its whole process group, politely first.
fn wait(child: &mut Child, timeout: Duration) -> std::io::Result<Option<ExitStatus>> {
    let ended = wait_until(child, Instant::now() + timeout)?;
    if ended.is_none() {
        end_group(child, rustix::process::Signal::TERM)?;
        wait_until(child, Instant::now() + GRACE)?;
    }
    // Whatever it left behind in its group ends with it.
    end_group(child, rustix::process::Signal::KILL)?;
    child.wait()?;
    Ok(ended)
}

fn wait_until(child: &mut Child, deadline: Instant) -> std::io::Result<Option<ExitStatus>> {
    let mut pause = Duration::from_millis(1);
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(None);
        }
        std::thread::sleep(pause.min(left));
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

fn end_group(child: &Child, signal: rustix::process::Signal) -> std::io::Result<()> {
    let id = i32::try_from(child.id()).map_err(std::io::Error::other)?;
    let Some(group) = rustix::process::Pid::from_raw(id) else {
        return Ok(());
    };
    match rustix::process::kill_process_group(group, signal) {
        // Nobody is left in it.
        Ok(()) | Err(rustix::io::Errno::SRCH) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What an unsuccessful status means; a shell says 126 and 127 of what it could not start.
fn describe(status: ExitStatus) -> (Code, String) {
    match (status.code(), status.signal()) {
        (Some(126), _) => (Code::VerifyNotStarted, "could not be executed".into()),
        (Some(127), _) => (Code::VerifyNotStarted, "was not found".into()),
        (Some(code), _) => (Code::VerifyFailed, format!("ended with exit code {code}")),
        (None, Some(signal)) => (Code::VerifyFailed, format!("was ended by signal {signal}")),
        (None, None) => (Code::VerifyFailed, "ended in an unknown way".into()),
    }
}

/// The last lines of an output.
fn tail(output: &mut File) -> std::io::Result<Vec<String>> {
    let length = output.seek(SeekFrom::End(0))?;
    output.seek(SeekFrom::Start(length.saturating_sub(TAIL_BYTES)))?;
    let mut bytes = Vec::new();
    output.read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<_> = text.lines().map(str::to_owned).collect();
    Ok(lines[lines.len().saturating_sub(TAIL_LINES)..].to_vec())
}
