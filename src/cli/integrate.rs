//! `gate integrate`.

use super::args::Integrate;
use super::progress::Narrator;
use super::terminal::Terminal;
use super::{open, signals, supervise};
use crate::engine::{self, Outcome};
use crate::report::Report;
use std::path::Path;
use std::sync::Arc;

pub(super) fn run(arguments: &Integrate, place: &Path, terminal: &Terminal) -> Outcome<u8> {
    let repo = Arc::new(open(place)?);
    let interrupt = signals::catch()?;
    if let Some(run) = &arguments.replay {
        let outcome = {
            let narrator = Narrator::new(terminal, 1);
            engine::replay(&repo, run, &narrator, &interrupt)?
        };
        return Ok(terminal.show(&Report::Replay(&outcome)));
    }
    let outcome = {
        let narrator = Narrator::new(terminal, arguments.jobs.get());
        engine::integrate(
            &repo,
            &arguments.place.options(),
            &arguments.terms(),
            &supervise::supervision(arguments.jobs, arguments.sandbox)?,
            &narrator,
            &interrupt,
        )?
    };
    Ok(terminal.show(&Report::Integrate(&outcome)))
}
