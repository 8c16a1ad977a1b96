//! Verify commands: one text, a list of texts, or a list of mappings with `run`.

use super::environment::environment;
use super::expect::expectation;
use super::keys::COMMAND;
use super::limits::{MAX_COMMAND, MAX_RETRIES, MAX_TEXT, MAX_TIMEOUT};
use super::model::{Command, Spanned};
use super::problems::{Problems, shown};
use super::scalar::Plain;
use super::tree::{Node, Value};
use super::value::{Fields, integer, line, text};
use crate::words::{Code, Finding};
use std::time::Duration;

/// The commands of a key `verify`, in order.
pub(super) fn commands(node: &Node, problems: &mut Problems<'_>) -> Vec<Command> {
    match &node.value {
        Value::List(items) => {
            let commands = items.iter().filter_map(|item| command(item, problems));
            commands.collect()
        }
        Value::Map(_) => {
            let message = "`verify` must be one command or a list of them, found a mapping";
            problems.push(
                Finding::new(Code::InvalidValue, message)
                    .label(node.span, "expected a command or a list")
                    .hint("put a dash in front of `run`"),
            );
            command(node, problems).into_iter().collect()
        }
        _ => command(node, problems).into_iter().collect(),
    }
}

fn command(node: &Node, problems: &mut Problems<'_>) -> Option<Command> {
    if !matches!(node.value, Value::Map(_)) {
        return command_line(node, problems).map(Command::of);
    }
    let fields = Fields::open(node, "a verify command", node.span, COMMAND, problems)?;
    let run = fields.require("run", problems);
    let run = run.and_then(|run| command_line(run, problems));
    // Everything is read, whatever was wrong before it: all problems are reported at once.
    let timeout = (fields.get("timeout")).map(|entry| duration(&entry.value, problems));
    let variables = (fields.get("environment")).map(|entry| environment(&entry.value, problems));
    let expect =
        (fields.get("expect")).map(|entry| expectation(&entry.value, entry.key.span, problems));
    let retries = (fields.get("retries")).map(|entry| retries(&entry.value, problems));
    let plain = Command::of(run?);
    Some(Command {
        timeout: timeout.unwrap_or(Some(plain.timeout))?,
        environment: variables.unwrap_or_default(),
        expect: expect.map_or(Some(None), |expect| expect.map(Some))?,
        retries: retries.unwrap_or(Some(plain.retries))?,
        ..plain
    })
}

/// How many more times a command is tried.
fn retries(node: &Node, problems: &mut Problems<'_>) -> Option<u8> {
    let written = integer(node, "`retries`", problems)?;
    let retries = u8::try_from(written).ok();
    let retries = retries.filter(|retries| *retries <= MAX_RETRIES);
    if retries.is_none() {
        let message = format!("`retries` is {written}; it must be 0 to {MAX_RETRIES}");
        problems.invalid(node.span, message, "too few or too many");
    }
    retries
}

fn command_line(node: &Node, problems: &mut Problems<'_>) -> Option<Spanned<String>> {
    let run = text(node, "a command", problems)?;
    if run.value.len() > MAX_COMMAND {
        let message = format!(
            "a command has {} bytes; {MAX_COMMAND} are allowed",
            run.value.len()
        );
        problems.push(Finding::new(Code::ManifestSize, message).label(node.span, "too long"));
        return None;
    }
    let control = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    if run.value.contains(control) || run.value.trim().is_empty() {
        problems.invalid(
            node.span,
            "a command is blank or holds a control character",
            "cannot be run",
        );
        return None;
    }
    Some(run)
}

/// A time like `10m`, `90s` or `1h30m`: more than nothing, at most a day.
fn duration(node: &Node, problems: &mut Problems<'_>) -> Option<Duration> {
    let written = match &node.value {
        // A bare number deserves better advice than to be quoted.
        Value::Scalar(scalar) if scalar.kind() == Plain::Number => scalar.text.clone(),
        _ => line(node, "`timeout`", MAX_TEXT, problems)?.value,
    };
    let complaint = match seconds(&written) {
        None => "is not a time",
        Some(0) => "is no time at all",
        Some(seconds) if seconds > MAX_TIMEOUT => "is more than a day",
        Some(seconds) => return Some(Duration::from_secs(seconds)),
    };
    let message = format!("the timeout {} {complaint}", shown(&written));
    problems.push(
        Finding::new(Code::InvalidValue, message)
            .label(node.span, "expected hours, minutes and seconds")
            .hint("write 90s, 10m or 1h30m; the most is 24h, the default 30m"),
    );
    None
}

/// The seconds of `1h30m10s`, each unit at most once and in this order.
fn seconds(written: &str) -> Option<u64> {
    let mut rest = written;
    let mut total: u64 = 0;
    for (unit, worth) in [('h', 3600), ('m', 60), ('s', 1)] {
        if let Some((digits, behind)) = rest.split_once(unit) {
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            let number: u64 = digits.parse().unwrap_or(u64::MAX);
            total = total.saturating_add(number.saturating_mul(worth));
            rest = behind;
        }
    }
    (rest.is_empty() && !written.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn times_are_hours_minutes_and_seconds_in_this_order() {
        for (written, expected) in [
            ("10m", Some(600)),
            ("90s", Some(90)),
            ("1h", Some(3600)),
            ("1h30m", Some(5400)),
            ("1h30m10s", Some(5410)),
            ("0s", Some(0)),
            ("", None),
            ("10", None),
            ("m", None),
            ("-1m", None),
            ("1.5h", None),
            ("30m1h", None),
            ("1m1m", None),
            ("1d", None),
            ("10 m", None),
            ("99999999999999999999h", Some(u64::MAX)),
        ] {
            assert_eq!(seconds(written), expected, "{written:?}");
        }
    }
}
