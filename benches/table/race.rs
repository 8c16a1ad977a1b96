//! Two programs beside each other: alternating, with medians, and with answers that must be the same.

use super::Result;
use std::fmt::Debug;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How often each side runs: once to warm up, and so many times for the median.
const ROUNDS: usize = 5;

/// The medians of two sides.
pub(super) struct Race {
    pub gate: Duration,
    pub reference: Duration,
}

/// Lets both sides work in turn. Fails if they ever give different answers.
pub(super) fn race<T: PartialEq + Debug>(
    mut gate: impl FnMut() -> Result<T>,
    mut reference: impl FnMut() -> Result<T>,
) -> Result<Race> {
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (answer, time) = timed(&mut gate)?;
        let (expected, reference_time) = timed(&mut reference)?;
        if answer != expected {
            let [answer, expected] = [answer, expected].map(|it| format!("{it:?}"));
            let place = answer.bytes().zip(expected.bytes());
            let place = place.take_while(|(one, other)| one == other).count();
            let around = |text: &str| {
                let chars = text.chars().skip(place.saturating_sub(60));
                chars.take(160).collect::<String>()
            };
            let (answer, expected) = (around(&answer), around(&expected));
            return Err(format!("gate answers …{answer}…\nreference …{expected}…").into());
        }
        if round > 0 {
            ours.push(time);
            theirs.push(reference_time);
        }
    }
    Ok(Race {
        gate: median(ours),
        reference: median(theirs),
    })
}

/// The median time of some work.
pub(super) fn alone<T>(mut work: impl FnMut() -> Result<T>) -> Result<Duration> {
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        times.push(timed(&mut work)?.1);
    }
    Ok(median(times))
}

fn timed<T>(work: &mut impl FnMut() -> Result<T>) -> Result<(T, Duration)> {
    let start = Instant::now();
    let answer = work()?;
    Ok((answer, start.elapsed()))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

/// What a command prints, if it ends with one of these codes.
pub(super) fn output(command: &mut Command, codes: &[i32]) -> Result<String> {
    let Output {
        status,
        stdout,
        stderr,
    } = command.stdin(Stdio::null()).output()?;
    if !status.code().is_some_and(|code| codes.contains(&code)) {
        let complaint = String::from_utf8_lossy(&stderr);
        let answer = String::from_utf8_lossy(&stdout);
        let tail: String = answer.chars().take(2000).collect();
        return Err(format!("{command:?} ended with {status}: {complaint}{tail}").into());
    }
    Ok(String::from_utf8(stdout)?)
}

/// `git` in a folder, without anybody's configuration.
pub(super) fn git(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).args(arguments);
    plain(&mut command);
    command
}

/// This program's gate in a folder.
pub(super) fn gate(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gate"));
    command.current_dir(folder).args(arguments);
    plain(&mut command);
    command
}

/// A line for a shell in a folder.
pub(super) fn shell(folder: &Path, line: &str) -> Command {
    let mut command = Command::new("sh");
    command.current_dir(folder).args(["-c", line]);
    plain(&mut command);
    command
}

fn plain(command: &mut Command) {
    command
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("LC_ALL", "C");
    for name in ["AUTHOR", "COMMITTER"] {
        command
            .env(format!("GIT_{name}_NAME"), "bench")
            .env(format!("GIT_{name}_EMAIL"), "bench@example.org");
    }
}

/// The most memory that a command has had, in bytes; Linux only.
pub(super) fn peak_memory(command: &mut Command) -> Result<u64> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        if let Some(ended) = child.try_wait()? {
            break ended;
        }
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
        peak = peak.max(kib.unwrap_or(0) * 1024);
        std::thread::sleep(Duration::from_millis(1));
    };
    if !ended.success() || peak == 0 {
        return Err(format!("{command:?} ended with {ended}, and {peak} bytes").into());
    }
    Ok(peak)
}
