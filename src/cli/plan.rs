//! `gate plan`.

use super::args::Plan;
use super::open;
use super::signals;
use super::terminal::Terminal;
use crate::engine::{self, Context, Outcome};
use crate::report::{Format, Report};
use std::path::Path;
use std::sync::Arc;

pub(super) fn run(arguments: &Plan, place: &Path, terminal: &Terminal) -> Outcome<u8> {
    let repo = Arc::new(open(place)?);
    let context = Context::read(repo, &arguments.place.options())?;
    // A matrix is made of what there is to verify, which takes the branches themselves.
    if terminal.format() == Format::GithubMatrix {
        let interrupt = signals::catch()?;
        let outcome = engine::steps(&context, &interrupt)?;
        return Ok(terminal.show(&Report::Steps(&outcome)));
    }
    Ok(terminal.show(&Report::Plan(&engine::plan(&context))))
}
