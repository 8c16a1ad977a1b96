//! The process that runs one command: it adopts the orphans among the descendants of the command, ends all
//! of them when time is up, gate is gone, or gate asks for it, and says how the command ended.

use super::descendants::{self, Survivor};
use super::protocol::{END, Order, Word};
use super::{GRACE, sandbox, until};
use crate::engine::Outcome;
use crate::words::{Code, Finding};
use rustix::io::Errno;
use rustix::process::{
    Pid, Signal, WaitId, WaitIdOptions, WaitOptions, getppid, kill_process, kill_process_group,
    setsid, wait, waitid,
};
use std::fs::File;
use std::io::{Error, Read, Result};
use std::net::Shutdown;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::process::Stdio;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::Builder;
use std::time::{Duration, Instant};

/// The first descriptor behind those of input, output and errors.
const FIRST_INHERITED: i32 = 3;

/// How long what a command started may outlive it: the end of a pipeline takes a moment.
const SETTLE: Duration = Duration::from_millis(500);
/// How long processes that are killed have to disappear.
const DEADLINE: Duration = Duration::from_secs(1);
/// How long gate is woken that does not listen.
const WAKING: Duration = Duration::from_secs(10);
/// How often it is woken.
const AGAIN: Duration = Duration::from_millis(100);
/// How many of the processes that a command left behind are named.
const NAMED: usize = 5;

/// What a supervisor waits for.
enum Event {
    /// The command has ended.
    Ended,
    /// Gate asks for its end.
    Asked,
    /// Gate is gone, or wants to hear no more.
    Gone,
}

/// A command that runs.
struct Supervised {
    /// Its number is that of its process group too.
    command: Pid,
    /// How it ended, once this process has asked.
    status: Option<i32>,
    events: Receiver<Event>,
}

/// Runs the one command that gate asks for on standard input, which is a socket; this process is for
/// nothing else.
///
/// # Errors
/// [`Code::Usage`] if it is not gate that has started this.
pub fn supervise() -> Outcome<()> {
    // What whoever started gate has open is no business of a command, and would lead out of its sandbox.
    close_fds::set_fds_cloexec(FIRST_INHERITED, &[]);
    let gate = getppid();
    let socket = std::io::stdin().as_fd().try_clone_to_owned();
    let socket = socket.map(UnixStream::from);
    let order = socket.and_then(|socket| {
        socket.peer_addr()?;
        Ok((Order::take(&socket)?, socket))
    });
    let Ok((order, socket)) = order else {
        let message = "`gate supervise` is how gate runs a verify command: it starts it by itself";
        let finding = Finding::new(Code::Usage, message);
        return Err(finding.hint("use `gate integrate`").into());
    };
    let begin = Instant::now();
    let limit = Duration::from_millis(order.limit);
    let said = match Supervised::start(&order, &socket) {
        Ok(supervised) => supervised.finish(&socket, gate, begin + limit),
        Err(error) => Word::NotStarted(error.to_string()).say(&socket),
    };
    // Whoever could be told of an error is gone.
    _ = said;
    Ok(())
}

impl Supervised {
    /// Starts the command, in a process group of its own, where there is no terminal.
    fn start(order: &Order, socket: &UnixStream) -> Result<Self> {
        setsid()?;
        descendants::adopt()?;
        let confinement = order.confinement.as_ref();
        let child = sandbox::start(confinement, "/bin/sh", &["-c", &order.line], |command| {
            command.stdin(Stdio::null()).process_group(0);
        })?;
        // From here on the command alone holds what it prints to.
        let nothing = File::options().read(true).write(true).open("/dev/null")?;
        rustix::stdio::dup2_stdin(&nothing)?;
        rustix::stdio::dup2_stdout(&nothing)?;
        rustix::stdio::dup2_stderr(&nothing)?;
        let id = i32::try_from(child.id()).map_err(Error::other)?;
        let command =
            Pid::from_raw(id).ok_or_else(|| Error::other("a process without a number"))?;
        let (sender, events) = channel();
        let mut supervised = Self {
            command,
            status: None,
            events,
        };
        let listened = supervised.listen(socket, sender);
        match listened.and_then(|()| Word::Started(id).say(socket)) {
            Ok(()) => Ok(supervised),
            Err(error) => {
                supervised.end(Duration::ZERO)?;
                Err(error)
            }
        }
    }

    /// From now on what happens is sent to where this waits for it.
    fn listen(&self, socket: &UnixStream, sender: Sender<Event>) -> Result<()> {
        let (gate, ended, command) = (socket.try_clone()?, sender.clone(), self.command);
        // Nobody receives what comes later than the end.
        let wait = move || {
            // Left for later to ask for: until then its number cannot become that of another one.
            _ = waitid(
                WaitId::Pid(command),
                WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
            );
            _ = ended.send(Event::Ended);
        };
        let hear = move || {
            let mut byte = [0];
            while (&gate).read_exact(&mut byte).is_ok() && byte == [END] {
                _ = sender.send(Event::Asked);
            }
            _ = sender.send(Event::Gone);
        };
        Builder::new().spawn(wait)?;
        Builder::new().spawn(hear)?;
        Ok(())
    }

    /// Waits for the end of the command, or brings it about, and says so, until gate has heard it.
    fn finish(mut self, socket: &UnixStream, gate: Option<Pid>, deadline: Instant) -> Result<()> {
        let word = self.ended(deadline);
        let word = word.unwrap_or_else(|error| Word::Failed(error.to_string()));
        word.say(socket)?;
        socket.shutdown(Shutdown::Write)?;
        if self.is_let_go(left_until(deadline)) {
            return Ok(());
        }
        // Its command may have stopped it. Nobody else is meant, should gate be gone by now.
        let deadline = Instant::now() + WAKING;
        while getppid() == gate && Instant::now() < deadline {
            if let Some(gate) = gate {
                _ = kill_process(gate, Signal::CONT);
            }
            if self.is_let_go(AGAIN) {
                break;
            }
        }
        Ok(())
    }

    /// How the command ended; all that it started is gone then.
    fn ended(&mut self, deadline: Instant) -> Result<Word> {
        let word = match self.events.recv_timeout(left_until(deadline)) {
            Ok(Event::Ended) => {
                until(SETTLE, || Ok(self.is_gone()? || self.is_asked()))?;
                let (left, named) = self.left_behind()?;
                Word::Exited {
                    status: self
                        .status
                        .ok_or_else(|| Error::other("it has not ended"))?,
                    left,
                    named,
                }
            }
            Ok(Event::Asked) => Word::Asked,
            Ok(Event::Gone) | Err(RecvTimeoutError::Disconnected) => {
                self.end(Duration::ZERO)?;
                return Ok(Word::Asked);
            }
            Err(RecvTimeoutError::Timeout) => Word::TimedOut,
        };
        self.end(GRACE)?;
        Ok(word)
    }

    /// Ends all that is left: politely first, if it has time for that.
    fn end(&mut self, grace: Duration) -> Result<()> {
        if self.is_gone()? {
            return Ok(());
        }
        if !grace.is_zero() {
            self.send(Signal::TERM)?;
            until(grace, || {
                Ok(self.is_gone()? || self.is_let_go(Duration::ZERO))
            })?;
        }
        let deadline = Instant::now() + DEADLINE;
        while Instant::now() < deadline {
            self.send(Signal::KILL)?;
            // Again and again, and at once: whoever has become an orphan by that has children of its own.
            for _ in 0..descendants::PASSES {
                if self.is_gone()? {
                    return Ok(());
                }
                descendants::kill_children();
            }
        }
        Err(Error::other("processes of it cannot be ended"))
    }

    /// Whether nothing is left of the command and of all that it started. The system knows that for certain:
    /// while there is a descendant, this process has a child.
    fn is_gone(&mut self) -> Result<bool> {
        loop {
            match wait(WaitOptions::NOHANG) {
                Ok(Some((child, status))) if child == self.command => {
                    self.status = Some(status.as_raw());
                }
                Ok(Some(_)) => {}
                Ok(None) => return Ok(false),
                Err(Errno::CHILD) => return descendants::is_deserted(self.command),
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// How many processes the command has left behind, and the names of some of them.
    fn left_behind(&mut self) -> Result<(usize, Vec<String>)> {
        if self.is_gone()? {
            return Ok((0, Vec::new()));
        }
        let left = self.left()?;
        let named = left.iter().take(NAMED).map(Survivor::name);
        // Who is too quick to be found is there all the same.
        Ok((left.len().max(1), named.collect()))
    }

    /// What the command started, the command itself aside.
    fn left(&self) -> Result<Vec<Survivor>> {
        descendants::survivors(self.command)
    }

    fn send(&self, signal: Signal) -> Result<()> {
        // Nobody may be in it any more: looking again tells.
        _ = kill_process_group(self.command, signal);
        for survivor in self.left()? {
            survivor.signal(signal);
        }
        Ok(())
    }

    /// Whether gate has asked for the end by now, or is gone.
    fn is_asked(&self) -> bool {
        let mut events = self.events.try_iter();
        events.any(|event| matches!(event, Event::Asked | Event::Gone))
    }

    /// Whether gate is gone, or wants to hear no more, within this time.
    fn is_let_go(&self, within: Duration) -> bool {
        let deadline = Instant::now() + within;
        loop {
            match self.events.recv_timeout(left_until(deadline)) {
                Ok(Event::Gone) | Err(RecvTimeoutError::Disconnected) => return true,
                Err(RecvTimeoutError::Timeout) => return false,
                Ok(Event::Asked | Event::Ended) => {}
            }
        }
    }
}

/// How long it is until then.
fn left_until(deadline: Instant) -> Duration {
    deadline.saturating_duration_since(Instant::now())
}
