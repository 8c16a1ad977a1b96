//! Finding a record by what somebody calls it.

use super::{Record, RunReport};
use crate::repo::{LAST_RUN, RUNS, Repo};
use crate::words::{Code, Finding, ObjectId, Result};

/// What the last run is called.
const LAST: &str = "last";
/// How many digits of a run's name must be said at least.
const FEWEST_DIGITS: usize = 4;

/// The commit of the record that is called `name`: `last`, the full name of a ref, the name of a run,
/// or how that begins.
pub(in crate::engine) fn find(repo: &Repo, name: &str) -> Result<ObjectId> {
    let none = |message: String, hint: &str| {
        let finding = Finding::new(Code::Usage, message);
        Box::new(finding.hint(hint))
    };
    let list = format!("`git for-each-ref {RUNS}` lists them");
    if name == LAST || name.starts_with("refs/") {
        let full_name = if name == LAST { LAST_RUN } else { name };
        let missing = || none(format!("there is no ref {full_name}"), &list);
        return repo.any_ref(full_name)?.ok_or_else(missing);
    }
    let is_name = name.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_name || name.len() < FEWEST_DIGITS {
        let message = format!("no run can be called {name}");
        let hint = format!("name a run by {FEWEST_DIGITS} digits or more, or say `{LAST}`");
        return Err(none(message, &hint));
    }
    let begins = format!("{RUNS}{}", name.to_ascii_lowercase());
    let runs = repo.refs_below(RUNS)?.into_iter();
    let mut found: Vec<_> = runs.filter(|(run, _)| run.starts_with(&begins)).collect();
    if let Some(exact) = found.iter().position(|(run, _)| *run == begins) {
        found.swap(0, exact);
        found.truncate(1);
    }
    match found.as_slice() {
        [(_, id)] => id.clone(),
        [] => Err(none(format!("there is no record of a run {name}"), &list)),
        several => {
            let names = several.iter().filter_map(|(run, _)| run.strip_prefix(RUNS));
            let names: Vec<_> = names.collect();
            let message = format!("several runs are called {name}: {}", names.join(", "));
            Err(none(message, "name more digits"))
        }
    }
}

/// What the record of the last run says, if there is one.
pub(in crate::engine) fn last(repo: &Repo) -> Result<Option<RunReport>> {
    let Some(commit) = repo.any_ref(LAST_RUN)? else {
        return Ok(None);
    };
    let record = Record::read(repo, commit)?;
    Ok(Some(RunReport::of(commit, record)))
}
