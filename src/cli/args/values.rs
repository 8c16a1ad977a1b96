//! Reads the values of arguments.

use crate::engine::Sandbox;
use crate::ownership::Dialect;
use crate::report::Format;
use crate::words::{Finding, quote};
use clap::builder::{OsStringValueParser, TypedValueParser};

/// The format with this name; the error says which there are.
pub(super) fn format(name: &str) -> Result<Format, String> {
    name.parse().map_err(|finding: Finding| match finding.hint {
        Some(hint) => format!("{}; {hint}", finding.message),
        None => finding.message,
    })
}

/// Reads when verify commands are to be sandboxed.
pub(in crate::cli) fn sandbox(when: &str) -> Result<Sandbox, String> {
    match when {
        "auto" => Ok(Sandbox::Auto),
        "require" => Ok(Sandbox::Require),
        "off" => Ok(Sandbox::Off),
        _ => Err("it is auto, require or off".to_owned()),
    }
}

/// Reads the name of a branch or a remote: text, and not nothing.
pub(super) fn name() -> impl TypedValueParser<Value = String> {
    OsStringValueParser::new().try_map(|name| match name.into_string() {
        Ok(name) if name.is_empty() => Err("it is empty; name something".to_owned()),
        Ok(name) => Ok(name),
        Err(name) => {
            let quoted = quote(name.as_encoded_bytes());
            Err(format!(
                "{quoted} is not UTF-8, and such names are not judged"
            ))
        }
    })
}

/// A number from 0 to 100, with or without its sign.
pub(super) fn percent(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').unwrap_or(text).parse();
    number
        .ok()
        .filter(|percent| (0.0..=100.0).contains(percent))
        .ok_or_else(|| "not a number from 0 to 100".to_owned())
}

/// The dialect with this name.
pub(super) fn dialect(name: &str) -> Result<Dialect, String> {
    let mut known = Dialect::ALL.iter().copied();
    known
        .find(|dialect| dialect.name() == name)
        .ok_or_else(|| "there are github and gitlab".to_owned())
}
