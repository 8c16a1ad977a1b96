//! Keeps the result: objects first, then one transaction over the refs.

use super::super::{Context, Landing};
use super::Destination;
use crate::repo::{Expect, Quarantine, RefUpdate, Scope, WorkTree};
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

/// Does with `commit`, the last good one, what `destination` says. The target moves from the commit
/// that was judged to the one that was verified, or not at all.
pub(super) fn land(
    context: &Context,
    quarantine: &Quarantine,
    commit: ObjectId,
    destination: Destination,
) -> Result<Landing> {
    if destination == Destination::DryRun {
        return Ok(Landing::DryRun);
    }
    if commit == context.target {
        return Ok(Landing::NothingToDo);
    }
    let integration = &context.ownership.manifest().integration;
    let mut updates = vec![RefUpdate {
        name: full(integration),
        expect: Expect::Any,
        new: Some(commit),
    }];
    let mut trees = Vec::new();
    if destination == Destination::Target {
        let name = full(&context.basis.target);
        updates.push(RefUpdate {
            name,
            expect: Expect::At(context.target),
            new: Some(commit),
        });
        trees = target_work_trees(context)?;
    }
    quarantine.publish(&[commit])?;
    for tree in &trees {
        tree.check_clean(context.target, commit)?;
    }
    context.repo.update_refs(&updates, "gate: integrate")?;
    for tree in &trees {
        tree.bring_along(context.target, commit)?;
    }
    Ok(match destination {
        Destination::Target => Landing::Landed,
        _ => Landing::Integrated(integration.clone()),
    })
}

fn target_work_trees(context: &Context) -> Result<Vec<WorkTree>> {
    context.repo.checked_out(&full(&context.basis.target))
}

fn full(branch: &str) -> String {
    format!("refs/heads/{branch}")
}
