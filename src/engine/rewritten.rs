//! Dependencies that were rewritten under a branch: it carries what they no longer hold.

use super::attribution::Attribution;
use super::judge::dependency_steps;
use super::{Branch, Context};
use crate::manifest::{AgentId, History};
use crate::ownership::Ownership;
use crate::verdict::{CommitChanges, Work};
use crate::words::{Change, Code, Finding, ObjectId, Result, shell_word};
use std::borrow::Cow;
use std::collections::BTreeSet;

/// A branch that is refused for its own work.
pub(super) struct Refused<'a> {
    pub agent: AgentId,
    pub branch: &'a str,
    pub tip: ObjectId,
}

/// What the dependencies of a refused branch have to do with it: a finding for each one whose former
/// work the branch stands on.
///
/// git does not record that a branch was rewritten. What it leaves behind is work in the branch that
/// the dependency may do and the branch may not, that is no longer in the dependency, and that has
/// nothing of the branch's own below it. It can be taken out by one rebase, which is right even where
/// it was the branch's own doing.
pub(super) fn rewritten(
    context: &Context,
    attribution: &Attribution<'_>,
    refused: &Refused<'_>,
    work: &Work,
) -> Result<Vec<Finding>> {
    let dependencies = context.dependencies.all(refused.agent);
    let mut findings = Vec::new();
    if dependencies.is_empty() {
        return Ok(findings);
    }
    let commits = match context.ownership.manifest().history {
        History::EveryCommit => Cow::Borrowed(&work.commits),
        History::Net => {
            let own = attribution.own_commits(refused.tip)?;
            Cow::Owned(attribution.commits(&own)?)
        }
    };
    for on in dependencies {
        for branch in context.branches_of(on) {
            let Some(carried) = carried(context, attribution, refused, on, branch, &commits)?
            else {
                continue;
            };
            findings.push(finding(context, refused, on, branch, &carried));
            break;
        }
    }
    Ok(findings)
}

/// The commits, the newest first, that the branch carries of what `on` did before; `None` if there are
/// none, or if there is more to it than that.
fn carried(
    context: &Context,
    attribution: &Attribution<'_>,
    refused: &Refused<'_>,
    on: AgentId,
    branch: &Branch,
    commits: &[CommitChanges],
) -> Result<Option<Vec<ObjectId>>> {
    let tip = branch.tip.clone()?;
    // Who is on top of it as it is, or where it holds nothing, stands on nothing that is gone.
    let repo = &context.repo;
    if repo.is_ancestor(tip, refused.tip)? || repo.is_ancestor(tip, context.target)? {
        return Ok(None);
    }
    let ownership = &context.ownership;
    let of_dependency = |commit: &&CommitChanges| {
        let may = |agent, change: &Change| may_change(ownership, agent, change);
        commit.changes.iter().all(|change| may(on, change))
            && !commit
                .changes
                .iter()
                .all(|change| may(refused.agent, change))
    };
    let found: Vec<_> = commits
        .iter()
        .filter(of_dependency)
        .map(|commit| commit.commit)
        .collect();
    let Some(newest) = found.first() else {
        return Ok(None);
    };
    let below: BTreeSet<_> = attribution.own_commits(*newest)?.into_iter().collect();
    let is_all_of_it = found.iter().all(|commit| below.contains(commit));
    let mut changing = commits
        .iter()
        .filter(|commit| below.contains(&commit.commit));
    let is_alone = changing.all(|commit| found.contains(&commit.commit));
    Ok((is_all_of_it && is_alone).then_some(found))
}

fn may_change(ownership: &Ownership, agent: AgentId, change: &Change) -> bool {
    ownership.permission(agent, &change.path).is_allowed()
}

fn finding(
    context: &Context,
    refused: &Refused<'_>,
    on: AgentId,
    branch: &Branch,
    carried: &[ObjectId],
) -> Finding {
    let (dependent, dependency) = (refused.branch, &branch.name);
    let count = match carried.len() {
        1 => "a commit".to_owned(),
        count => format!("{count} commits"),
    };
    let message = format!(
        "{dependent} carries {count} of what {} may change, which {dependency} does not hold: it was \
         rewritten, or never held it",
        context.name_of(on),
    );
    let newest = carried[0];
    let hint = format!(
        "put {dependent} on top of {dependency} as it is now: `git rebase --onto {} {} {}`",
        shell_word(dependency),
        newest.short(),
        shell_word(dependent),
    );
    let finding = Finding::new(Code::DependencyRewritten, message).in_commit(newest);
    dependency_steps(context, refused.agent, on, finding).hint(hint)
}
