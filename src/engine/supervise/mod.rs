//! Supervisors: every verify command has a process of its own that watches over it, the program itself as
//! `gate supervise`. All that the command starts ends with it, whatever becomes of gate.
//!
//! A supervisor is told what to run through a socket, and ends its command by force as soon as nobody holds
//! the other end. On Linux it adopts the orphans among its descendants, so that whatever the command leaves
//! behind becomes a child of it, and of nobody else. Should the command kill its supervisor, all of it
//! comes to gate, which ends every child that it has not started itself.

#[cfg(target_os = "linux")]
mod landlock;
mod protocol;
mod sandbox;
mod supervisor;

#[cfg(not(target_os = "linux"))]
#[path = "elsewhere.rs"]
mod descendants;
#[cfg(target_os = "linux")]
#[path = "linux.rs"]
mod descendants;

pub use sandbox::{Isolation, Sandbox};
pub use supervisor::supervise;

use self::descendants::Inheritance;
use self::protocol::{END, Order, Word};
use crate::repo::OwnChild;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::Shutdown;
use std::num::NonZeroUsize;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::PathBuf;
use std::process::{Child, ChildStderr, ChildStdout, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long processes that are asked to end have for it.
const GRACE: Duration = Duration::from_secs(2);
/// How much later than its command's limit a supervisor must have answered: the grace, what comes before it
/// and after it.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long a supervisor has to end that is let go, and all that comes to gate of it.
const DEADLINE: Duration = Duration::from_secs(5);
/// The longest pause between two looks.
const PAUSE: Duration = Duration::from_millis(50);

/// A command that runs under its supervisor. Where this is dropped early, it is ended by force.
pub(super) struct Supervised {
    supervisor: Child,
    _own: OwnChild,
    inheritance: Inheritance,
    socket: UnixStream,
    limit: Duration,
}

/// How verify commands are run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Supervision {
    /// The program that a supervisor is started as: it must do for `PROGRAM supervise` what [`supervise`]
    /// does. While commands run, orphans among the descendants of this process become its children
    /// on Linux; if a command kills its supervisor, every child of this process is ended that it has not
    /// started through this library.
    pub program: PathBuf,
    /// How many lists of commands may run at a time.
    pub jobs: NonZeroUsize,
    /// Whether they are kept from writing where they have no business.
    pub sandbox: Sandbox,
}

/// One command to be run.
pub(super) struct Job<'a> {
    /// The line for the shell.
    pub line: &'a str,
    /// How long it may take.
    pub limit: Duration,
    /// What keeps it from writing anywhere but below the folders that are `writable`.
    pub isolation: Isolation,
    /// Absolute, and there.
    pub writable: &'a [PathBuf],
}

/// How a command came to its end.
pub(super) enum Ended {
    /// By itself.
    Exited(ExitStatus, LeftBehind),
    /// Its time was up.
    TimedOut,
    /// It was asked to end.
    Interrupted,
    /// Its supervisor was killed, which nobody but the command has a reason for.
    Unsupervised,
}

/// The processes that a command left behind.
#[derive(Default)]
pub(super) struct LeftBehind {
    /// How many there are.
    pub number: usize,
    /// The names of some of them.
    pub named: Vec<String>,
}

impl Supervised {
    /// Starts the shell that runs the line, under a supervisor, in the folder and with the variables that
    /// `prepare` gives to it.
    pub(super) fn start(
        supervision: &Supervision,
        job: &Job<'_>,
        prepare: impl FnOnce(&mut Command),
    ) -> Result<Self> {
        let (socket, theirs) = UnixStream::pair()?;
        let inheritance = Inheritance::expect()?;
        let mut command = Command::new(&supervision.program);
        prepare(&mut command);
        command
            .arg0("gate")
            .arg("supervise")
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let (supervisor, own) = OwnChild::start(&mut command)?;
        // Its end of the socket is in there.
        drop(command);
        let supervised = Self {
            supervisor,
            _own: own,
            inheritance,
            socket,
            limit: job.limit,
        };
        let order = Order {
            line: job.line.to_owned(),
            limit: u64::try_from(job.limit.as_millis()).map_err(Error::other)?,
            confinement: job.isolation.confinement(job.writable),
        };
        order.give(&supervised.socket)?;
        Ok(supervised)
    }

    /// The ends of the pipes that the command's standard output and standard error go to, if they were
    /// not taken before.
    pub(super) fn pipes(&mut self) -> (Option<ChildStdout>, Option<ChildStderr>) {
        (self.supervisor.stdout.take(), self.supervisor.stderr.take())
    }

    /// Waits until the command ends, which `interrupted` brings about. Whatever it started is gone
    /// afterwards.
    pub(super) fn wait(mut self, interrupted: impl Fn() -> bool) -> Result<Ended> {
        let deadline = Instant::now() + self.limit + PATIENCE;
        let heard = self.hear(deadline, &interrupted);
        let is_late = Instant::now() >= deadline;
        let status = self.let_go(heard.is_err() || is_late)?;
        let words = heard.and_then(|heard| Word::all(&heard));
        if !status.success() {
            self.inherit(words.as_deref().unwrap_or_default())?;
        }
        let words = words?;
        if interrupted() {
            return Ok(Ended::Interrupted);
        }
        Ok(match words.into_iter().next_back() {
            Some(Word::Exited {
                status,
                named,
                left,
            }) => {
                let left = LeftBehind {
                    number: left,
                    named,
                };
                Ended::Exited(ExitStatus::from_raw(status), left)
            }
            Some(Word::Asked) => Ended::Interrupted,
            Some(Word::TimedOut) => Ended::TimedOut,
            Some(Word::NotStarted(why) | Word::Failed(why)) => return Err(Error::other(why)),
            Some(Word::Started(_)) | None if is_late => Ended::TimedOut,
            Some(Word::Started(_)) | None => Ended::Unsupervised,
        })
    }

    /// All that the supervisor says until it has said it all, is gone, or lets the `deadline` pass.
    fn hear(&self, deadline: Instant, interrupted: &impl Fn() -> bool) -> Result<Vec<u8>> {
        self.socket.set_read_timeout(Some(PAUSE))?;
        let mut heard = Vec::new();
        let mut buffer = [0; 4096];
        let (mut is_asked, mut deadline) = (false, deadline);
        while Instant::now() < deadline {
            match (&self.socket).read(&mut buffer) {
                Ok(0) => break,
                Ok(length) => heard.extend_from_slice(&buffer[..length]),
                Err(error) if is_nothing_yet(&error) => {}
                // It ended without having read everything.
                Err(error) if error.kind() == ErrorKind::ConnectionReset => break,
                Err(error) => return Err(error),
            }
            // Its command may have stopped it, and then it waits for this.
            self.signal(Signal::CONT);
            if !is_asked && interrupted() {
                is_asked = true;
                deadline = deadline.min(Instant::now() + PATIENCE);
                // Where it is gone by now, there is nothing to ask for.
                _ = (&self.socket).write_all(&[END]);
            }
        }
        Ok(heard)
    }

    /// Lets the supervisor end, or ends it `by_force`; it is gone afterwards.
    fn let_go(&mut self, by_force: bool) -> Result<ExitStatus> {
        // Where it is gone, nobody has to be told.
        _ = self.socket.shutdown(Shutdown::Both);
        if !by_force {
            until(DEADLINE, || {
                let has_ended = self.supervisor.try_wait()?.is_some();
                if !has_ended {
                    self.signal(Signal::CONT);
                }
                Ok(has_ended)
            })?;
        }
        self.supervisor.kill()?;
        let mut status = None;
        // Who has attached itself to it, as a debugger does, is told of its end first: that has to end, too.
        until(DEADLINE, || {
            status = self.supervisor.try_wait()?;
            if status.is_none() {
                self.inheritance.end()?;
            }
            Ok(status.is_some())
        })?;
        status.ok_or_else(|| Error::other("its supervisor cannot be ended"))
    }

    /// Ends what a supervisor has left behind that said these `words` and did not end by itself.
    fn inherit(&self, words: &[Word]) -> Result<()> {
        if let Some(Word::Started(group)) = words.first()
            && let Some(group) = Pid::from_raw(*group)
        {
            // Nobody may be left in it.
            _ = kill_process_group(group, Signal::KILL);
        }
        if until(DEADLINE, || self.inheritance.end())? {
            return Ok(());
        }
        Err(Error::other("processes of it cannot be ended"))
    }

    /// Sends a signal to the supervisor, which may be gone.
    fn signal(&self, signal: Signal) {
        let number = i32::try_from(self.supervisor.id()).ok();
        if let Some(pid) = number.and_then(Pid::from_raw) {
            _ = kill_process(pid, signal);
        }
    }
}

impl Drop for Supervised {
    /// Where something went wrong, the supervisor ends all of it: it reads the end of its input.
    fn drop(&mut self) {
        _ = self.let_go(false);
    }
}

/// Whether reading found nothing, and may find something later.
fn is_nothing_yet(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
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
