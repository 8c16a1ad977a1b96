//! `gate undo`.

use super::args::Undo;
use super::open;
use super::terminal::Terminal;
use crate::engine::{self, Outcome};
use crate::report::Report;
use std::path::Path;
use std::sync::Arc;

pub(super) fn run(arguments: &Undo, place: &Path, terminal: &Terminal) -> Outcome<u8> {
    let repo = Arc::new(open(place)?);
    let outcome = engine::undo(repo, &arguments.options(), &arguments.request())?;
    Ok(terminal.show(&Report::Undo(&outcome)))
}
