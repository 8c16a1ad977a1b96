//! `gate conflicts`.

use super::args::Conflicts;
use super::open;
use super::terminal::Terminal;
use crate::engine::{self, Context, Outcome};
use crate::report::Report;
use std::path::Path;
use std::sync::Arc;

pub(super) fn run(arguments: &Conflicts, place: &Path, terminal: &Terminal) -> Outcome<u8> {
    let repo = Arc::new(open(place)?);
    let context = Context::read(repo, &arguments.place.options())?;
    let outcome = engine::conflicts(&context)?;
    Ok(terminal.show(&Report::Conflicts(&outcome)))
}
