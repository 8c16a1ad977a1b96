//! Runs one verify command in a private checkout.

use super::super::Interrupt;
use super::super::supervise::{Ended, LeftBehind};
use super::expected::Expected;
use super::output::{self, Log};
use super::recipe::Recipe;
use super::verify::{Verified, VerifyFailure};
use super::workplace::Workplace;
use crate::repo::{LogFile, has_no_space, says_no_space};
use crate::words::{Cause, Code, Finding, Output, Result, quote};
use std::io::{Error, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::Builder;

/// Runs one command in its `place`; the inner error says how it failed. Whatever it started has ended.
pub(super) fn run(
    recipe: &Recipe<'_>,
    place: &Workplace<'_>,
    log: LogFile,
    interrupt: &Interrupt,
) -> Result<Verified> {
    let command = recipe.command;
    let mut expected = Expected::new(command.expect.as_ref());
    let mut kept = Log::new(log.file);
    let (ended, heard) = attend(recipe, place, &mut kept, &mut expected, interrupt)?;
    heard.map_err(|error| unable("cannot read what a verify command prints", &error))?;
    let output = kept
        .end()
        .map_err(|error| unable("cannot keep what a verify command prints", &error))?;
    let output = output.map(|output| Output {
        log: log.path.map(|path| quote(path.as_os_str().as_bytes())),
        ..output
    });
    let (code, cause, reason) = match ended {
        Ended::Interrupted => {
            interrupt.check()?;
            let error = Error::other("nobody has asked for its end");
            return Err(unable("cannot wait for a verify command", &error));
        }
        Ended::Unsupervised => (
            Code::VerifyFailed,
            Cause::Unsupervised,
            "killed the process that supervises it".to_owned(),
        ),
        Ended::TimedOut => {
            let limit = command.timeout.as_secs();
            let plural = if limit == 1 { "" } else { "s" };
            let reason = format!("did not end within {limit} second{plural}");
            (Code::VerifyTimeout, Cause::Timeout, reason)
        }
        Ended::Exited(status, _) if !status.success() => {
            let is_full = || lacks_space(place.checkout, output.as_ref());
            failed(status, is_full)
        }
        Ended::Exited(_, left) if left.number > 0 => {
            let cause = Cause::LeftProcesses;
            (Code::VerifyLeftProcesses, cause, left_behind(&left))
        }
        Ended::Exited(..) => match expected.missed() {
            None => return Ok(Ok(())),
            Some(missed) => (Code::VerifyExpectation, Cause::Expectation, missed),
        },
    };
    Ok(Err(VerifyFailure {
        code,
        cause,
        run: command.run.clone(),
        reason,
        attempts: 1,
        remark: place.remark(output.as_ref()),
        output,
    }))
}

/// How a command failed that ended with `status`; a full disk is the cause where it could be.
fn failed(status: ExitStatus, is_full: impl Fn() -> bool) -> (Code, Cause, String) {
    let (code, cause, reason) = describe(status);
    match cause {
        Cause::ExitCode(_) | Cause::Signal(_) if is_full() => (
            Code::DiskFull,
            Cause::DiskFull,
            format!("{reason}: there is no space left on the disk"),
        ),
        _ => (code, cause, reason),
    }
}

/// Runs the command to its end, while what it prints is read; the inner result is that of the reading.
fn attend(
    recipe: &Recipe<'_>,
    place: &Workplace<'_>,
    log: &mut Log,
    expected: &mut Expected<'_>,
    interrupt: &Interrupt,
) -> Result<(Ended, std::io::Result<()>)> {
    let mut supervised = place
        .start(recipe)
        .map_err(|error| unable("cannot start a supervisor for a verify command", &error))?;
    let (stdout, stderr) = supervised.pipes();
    let have_ended = AtomicBool::new(false);
    let (ended, heard) = std::thread::scope(|scope| {
        let read = || output::read(stdout, stderr, &have_ended, log, expected);
        let reader = Builder::new().spawn_scoped(scope, read);
        // Without a reader it would stand still as soon as the pipes are full.
        let is_unread = reader.is_err();
        let ended = supervised.wait(|| is_unread || interrupt.signal().is_some());
        have_ended.store(true, Ordering::Release);
        let panicked = |_| Err(Error::other("the reader of its output has panicked"));
        let heard = reader.and_then(|reader| reader.join().unwrap_or_else(panicked));
        (ended, heard)
    });
    let ended = ended.map_err(|error| unable("cannot wait for a verify command", &error))?;
    Ok((ended, heard))
}

fn unable(what: &str, error: &Error) -> Box<Finding> {
    let is_full = matches!(
        error.kind(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded
    );
    let code = if is_full {
        Code::DiskFull
    } else {
        Code::InputOutput
    };
    Box::new(Finding::new(code, what.to_owned()).because(error))
}

fn left_behind(left: &LeftBehind) -> String {
    let named = left.named.iter().map(|name| format!("`{name}`"));
    let mut named: Vec<_> = named.collect();
    if named.is_empty() {
        named.push("whoever it is comes and goes".to_owned());
    } else if left.number > named.len() {
        named.push(format!("and {} more", left.number - named.len()));
    }
    let processes = match left.number {
        1 => "a process".to_owned(),
        number => format!("{number} processes"),
    };
    format!("left {processes} behind: {}", named.join(", "))
}

/// What an unsuccessful status means; a shell says 126 and 127 of what it could not start, and 128 and
/// more of what a signal has ended.
fn describe(status: ExitStatus) -> (Code, Cause, String) {
    let (code, cause, reason) = match (status.code(), status.signal()) {
        (Some(Cause::NOT_EXECUTABLE), _) => (
            Code::VerifyNotStarted,
            Cause::NotExecutable,
            "could not be executed".into(),
        ),
        (Some(Cause::NOT_FOUND), _) => (
            Code::VerifyNotStarted,
            Cause::NotFound,
            "was not found".into(),
        ),
        (Some(code), _) if is_fatal(code - 128) => {
            let signal = code - 128;
            let reason = format!(
                "ended with exit code {code}, by which a shell says that signal {signal} ended a program"
            );
            (Code::VerifyFailed, Cause::Signal(signal), reason)
        }
        (Some(code), _) => (
            Code::VerifyFailed,
            Cause::ExitCode(code),
            format!("ended with exit code {code}"),
        ),
        (None, signal) => {
            let signal = signal.unwrap_or_default();
            let reason = format!("was ended by signal {signal}");
            (Code::VerifyFailed, Cause::Signal(signal), reason)
        }
    };
    (code, cause, reason)
}

/// Whether programs are ended by the signal with this number, on every system: HUP to SEGV, and PIPE,
/// ALRM and TERM.
fn is_fatal(signal: i32) -> bool {
    matches!(signal, 1..=11 | 13..=15)
}

/// Whether the disk is full, by what is left of it or by what a command said last.
fn lacks_space(folder: &Path, output: Option<&Output>) -> bool {
    let says = |line: &String| says_no_space(line.as_bytes());
    let said = output.is_some_and(|output| output.lines.iter().any(says));
    said || has_no_space(folder)
}
