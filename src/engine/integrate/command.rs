//! Runs one verify command in a private checkout.

use super::super::Interrupt;
use super::processes::{Ended, Processes};
use super::verify::{Verified, VerifyFailure};
use crate::manifest::Command;
use crate::words::{Code, Finding, Output, Result};
use bstr::ByteSlice;
use std::fs::File;
use std::io::{BufRead, BufReader, Error, Read, Seek, SeekFrom};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{ExitStatus, Stdio};

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

/// How many of the processes that a command left behind are named.
const NAMED: usize = 5;

/// Runs one command in `folder`; the inner error says how it failed. Whatever it started has ended.
pub(super) fn run(command: &Command, folder: &Path, interrupt: &Interrupt) -> Result<Verified> {
    let unable = |what: &str, error: &Error| {
        Box::new(Finding::new(Code::InputOutput, what.to_owned()).because(error))
    };
    let mut output =
        tempfile::tempfile().map_err(|error| unable("cannot keep a command's output", &error))?;
    let ended = shell(&command.run.value, folder, &output)
        .and_then(|mut shell| Processes::start(&mut shell))
        .map_err(|error| unable("cannot start a shell for a verify command", &error))?
        .wait(command.timeout, || interrupt.signal().is_some())
        .map_err(|error| unable("cannot wait for a verify command", &error))?;
    let status = match &ended {
        Ended::Exited(status, _) => Some(*status),
        Ended::Interrupted | Ended::TimedOut => None,
    };
    let (code, reason) = match ended {
        Ended::Interrupted => return interrupt.check().map(Ok),
        Ended::Exited(status, left) if status.success() && left.is_empty() => return Ok(Ok(())),
        Ended::Exited(status, left) if status.success() => {
            (Code::VerifyLeftProcesses, left_behind(&left))
        }
        Ended::Exited(status, _) => describe(status),
        Ended::TimedOut => {
            let limit = command.timeout.as_secs();
            let plural = if limit == 1 { "" } else { "s" };
            let reason = format!("did not end within {limit} second{plural}");
            (Code::VerifyTimeout, reason)
        }
    };
    let output =
        tail(&mut output).map_err(|error| unable("cannot read a command's output", &error))?;
    Ok(Err(VerifyFailure {
        code,
        run: command.run.clone(),
        reason,
        exit_code: status.and_then(|status| status.code()),
        signal: status.and_then(|status| status.signal()),
        output,
    }))
}

/// Waits for the word to go, so that nothing has been started where gate ends before it is said; then
/// becomes the shell that runs the line.
const WAIT_AND_RUN: &str = "read -r _ || exit; exec /bin/sh -c \"$1\" </dev/null";

/// A shell that runs `line` in `folder`, once [`Processes`] says so on its standard input.
fn shell(line: &str, folder: &Path, output: &File) -> std::io::Result<std::process::Command> {
    let kept = ENVIRONMENT
        .iter()
        .filter_map(|name| Some((name, std::env::var_os(name)?)));
    let mut shell = std::process::Command::new("/bin/sh");
    shell
        .args(["-c", WAIT_AND_RUN, "/bin/sh", line])
        .current_dir(folder)
        .env_clear()
        .envs(kept)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        // Where the repository of the checkout is gone, git must not go on looking further up.
        .env("GIT_CEILING_DIRECTORIES", folder.parent().unwrap_or(folder))
        .stdin(Stdio::piped())
        .stdout(output.try_clone()?)
        .stderr(output.try_clone()?);
    Ok(shell)
}

fn left_behind(left: &[String]) -> String {
    let named = left.iter().take(NAMED).map(|name| format!("`{name}`"));
    let mut named: Vec<_> = named.collect();
    if left.len() > NAMED {
        named.push(format!("and {} more", left.len() - NAMED));
    }
    let processes = match left.len() {
        1 => "a process".to_owned(),
        number => format!("{number} processes"),
    };
    format!("left {processes} behind: {}", named.join(", "))
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

/// The last lines of an output, or nothing where it is empty.
fn tail(output: &mut File) -> std::io::Result<Option<Output>> {
    let length = output.seek(SeekFrom::End(0))?;
    let start = length.saturating_sub(TAIL_BYTES);
    output.seek(SeekFrom::Start(0))?;
    let mut reader = BufReader::new(output);
    let mut left_out = line_feeds((&mut reader).take(start))?;
    let mut bytes = Vec::new();
    reader.take(TAIL_BYTES).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let mut lines: Vec<_> = text.lines().map(str::to_owned).collect();
    if start > 0 {
        // Where its first line begins is not known: it may have been cut.
        if lines.len() > 1 {
            lines.remove(0);
            left_out += 1;
        } else if let Some(line) = lines.first_mut() {
            line.insert(0, '…');
        }
    }
    let more = lines.len().saturating_sub(TAIL_LINES);
    lines.drain(..more);
    left_out += more;
    Ok((!lines.is_empty()).then_some(Output { left_out, lines }))
}

fn line_feeds(mut reader: impl BufRead) -> std::io::Result<usize> {
    let mut count = 0;
    loop {
        let bytes = reader.fill_buf()?;
        if bytes.is_empty() {
            return Ok(count);
        }
        count += bytes.find_iter("\n").count();
        let length = bytes.len();
        reader.consume(length);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn tail_of(text: &str) -> Option<Output> {
        let mut file = tempfile::tempfile().expect("a file");
        file.write_all(text.as_bytes()).expect("written");
        tail(&mut file).expect("read")
    }

    #[test]
    fn the_end_of_an_output_says_how_much_comes_before_it() {
        assert_eq!(tail_of(""), None);
        for (lines, width, left_out) in [
            (1, 1, 0),
            (20, 5, 0),
            (21, 5, 1),
            (500, 5, 480),
            (90, 400, 80),
        ] {
            let all: Vec<_> = (0..lines).map(|line| format!("{line:0width$}")).collect();
            let output = tail_of(&(all.join("\n") + "\n")).expect("an output");
            assert_eq!(output.left_out, left_out, "{lines} {width}");
            assert_eq!(output.lines, all[left_out..], "{lines} {width}");
        }
        let output = tail_of(&"x".repeat(5000)).expect("an output");
        assert_eq!((output.left_out, output.lines.len()), (0, 1));
        assert!(output.lines[0].starts_with("…x"));
    }
}
