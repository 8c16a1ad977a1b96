//! `gate init`.

use super::args::Init;
use super::terminal::Terminal;
use super::{open, unwritable};
use crate::engine::{self, Origin, Outcome};
use crate::report::Report;
use std::path::Path;

pub(super) fn run(arguments: &Init, place: &Path, terminal: &Terminal) -> Outcome<u8> {
    let repo = open(place)?;
    let file = arguments.from.as_ref().map(|file| place.join(file));
    let origin = match &file {
        Some(file) => Origin::Codeowners(file, arguments.dialect),
        None => Origin::Tree,
    };
    let outcome = engine::init(&repo, &arguments.place.options(), origin, !arguments.stdout)?;
    let report = Report::Init(&outcome);
    if arguments.stdout {
        terminal
            .say(&outcome.text)
            .map_err(|error| unwritable("cannot write the manifest", &error))?;
        return Ok(terminal.show_aside(&report));
    }
    if terminal.is_for_people() {
        return Ok(terminal.show_aside(&report));
    }
    Ok(terminal.show(&report))
}
