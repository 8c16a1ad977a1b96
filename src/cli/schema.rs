//! `gate schema`.

use super::terminal::Terminal;
use super::unwritable;
use crate::engine::Outcome;
use crate::manifest;
use std::io::ErrorKind;

pub(super) fn run(terminal: &Terminal) -> Outcome<u8> {
    match terminal.say(&manifest::schema()) {
        // Who closed the pipe has read what it wanted.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(unwritable("cannot write the schema", &error))
        }
        _ => Ok(0),
    }
}
