//! Keeps the result: objects first, then one transaction over the refs.

use super::super::{Context, Landing};
use super::tagging::{TAGS, existing_tag, new_tag};
use super::{Destination, Terms};
use crate::repo::{
    Begun, Expect, LAST_RUN, LandingJournal, Passage, Quarantine, RUNS, RefUpdate, Repo, Scope,
    Side, WorkTree,
};
use crate::words::{Change, Code, Finding, ObjectId, Result};

/// What to do with one result.
pub(super) struct Wishes<'a> {
    pub destination: Destination,
    /// Whether it gets the manifest's tag when it lands.
    pub tag: bool,
    /// The remote whose target moves first when it lands.
    pub push: Option<&'a str>,
    /// The name of the run.
    pub run: ObjectId,
    /// The commit that records the run.
    pub record: ObjectId,
}

/// What became of a result.
pub(super) struct Kept {
    pub landing: Landing,
    /// About work trees that could not be brought along.
    pub remarks: Vec<Finding>,
    /// The tag that it was given.
    pub tag: Option<String>,
}

impl From<Landing> for Kept {
    fn from(landing: Landing) -> Self {
        Self {
            landing,
            remarks: Vec::new(),
            tag: None,
        }
    }
}

/// Integration needs rules that the target holds; those of the work tree are a preview only.
pub(in crate::engine) fn refuse_preview(context: &Context) -> Result<()> {
    if !context.basis.preview {
        return Ok(());
    }
    let target = &context.basis.target;
    Err(Box::new(
        Finding::new(
            Code::NoManifest,
            format!("the target {target} has no manifest yet"),
        )
        .hint(format!(
            "commit ownership.yaml to {target} first: rules come from the target"
        )),
    ))
}

/// Fails early where the result could not be kept anyway.
pub(super) fn check_destination(context: &Context, terms: &Terms, run: ObjectId) -> Result<()> {
    let destination = terms.destination;
    if terms.tag {
        let (name, _) = existing_tag(context, context.target)?;
        context.repo.check_room_for(&name)?;
    }
    if let Some(remote) = &terms.push {
        check_remote(&context.repo, remote)?;
    }
    if destination == Destination::DryRun {
        return Ok(());
    }
    let integration = &context.ownership.manifest().integration;
    context.repo.check_room_for(&full(integration))?;
    context.repo.check_room_for(&format!("{RUNS}{run}"))?;
    context.repo.check_room_for(LAST_RUN)?;
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
        // Not while another run is bringing a work tree along.
        let journal = context.repo.landing_journal()?;
        check_not_moved(context)?;
        for tree in target_work_trees(context)? {
            tree.check_clean(&journal, context.target, &[])?;
        }
    }
    Ok(())
}

/// Fails if git knows no remote of this name.
pub(super) fn check_remote(repo: &Repo, remote: &str) -> Result<()> {
    if !repo.has_remote(remote)? {
        let message = format!("there is no remote {remote}");
        let hint = "`git remote` lists those that there are";
        return Err(Box::new(Finding::new(Code::Usage, message).hint(hint)));
    }
    if repo.push_places(remote)? > 1 {
        let message = format!("{remote} is pushed to several places, which no push moves together");
        let hint = "name a remote with one place, and push to the others from there";
        return Err(Box::new(Finding::new(Code::Usage, message).hint(hint)));
    }
    Ok(())
}

/// What leads from the commit `old` to the commit `new`.
fn changes(repo: &Repo, old: ObjectId, new: ObjectId) -> Result<Vec<Change>> {
    repo.diff(Some(repo.commit(old)?.tree), repo.commit(new)?.tree)
}

/// Does with `commit`, the last good one, what `wishes` say. The target moves from the commit that was
/// judged to the one that was verified, or not at all.
pub(super) fn land(
    context: &Context,
    quarantine: &Quarantine,
    commit: ObjectId,
    wishes: &Wishes<'_>,
) -> Result<Kept> {
    let mut records = records(wishes);
    if commit == context.target {
        move_refs(context, quarantine, &[wishes.record], &records)?;
        return Ok(Landing::NothingToDo.into());
    }
    let integration = &context.ownership.manifest().integration;
    let keep = RefUpdate {
        name: full(integration),
        expect: Expect::Any,
        new: Some(commit),
    };
    records.push(keep);
    if wishes.destination == Destination::Integration {
        move_refs(context, quarantine, &[commit, wishes.record], &records)?;
        return Ok(Landing::Integrated(integration.clone()).into());
    }
    let tag = || new_tag(context, quarantine, commit, &wishes.run.to_string());
    let tag = wishes.tag.then(tag).transpose()?;
    let tips: Vec<_> = tag
        .iter()
        .filter_map(|tag| tag.new)
        .chain([commit, wishes.record])
        .collect();
    let journal = context.repo.landing_journal()?;
    check_not_moved(context)?;
    quarantine.publish(&journal, &tips)?;
    let name = tag.as_ref().and_then(|tag| tag.name.strip_prefix(TAGS));
    Ok(Kept {
        landing: Landing::Landed,
        tag: name.map(str::to_owned),
        remarks: swap(&journal, context, records, tag, commit, wishes.push)?,
    })
}

/// The refs that say which run there was.
fn records(wishes: &Wishes<'_>) -> Vec<RefUpdate> {
    let record = |name| RefUpdate {
        name,
        expect: Expect::Any,
        new: Some(wishes.record),
    };
    let run = format!("{RUNS}{}", wishes.run);
    vec![record(run), record(LAST_RUN.to_owned())]
}

/// Moves refs that are no matter for a work tree, once `tips`, which they need, are in the repository.
fn move_refs(
    context: &Context,
    quarantine: &Quarantine,
    tips: &[ObjectId],
    moves: &[RefUpdate],
) -> Result<()> {
    // Others that are at it in this moment move some of the same refs.
    let journal = context.repo.landing_journal()?;
    quarantine.publish(&journal, tips)?;
    journal.update_refs(moves, REASON)
}

/// What the reflogs say.
pub(super) const REASON: &str = "gate: integrate";

/// Moves the target and, with it, the refs that are `kept` here alone, and brings along the work trees
/// that have it checked out: their files before it moves, so that a disk that is full changes nothing, their
/// indexes after. The journal tells the next run what to do if this one is killed.
///
/// With `push`, the target of that remote moves before the one here, and the tag with it; once all that
/// needs space on the disk is there.
// Long, since each step leads back those before it where it fails.
fn swap(
    journal: &LandingJournal<'_>,
    context: &Context,
    kept: Vec<RefUpdate>,
    tag: Option<RefUpdate>,
    commit: ObjectId,
    push: Option<&str>,
) -> Result<Vec<Finding>> {
    let (repo, old) = (&context.repo, context.target);
    let trees = target_work_trees(context)?;
    let changes = if trees.is_empty() {
        Vec::new()
    } else {
        changes(repo, old, commit)?
    };
    for tree in &trees {
        tree.check_clean(journal, old, &changes)?;
    }
    let target = RefUpdate {
        name: full(&context.basis.target),
        expect: Expect::At(old),
        new: Some(commit),
    };
    let pushed: Vec<_> = std::iter::once(target).chain(tag).collect();
    // The target first: where it goes, all others go, even if this process is killed.
    let moves: Vec<_> = pushed.iter().cloned().chain(kept).collect();
    let begun = journal.begin(&moves, &trees, push)?;
    let mut passages = Vec::new();
    let mut has_pushed = None;
    let outcome = trees
        .iter()
        .try_for_each(|tree| {
            let passage = tree.begin_passage(journal, old, commit, &changes)?;
            passages.push(passage);
            passages
                .last()
                .map_or(Ok(()), |passage| passage.bring_files(Side::New))
        })
        .and_then(|()| {
            if let Some(remote) = push {
                begun.push(remote, &pushed)?;
            }
            has_pushed = push;
            begun.commit(REASON)
        });
    if let Err(mut finding) = outcome {
        finding.notes.extend(led_back(begun, passages));
        finding.notes.extend(has_pushed.map(|remote| {
            let target = &context.basis.target;
            format!("{target} of {remote} has moved already: once this is mended, integrate again")
        }));
        return Err(finding);
    }
    let ends = passages.into_iter().map(|passage| passage.end(Side::New));
    let behind: Vec<_> = ends.filter_map(Result::err).collect();
    if behind.is_empty() {
        // Where it stays, the next run finds that nothing is left to do.
        _ = begun.end();
    }
    Ok(behind
        .into_iter()
        .map(|error| left_behind(*error))
        .collect())
}

/// Leads work trees back, after the refs: to where the target is. Says what could not be led back; the next
/// run does it then.
fn led_back(begun: Begun<'_>, passages: Vec<Passage<'_>>) -> Vec<String> {
    let side = match begun.side() {
        Ok(side) => side.unwrap_or(Side::Old),
        Err(finding) => return vec![finding.message],
    };
    let back = passages.into_iter().map(|passage| passage.settle(side));
    let stuck: Vec<_> = back.filter_map(Result::err).collect();
    if !stuck.is_empty() {
        return stuck.into_iter().map(|finding| finding.message).collect();
    }
    let kept = begun.end().err();
    kept.into_iter().map(|finding| finding.message).collect()
}

/// The target has landed, and a work tree that has it checked out could not follow.
fn left_behind(error: Finding) -> Finding {
    let message = format!("a work tree was left behind: {}", error.message);
    let mut finding = Finding::new(Code::WorkTreeBehind, message);
    finding.notes = error.notes;
    finding
        .hint("see what is in the way, then run `gate integrate --land` again: it brings it along")
}

/// Fails if the target is not where it was judged: whoever moved it brought its work trees along, so
/// that they would only look changed.
pub(super) fn check_not_moved(context: &Context) -> Result<()> {
    let target = &context.basis.target;
    if context.repo.any_ref(&full(target))? == Some(context.target) {
        return Ok(());
    }
    let message = format!("{target} has moved since it was read");
    Err(Box::new(
        Finding::new(Code::TargetMoved, message).hint("run the command again"),
    ))
}

fn target_work_trees(context: &Context) -> Result<Vec<WorkTree>> {
    context.repo.checked_out(&full(&context.basis.target))
}

pub(super) fn full(branch: &str) -> String {
    format!("refs/heads/{branch}")
}
