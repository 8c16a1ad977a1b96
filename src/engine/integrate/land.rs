//! Keeps the result: objects first, then one transaction over the refs.

use super::super::{Context, Landing};
use super::Destination;
use crate::repo::{Expect, LandingMove, Quarantine, RefUpdate, Repo, Scope, WorkTree};
use crate::words::{Code, Finding, ObjectId, Result};

/// Fails early where the result could not be kept anyway.
pub(super) fn check_destination(context: &Context, destination: Destination) -> Result<()> {
    if destination == Destination::DryRun {
        return Ok(());
    }
    let integration = &context.ownership.manifest().integration;
    if let Some(tree) = context.repo.checked_out(&full(integration))?.first() {
        let message = format!("{integration} is checked out in {}", tree.path.display());
        let hint = "switch to another branch there: gate overwrites its integration branch";
        return Err(Box::new(
            Finding::new(Code::WorkTreeDirty, message).hint(hint),
        ));
    }
    if destination == Destination::Target {
        if let Scope::Remote(remote) = &context.scope {
            let message = format!("landing on the target of the remote {remote}");
            let hint = "integrate without --land, or without --remote";
            return Err(Box::new(
                Finding::new(Code::NotSupportedYet, message + " is not supported yet").hint(hint),
            ));
        }
        for tree in target_work_trees(context)? {
            tree.check_clean(context.target, context.target)?;
        }
    }
    Ok(())
}

/// Ends what a landing began that was killed: brings work trees along that were left behind. Where
/// somebody has changed something meanwhile, nothing is touched.
pub(super) fn finish_what_was_begun(repo: &Repo) -> Result<()> {
    let journal = repo.landing_journal()?;
    let Some(LandingMove { branch, old, new }) = journal.unfinished()? else {
        return journal.end();
    };
    let mut complete = true;
    if repo.any_ref(&branch)? == Some(new) {
        for tree in repo.checked_out(&branch)? {
            if tree.check_clean(new, new).is_ok() {
                continue;
            }
            match tree.check_clean(old, new) {
                Ok(()) => tree.bring_along(old, new)?,
                Err(_) => complete = false,
            }
        }
    }
    if complete { journal.end() } else { Ok(()) }
}

/// Does with `commit`, the last good one, what `destination` says. The target moves from the commit
/// that was judged to the one that was verified, or not at all. Remarks are about work trees that
/// could not be brought along.
pub(super) fn land(
    context: &Context,
    quarantine: &Quarantine,
    commit: ObjectId,
    destination: Destination,
) -> Result<(Landing, Vec<Finding>)> {
    if destination == Destination::DryRun {
        return Ok((Landing::DryRun, Vec::new()));
    }
    if commit == context.target {
        return Ok((Landing::NothingToDo, Vec::new()));
    }
    quarantine.publish(&[commit])?;
    let integration = &context.ownership.manifest().integration;
    let keep = RefUpdate {
        name: full(integration),
        expect: Expect::Any,
        new: Some(commit),
    };
    if destination == Destination::Integration {
        context.repo.update_refs(&[keep], REASON)?;
        return Ok((Landing::Integrated(integration.clone()), Vec::new()));
    }
    Ok((Landing::Landed, swap(context, keep, commit)?))
}

/// What the reflogs say.
const REASON: &str = "gate: integrate";

/// Moves the target and, with it, the integration branch; then brings the work trees along.
fn swap(context: &Context, keep: RefUpdate, commit: ObjectId) -> Result<Vec<Finding>> {
    let landing = LandingMove {
        branch: full(&context.basis.target),
        old: context.target,
        new: commit,
    };
    let journal = context.repo.landing_journal()?;
    let trees = target_work_trees(context)?;
    for tree in &trees {
        tree.check_clean(landing.old, landing.new)?;
    }
    journal.begin(&landing)?;
    let target = RefUpdate {
        name: landing.branch,
        expect: Expect::At(landing.old),
        new: Some(commit),
    };
    if let Err(finding) = context.repo.update_refs(&[keep, target], REASON) {
        journal.end()?;
        return Err(finding);
    }
    let along = |tree: &WorkTree| tree.bring_along(landing.old, landing.new).err();
    let behind: Vec<_> = trees.iter().filter_map(along).collect();
    if behind.is_empty() {
        journal.end()?;
    }
    Ok(behind
        .into_iter()
        .map(|error| left_behind(*error))
        .collect())
}

/// The target has landed, and a work tree that has it checked out could not follow.
fn left_behind(error: Finding) -> Finding {
    let message = format!("a work tree was left behind: {}", error.message);
    let mut finding = Finding::new(Code::WorkTreeBehind, message);
    finding.notes = error.notes;
    finding
        .hint("see what is in the way, then run `gate integrate --land` again: it brings it along")
}

fn target_work_trees(context: &Context) -> Result<Vec<WorkTree>> {
    context.repo.checked_out(&full(&context.basis.target))
}

fn full(branch: &str) -> String {
    format!("refs/heads/{branch}")
}
