//! Commands that are planned and do not exist yet: refused by name, so that nobody takes them for
//! a typing error.

use crate::words::{Code, Finding};
use clap::error::{ContextKind, ContextValue};

const PLANNED: &[&str] = &[
    "completions",
    "grant",
    "grants",
    "hooks",
    "man",
    "push",
    "request",
    "requests",
];

/// The refusal of a subcommand that is planned; `None` if the subcommand is merely unknown.
pub(super) fn refusal(error: &clap::Error) -> Option<Box<Finding>> {
    let ContextValue::String(name) = error.get(ContextKind::InvalidSubcommand)? else {
        return None;
    };
    PLANNED.contains(&name.as_str()).then(|| {
        let message = format!("`{name}` is not supported yet");
        let finding = Finding::new(Code::NotSupportedYet, message);
        Box::new(finding.hint("`gate --help` lists what there is"))
    })
}
