//! What a verify command is run with: all that could change what it says of a tree, in one place.

use crate::manifest::{Command, Expectation};
use crate::repo::Objects;
use crate::words::{ObjectId, Result};
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;

/// What of gate's own environment every command sees; everything else is left out unless the manifest
/// names it.
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

/// A command and what it is run with, read once: it runs with what its digest is made of.
pub(super) struct Recipe<'a> {
    /// The command as the manifest has it.
    pub command: &'a Command,
    /// The variables that it gets, by name; those that are not set are missing.
    pub variables: Vec<(&'a str, OsString)>,
}

impl<'a> Recipe<'a> {
    /// The recipe for `command` in the environment of this process.
    pub(super) fn of(command: &'a Command) -> Self {
        let own = command.environment.iter().map(|name| name.value.as_str());
        let mut names: Vec<_> = ENVIRONMENT.iter().copied().chain(own).collect();
        names.sort_unstable();
        names.dedup();
        let set = |name| Some((name, std::env::var_os(name)?));
        Self {
            command,
            variables: names.into_iter().filter_map(set).collect(),
        }
    }

    /// A digest of all of it: what is remembered of a command is remembered by this. Values of variables,
    /// which may be secrets, are in it and cannot be read from it.
    pub(super) fn digest(&self, objects: &Objects) -> Result<ObjectId> {
        let command = self.command;
        let mut parts: Vec<Vec<u8>> = vec![
            command.run.value.clone().into_bytes(),
            format!("{:?} {}", command.timeout, command.retries).into_bytes(),
        ];
        parts.extend(command.expect.iter().flat_map(expected));
        for (name, value) in &self.variables {
            parts.push(format!("variable {name}").into_bytes());
            parts.push(value.as_bytes().to_vec());
        }
        // Each with its length, so that nothing can pass for what is beside it.
        let text = parts.into_iter().flat_map(|part| {
            let length = format!("{} ", part.len()).into_bytes();
            length.into_iter().chain(part)
        });
        objects.digest(&text.collect::<Vec<_>>())
    }
}

/// What is expected, part by part.
fn expected(expectation: &Expectation) -> Vec<Vec<u8>> {
    let number = expectation.number.as_ref();
    let text =
        |what: &str, text: Option<String>| text.map(|text| format!("{what} {text}").into_bytes());
    let (stdout, not_stdout) = (&expectation.stdout, &expectation.not_stdout);
    let least = number.and_then(|number| number.at_least.as_ref());
    let most = number.and_then(|number| number.at_most.as_ref());
    let pattern = number.map(|number| number.pattern.value.as_str().to_owned());
    [
        text("stdout", stdout.as_ref().map(|text| text.value.clone())),
        text(
            "not_stdout",
            not_stdout.as_ref().map(|text| text.value.clone()),
        ),
        text("pattern", pattern),
        text("at_least", least.map(|bound| bound.value.to_string())),
        text("at_most", most.map(|bound| bound.value.to_string())),
    ]
    .into_iter()
    .flatten()
    .collect()
}
