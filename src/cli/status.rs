//! `gate status`.

use super::args::Status;
use super::open;
use super::terminal::Terminal;
use crate::engine::{self, Context, Outcome};
use crate::report::Report;
use std::path::Path;
use std::sync::Arc;

pub(super) fn run(arguments: &Status, place: &Path, terminal: &Terminal) -> Outcome<u8> {
    let repo = Arc::new(open(place)?);
    let context = Context::read(repo, &arguments.place.options())?;
    Ok(terminal.show(&Report::Status(&engine::status(&context)?)))
}
