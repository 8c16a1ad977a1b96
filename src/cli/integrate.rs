//! `gate integrate`.

use super::args::Integrate;
use super::progress::Narrator;
use super::terminal::Terminal;
use super::{open, signals, supervise};
use crate::engine::{self, Destination, Outcome, Terms};
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

impl Integrate {
    fn terms(&self) -> Terms {
        Terms {
            destination: match (self.dry_run, self.land) {
                (true, _) => Destination::DryRun,
                (false, true) => Destination::Target,
                (false, false) => Destination::Integration,
            },
            all_or_nothing: self.all_or_nothing,
            tag: self.tag,
            push: self.push.clone(),
        }
    }
}
