//! Dependencies that were rewritten under a branch: it carries what they no longer hold.

use super::Context;
use super::attribution::Attribution;
use super::judge::dependency_steps;
use crate::manifest::{AgentId, History};
use crate::ownership::Ownership;
use crate::plan::Part;
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
    let dependencies = foundations(context, refused.agent);
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
    let mut found = BTreeSet::new();
    for on in dependencies {
        if found.contains(&on.part) {
            continue;
        }
        if let Some(carried) = carried(context, attribution, refused, &on, &commits)? {
            findings.push(finding(context, refused, &on, &carried));
            found.insert(on.part);
        }
    }
    Ok(findings)
}

/// What a branch may build on: a branch of a dependency, or a milestone.
struct Foundation {
    part: Part,
    /// What messages call it.
    name: String,
    /// What git calls it.
    revision: String,
    tip: Result<ObjectId>,
}

fn foundations(context: &Context, agent: AgentId) -> Vec<Foundation> {
    let mut found = Vec::new();
    for part in context.dependencies.all_parts(agent) {
        if part.milestone.is_some() {
            found.extend(context.published.commit(&part).map(|tip| Foundation {
                name: part.name(context.name_of(part.agent)),
                revision: context.publication(&part).full_name(),
                tip: tip.clone(),
                part,
            }));
            continue;
        }
        let branches = context.branches_of(part.agent).iter();
        found.extend(branches.map(|branch| Foundation {
            part: part.clone(),
            name: branch.name.clone(),
            revision: branch.name.clone(),
            tip: branch.tip.clone(),
        }));
    }
    found
}

/// The commits, the newest first, that the branch carries of what `on` did before, or of what comes
/// after the milestone `on`; `None` if there are none, or if there is more to it than that.
fn carried(
    context: &Context,
    attribution: &Attribution<'_>,
    refused: &Refused<'_>,
    on: &Foundation,
    commits: &[CommitChanges],
) -> Result<Option<Vec<ObjectId>>> {
    let tip = on.tip.clone()?;
    // Who is on top of it as it is, or where it holds nothing, stands on nothing that is gone.
    let repo = &context.repo;
    let is_on_top = repo.is_ancestor(tip, refused.tip)? || repo.is_ancestor(tip, context.target)?;
    if is_on_top && on.part.milestone.is_none() {
        return Ok(None);
    }
    let ownership = &context.ownership;
    let of_dependency = |commit: &&CommitChanges| {
        let may = |agent, change: &Change| may_change(ownership, agent, change);
        commit
            .changes
            .iter()
            .all(|change| may(on.part.agent, change))
            && !commit
                .changes
                .iter()
                .all(|change| may(refused.agent, change))
    };
    let mut found = Vec::new();
    for commit in commits.iter().filter(of_dependency) {
        // On top of a milestone only what comes after it there can be too much.
        if !is_on_top || context.holder(on.part.agent, commit.commit)?.is_some() {
            found.push(commit.commit);
        }
    }
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
    on: &Foundation,
    carried: &[ObjectId],
) -> Finding {
    let (dependent, dependency) = (refused.branch, &on.name);
    let owner = context.name_of(on.part.agent);
    let count = match carried.len() {
        1 => "a commit".to_owned(),
        count => format!("{count} commits"),
    };
    let message = format!(
        "{dependent} carries {count} of what {owner} may change, which {dependency} does not hold: it was \
         rewritten, or never held it"
    );
    let newest = carried[0];
    let hint = format!(
        "put {dependent} on top of {dependency} as it is now: `git rebase --onto {} {} {}`",
        shell_word(&on.revision),
        newest.short(),
        shell_word(dependent),
    );
    let finding = Finding::new(Code::DependencyRewritten, message).in_commit(newest);
    let finding = dependency_steps(context, refused.agent, &on.part, finding).hint(hint);
    match on.part.milestone {
        None => finding,
        Some(_) => finding.note(format!(
            "of {owner} it may build on what {dependency} holds, until that is published further on"
        )),
    }
}
