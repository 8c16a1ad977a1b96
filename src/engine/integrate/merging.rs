//! How one branch is merged: the tree, what must not come of a merge, and the commit. A push that
//! moves the target is held against the same.

use super::super::delivery::{
    AGENT_TRAILER, BRANCH_TRAILER, COMMIT_TRAILER, MILESTONE_TRAILER, RUN_TRAILER,
};
use super::super::judge::Judgement;
use super::super::links::{moved_links, new_links};
use super::super::names::new_names;
use super::super::{Context, manifest};
use crate::repo::{ConflictPath, Merge, Quarantine};
use crate::verdict::{self, NewName, Subject};
use crate::words::{Change, Code, Finding, ObjectId, RepoPath, Result};

/// How many conflicts a finding names one by one.
const MAX_CONFLICTS_SHOWN: usize = 10;

/// The merges of one run.
pub(in crate::engine) struct Merging<'a> {
    pub context: &'a Context,
    pub quarantine: &'a Quarantine,
    /// The name of the run.
    pub run: ObjectId,
}

/// What a branch is merged with.
pub(in crate::engine) struct Onto {
    pub commit: ObjectId,
    pub tree: ObjectId,
    /// Whether it is the target itself, with nothing merged yet.
    pub is_target: bool,
}

impl Merging<'_> {
    /// The tree of a candidate merged with what came before it, or why there is none.
    pub(in crate::engine) fn tree(
        &self,
        candidate: &Judgement,
        onto: &Onto,
        tip: ObjectId,
    ) -> Result<std::result::Result<ObjectId, Finding>> {
        let branch = &candidate.branch;
        let tree = match self.quarantine.merge(onto.commit, tip)? {
            Merge::Clean { tree } => tree,
            Merge::Conflict { paths, .. } => return Ok(Err(self.conflict(branch, onto, &paths))),
            Merge::Unrelated => {
                return Ok(Err(verdict::unrelated(branch, &self.context.basis.target)));
            }
        };
        let changes = self.quarantine.diff(Some(onto.tree), tree)?;
        let stray = changes
            .iter()
            .find(|change| !candidate.may_change(&change.path));
        if let Some(change) = stray {
            return Ok(Err(stray_merge(branch, &change.path)));
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
        Ok(refused.map_or(Ok(tree), Err))
    }

    /// The objection to a link that leads to what is somebody else's only once all is merged.
    fn leaving_link(
        &self,
        candidate: &Judgement,
        onto: &Onto,
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

    fn conflict(&self, branch: &str, onto: &Onto, paths: &[ConflictPath]) -> Finding {
        let before = if onto.is_target {
            self.context.basis.target.clone()
        } else {
            format!(
                "{} and the branches merged before it",
                self.context.basis.target
            )
        };
        let mut finding = Finding::new(
            Code::Conflict,
            format!(
                "{branch} conflicts with {before} in {} path(s)",
                paths.len()
            ),
        );
        finding.path = paths.first().map(|conflict| conflict.path.clone());
        let shown = paths.iter().take(MAX_CONFLICTS_SHOWN);
        finding.notes.extend(
            shown.map(|conflict| format!("{}: {}", conflict.path, conflict.kinds.join(", "))),
        );
        if paths.len() > MAX_CONFLICTS_SHOWN {
            finding
                .notes
                .push(format!("and {} more", paths.len() - MAX_CONFLICTS_SHOWN));
        }
        finding.hint(format!(
            "merge or rebase {branch} onto {}, resolve the conflict there, and integrate again",
            self.context.basis.target
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
