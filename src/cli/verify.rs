//! `gate verify`.

use super::args::Verify;
use super::open;
use super::progress::Narrator;
use super::signals;
use super::supervise;
use super::terminal::Terminal;
use crate::engine::{self, Context, Outcome};
use crate::report::Report;
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;

pub(super) fn run(arguments: &Verify, place: &Path, terminal: &Terminal) -> Outcome<u8> {
    let repo = Arc::new(open(place)?);
    let interrupt = signals::catch()?;
    let options = arguments.place.options();
    if arguments.steps.is_empty() {
        let context = Context::read(repo, &options)?;
        let outcome = engine::steps(&context, &interrupt)?;
        return Ok(terminal.show(&Report::Steps(&outcome)));
    }
    let outcome = {
        let narrator = Narrator::new(terminal, 1);
        engine::verify(
            &repo,
            &options,
            &arguments.request(),
            &supervise::supervision(NonZeroUsize::MIN, arguments.sandbox)?,
            &narrator,
            &interrupt,
        )?
    };
    Ok(terminal.show(&Report::Verify(&outcome)))
}
