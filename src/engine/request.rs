//! Requests to merge a branch: which target they are judged against.

use super::context::target_name;
use super::{Options, Outcome, source};
use crate::repo::Repo;
use crate::words::{Code, Finding};

/// The target whose rules decide over a request to merge into the branch `into`: the one that is
/// named or configured, else the one that the manifest of `into` names, else `main`. It need not be
/// `into` itself: requests are also stacked on each other, and carried back to older branches.
///
/// Following the manifest of `into` gives nothing away: where it is not the target, nothing lands on
/// the target through this request.
pub fn target_of_request(repo: &Repo, options: &Options, into: &str) -> Outcome<String> {
    let scope = options.scope();
    let into = scope.short_name(into);
    let Some(commit) = repo.branch(&scope, into)? else {
        let message = format!("there is no branch {into} to merge into");
        let hint = "fetch it, or name the branch that the request goes into: --into BRANCH";
        return Err(Finding::new(Code::UnknownBranch, message).hint(hint).into());
    };
    let is_named = options.target.is_some() || repo.config_string("gate.target").is_some();
    if !is_named && let Some(named) = source::named_target(repo, commit)? {
        return Ok(named);
    }
    let target = target_name(repo, options)?;
    if !is_named && repo.branch(&scope, &target)?.is_none() {
        // Its manifest is missing or broken: judging against it will say so.
        return Ok(into.to_owned());
    }
    Ok(target)
}
