//! `gate schema`.

use super::terminal::Terminal;
use super::unwritable;
use crate::engine::Outcome;
use crate::manifest;

pub(super) fn run(terminal: &Terminal) -> Outcome<u8> {
    let written = terminal.say(&manifest::schema());
    written.map_err(|error| unwritable("cannot write the schema", &error))?;
    Ok(0)
}
