//! Which variables a verify command may be given.

use super::limits::MAX_TEXT;
use super::model::Spanned;
use super::problems::{Problems, shown};
use super::tree::Node;
use super::value::{distinct, line, list};
use crate::words::{Code, Finding};

/// What is never passed on, with the reason; a `*` at the end stands for any ending.
const NEVER: &[(&str, &str)] = &[
    (
        "GIT_*",
        "it could lead git out of the private checkout, into the real repository",
    ),
    ("GATE_*", "it tells gate itself what to do"),
    (
        "TMPDIR",
        "each command has a temporary folder of its own, and this names it",
    ),
    (
        "GITHUB_ENV",
        "what is written there sets the environment of the CI job",
    ),
    (
        "GITHUB_PATH",
        "what is written there decides which programs the CI job runs",
    ),
    (
        "GITHUB_OUTPUT",
        "what is written there becomes the result of a step of the CI job",
    ),
    (
        "GITHUB_STATE",
        "what is written there is read by later steps of the CI job",
    ),
    (
        "GITHUB_STEP_SUMMARY",
        "what is written there stands under the name of the CI job",
    ),
];

/// The names under a key `environment`.
pub(super) fn environment(node: &Node, problems: &mut Problems<'_>) -> Vec<Spanned<String>> {
    let items = list(node, "`environment`", problems).unwrap_or_default();
    let names = items.iter().filter_map(|item| variable(item, problems));
    distinct(names.collect(), "`environment`", problems)
}

fn variable(node: &Node, problems: &mut Problems<'_>) -> Option<Spanned<String>> {
    let what = "a variable of `environment`";
    let name = line(node, what, MAX_TEXT, problems)?;
    let valid = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !name.value.chars().all(valid) || name.value.starts_with(|c: char| c.is_ascii_digit()) {
        let message = format!("{what} cannot be {}", shown(&name.value));
        problems.invalid(name.span, message, "expected letters, digits and `_`");
        return None;
    }
    let never = NEVER.iter().find(|(never, _)| is(&name.value, never));
    if let Some((_, reason)) = never {
        let message = format!("{} is never passed to a command", shown(&name.value));
        problems.push(
            Finding::new(Code::InvalidValue, message)
                .label(name.span, "not to be had")
                .note(*reason)
                .hint("leave it out, or set it within the command to what it needs"),
        );
        return None;
    }
    Some(name)
}

fn is(name: &str, never: &str) -> bool {
    match never.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name == never,
    }
}
