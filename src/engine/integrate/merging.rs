//! How one branch is merged: the tree, what must not come of a merge, and the commit. A push that
//! moves the target is held against the same.

use super::super::delivery::{
    AGENT_TRAILER, BRANCH_TRAILER, COMMIT_TRAILER, MILESTONE_TRAILER, RUN_TRAILER,
};
use super::super::disjoint::{self, Party};
use super::super::hunks::Sides;
use super::super::judge::Judgement;
use super::super::links::{moved_links, new_links};
use super::super::names::new_names;
use super::super::{Context, manifest};
use crate::repo::{ConflictPath, Merge, Quarantine};
use crate::verdict::{self, NewName, Subject};
use crate::words::{Change, Code, Conflicts, Finding, ObjectId, RepoPath, Result};
use std::collections::BTreeSet;

/// The merges of one run.
pub(in crate::engine) struct Merging<'a> {
    pub context: &'a Context,
    pub quarantine: &'a Quarantine,
    /// The name of the run.
    pub run: ObjectId,
}

/// Why there is no merge.
#[derive(Clone, Debug)]
pub(in crate::engine) enum NoMerge {
    /// For this reason.
    Told(Box<Finding>),
    /// Both sides are in conflict. What is to be said of it takes longer than to find out.
    Conflict(Meeting),
}

/// Two sides that are in conflict.
#[derive(Clone, Debug)]
pub(in crate::engine) struct Meeting {
    /// The commit that was to be merged with.
    onto: ObjectId,
    /// The merge bases of it and of what was to be merged.
    bases: Vec<ObjectId>,
    paths: Vec<ConflictPath>,
}

impl From<Finding> for NoMerge {
    fn from(finding: Finding) -> Self {
        Self::Told(Box::new(finding))
    }
}

/// What a branch is merged with.
pub(in crate::engine) struct Onto<'a> {
    pub commit: ObjectId,
    pub tree: ObjectId,
    /// The merge bases of that commit and of what is merged with it.
    pub bases: Vec<ObjectId>,
    /// The branches that were merged in this run, in order; none where it is the target itself.
    pub before: Vec<Party<'a>>,
}

impl Merging<'_> {
    /// The tree of a candidate merged with what came before it, or why there is none.
    pub(in crate::engine) fn tree(
        &self,
        candidate: &Judgement,
        onto: &Onto<'_>,
        tip: ObjectId,
    ) -> Result<std::result::Result<ObjectId, NoMerge>> {
        let branch = &candidate.branch;
        let later = Party {
            branch,
            tip,
            paths: &candidate.paths,
        };
        for earlier in &onto.before {
            let clash = disjoint::clash(self.context, self.quarantine, *earlier, later)?;
            if let Some(clash) = clash {
                let finding = clash.finding(self.context, earlier.branch, branch);
                return Ok(Err(finding.into()));
            }
        }
        let tree = match self.quarantine.merge_over(&onto.bases, onto.commit, tip)? {
            Merge::Clean { tree } => tree,
            Merge::Conflict { paths, .. } => {
                return Ok(Err(NoMerge::Conflict(Meeting {
                    onto: onto.commit,
                    bases: onto.bases.clone(),
                    paths,
                })));
            }
            Merge::Unrelated => {
                let finding = verdict::unrelated(branch, &self.context.basis.target);
                return Ok(Err(finding.into()));
            }
        };
        let changes = self.quarantine.diff(Some(onto.tree), tree)?;
        let stray = changes
            .iter()
            .find(|change| !candidate.may_change(&change.path));
        if let Some(change) = stray {
            return Ok(Err(stray_merge(branch, &change.path).into()));
        }
        let names = new_names(self.quarantine, Some(onto.tree), onto.tree, &changes)?;
        let twins = |new: NewName| new.rival.map(|rival| collision(branch, &new.path, &rival));
        let mut refused = names.into_iter().find_map(twins);
        refused = refused.or(self.leaving_link(candidate, onto, &changes)?);
        if refused.is_none() && candidate.changes_manifest() {
            // It was valid in the branch; it must be after the merge with the target's, too.
            let finding = manifest::of_branch(self.context, branch, self.quarantine, tree)?;
            let target = &self.context.basis.target;
            let hint = format!("merge {target} into {branch}, and mend the manifest there");
            refused = finding.map(|finding| finding.hint(hint));
        }
        Ok(refused.map_or(Ok(tree), |finding| Err(finding.into())))
    }

    /// The objection to a link that leads to what is somebody else's only once all is merged.
    fn leaving_link(
        &self,
        candidate: &Judgement,
        onto: &Onto<'_>,
        changes: &[Change],
    ) -> Result<Option<Finding>> {
        let subject = Subject {
            agent: candidate.agent,
            branch: &candidate.branch,
        };
        let new = new_links(self.quarantine, Some(onto.tree), changes)?;
        let moved = moved_links(self.quarantine, Some(onto.tree), changes)?;
        let found = verdict::judge_links(&self.context.ownership, subject, new, moved);
        Ok(found.into_iter().next())
    }

    /// What is to be said of a candidate that is not merged behind `before`.
    pub(in crate::engine) fn told(
        &self,
        candidate: &Judgement,
        before: &[Party<'_>],
        reason: NoMerge,
    ) -> Result<Finding> {
        match (reason, Party::of(candidate)) {
            (NoMerge::Told(finding), _) => Ok(*finding),
            (NoMerge::Conflict(meeting), Some(later)) => self.conflict(later, before, &meeting),
            (NoMerge::Conflict(_), None) => Err(Finding::error(
                Code::Git,
                format!("{} was merged and has no commit", candidate.branch),
            )),
        }
    }

    fn conflict(
        &self,
        later: Party<'_>,
        before: &[Party<'_>],
        meeting: &Meeting,
    ) -> Result<Finding> {
        let (branch, target) = (later.branch, &self.context.basis.target);
        let paths = &meeting.paths;
        let sides = Sides {
            context: self.context,
            quarantine: self.quarantine,
            onto: meeting.onto,
            before,
            began: self.context.target_tree,
            branch,
            tip: later.tip,
            bases: &meeting.bases,
        };
        Ok(conflict(
            target,
            branch,
            before.is_empty(),
            paths,
            sides.conflicts(paths)?,
        ))
    }

    /// The merge commit of a candidate: the same for whoever merges the same.
    pub(in crate::engine) fn commit(
        &self,
        candidate: &Judgement,
        onto: ObjectId,
        tip: ObjectId,
        tree: ObjectId,
    ) -> Result<ObjectId> {
        let agent = self.context.ownership.manifest().agent(candidate.agent);
        let title = agent
            .name
            .as_ref()
            .map_or(String::new(), |name| format!(": {name}"));
        let milestone = (candidate.milestone.as_ref()).map_or(String::new(), |name| {
            format!("{MILESTONE_TRAILER}: {name}\n")
        });
        let message = format!(
            "Merge {branch}{title}\n\n\
             {AGENT_TRAILER}: {id}\n{milestone}\
             {BRANCH_TRAILER}: {holder}\n{COMMIT_TRAILER}: {tip}\n\
             Gate-Manifest: {manifest}\n{RUN_TRAILER}: {run}\n",
            branch = candidate.branch,
            holder = candidate.holder,
            id = agent.id.value,
            manifest = self.context.manifest_id,
            run = self.run,
        );
        // Never "now": whoever repeats the run gets the same commit.
        let time = |id| {
            self.quarantine
                .commit(id)
                .map(|commit| commit.committer_seconds)
        };
        let when = time(onto)?.max(time(tip)?);
        self.quarantine
            .commit_tree(tree, &[onto, tip], message.as_bytes(), when)
    }
}

/// The finding that a branch cannot be merged with the target, or with what was merged before it.
fn conflict(
    target: &str,
    branch: &str,
    is_target: bool,
    paths: &[ConflictPath],
    shown: Conflicts,
) -> Finding {
    let others: BTreeSet<String> = (shown.paths.iter())
        .flat_map(|conflict| &conflict.sides[0].who)
        .cloned()
        .collect();
    let before = if is_target {
        target.to_owned()
    } else {
        others.iter().cloned().collect::<Vec<_>>().join(" and ")
    };
    let number = paths.len();
    let message = format!("{branch} conflicts with {before} in {number} path(s)");
    let mut finding = Finding::new(Code::Conflict, message);
    finding.path = paths.first().map(|conflict| conflict.path.clone());
    finding.conflicts = Some(shown);
    let waits = others.iter().any(|other| *other != target);
    finding.hint(if waits {
        format!(
            "once those have landed, merge or rebase {branch} onto {target}, resolve the conflict \
             there, and integrate again"
        )
    } else {
        format!("merge or rebase {branch} onto {target}, resolve the conflict there, and integrate again")
    })
}

/// Two branches that were good alone bring names that some systems take for one.
fn collision(branch: &str, path: &RepoPath, rival: &RepoPath) -> Finding {
    let message = format!(
        "merging {branch} would put {path} beside {rival}: some systems take the one for the other"
    );
    let finding = Finding::new(Code::NameCollision, message).at(path);
    finding.hint("give it a name that differs in more than case or the form of its characters")
}

fn stray_merge(branch: &str, path: &RepoPath) -> Finding {
    Finding::new(
        Code::StrayMerge,
        format!("merging {branch} would also change {path}, which the branch did not change"),
    )
    .at(path)
    .note("a directory that one side renamed takes along what the other side adds to it")
    .hint(format!(
        "rebase {branch} onto the target, so that the branch itself says what moves"
    ))
}
