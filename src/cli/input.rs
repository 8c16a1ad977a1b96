//! Standard input.

use crate::words::{Code, Finding, Result};
use std::io::{IsTerminal, Read, stdin};

/// All of standard input.
pub(super) fn whole() -> Result<Vec<u8>> {
    let mut input = Vec::new();
    stdin().read_to_end(&mut input).map_err(|error| {
        Finding::new(Code::InputOutput, "cannot read standard input").because(&error)
    })?;
    Ok(input)
}

/// The same, unless somebody would have to type it: `what` is read there.
pub(super) fn that_is_piped(what: &str, hint: &str) -> Result<Vec<u8>> {
    if stdin().is_terminal() {
        let message = format!("{what} are read from standard input, which is a terminal");
        return Err(Box::new(Finding::new(Code::Usage, message).hint(hint)));
    }
    whole()
}
