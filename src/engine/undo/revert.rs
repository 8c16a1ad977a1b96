//! The tree of the target without what some merges brought: each is taken back by a merge in memory that
//! leads from it to what was there before it, the newest first.

use super::super::Context;
use super::super::disjoint::Party;
use super::super::hunks::Sides;
use super::super::mainline::Landed;
use super::Line;
use crate::repo::{ConflictPath, Merge, Quarantine};
use crate::words::{Code, Finding, ObjectId, RepoPath, Result};
use std::collections::BTreeSet;

pub(super) struct Revert<'a> {
    pub context: &'a Context,
    pub quarantine: &'a Quarantine,
    pub line: &'a Line<'a>,
}

impl Revert<'_> {
    /// The tree without them, or why there is none: a conflict with what came later, or a path that is
    /// none of theirs.
    pub(super) fn tree(&self) -> Result<std::result::Result<ObjectId, Finding>> {
        let mut tree = self.context.target_tree;
        for (at, merge) in self.line.undone.iter().enumerate() {
            match self.without(tree, at, merge)? {
                Ok(without) => tree = without,
                Err(finding) => return Ok(Err(finding)),
            }
        }
        Ok(match self.stray(tree)? {
            Some(path) => Err(self.stray_merge(path)),
            None => Ok(tree),
        })
    }

    /// The first path that differs between the target and `tree` although none of the merges changed it:
    /// the engine follows renames, and may take somebody's new file for one.
    fn stray(&self, tree: ObjectId) -> Result<Option<RepoPath>> {
        let mut theirs = BTreeSet::new();
        for merge in &self.line.undone {
            theirs.extend(changed_by(self.context, merge)?);
        }
        let changes = self.quarantine.diff(Some(self.context.target_tree), tree)?;
        let mut paths = changes.into_iter().map(|change| change.path);
        Ok(paths.find(|path| !theirs.contains(path)))
    }

    fn stray_merge(&self, path: RepoPath) -> Finding {
        let name = &self.line.name;
        let message = format!(
            "taking back {name} would also change {path}, which no merge that is taken back changed"
        );
        let mut finding = Finding::new(Code::StrayMerge, message);
        finding.path = Some(path);
        finding
            .note("a file that is gone is taken for renamed to one that is new and like it")
            .hint(format!(
                "revert it by hand, without following renames: `git revert -m 1 -X no-renames {}`",
                self.all()
            ))
    }

    /// The merges that are taken back, as git wants them.
    fn all(&self) -> String {
        let all = self.line.undone.iter().map(|merge| merge.id.to_string());
        all.collect::<Vec<_>>().join(" ")
    }

    /// `tree` without what `merge` brought.
    fn without(
        &self,
        tree: ObjectId,
        at: usize,
        merge: &Landed,
    ) -> Result<std::result::Result<ObjectId, Finding>> {
        let quarantine = self.quarantine;
        // The engine merges commits: these stand for the merge, for now, and for what was before it.
        let commit = |tree, parents: &[ObjectId], what: &str| {
            quarantine.commit_tree(tree, parents, what.as_bytes(), 0)
        };
        let base = commit(merge.commit.tree, &[], "merge")?;
        let now = commit(tree, &[base], "now")?;
        let before = commit(quarantine.commit(merge.onto)?.tree, &[base], "before")?;
        match quarantine.merge(now, before)? {
            Merge::Clean { tree } => Ok(Ok(tree)),
            Merge::Conflict { paths, .. } => {
                Ok(Err(self.conflict(at, merge, [now, before], &paths)?))
            }
            Merge::Unrelated => Err(Finding::error(Code::Git, "a merge lost its base")),
        }
    }

    /// The finding that what came later has changed the same.
    fn conflict(
        &self,
        at: usize,
        merge: &Landed,
        [now, before]: [ObjectId; 2],
        paths: &[ConflictPath],
    ) -> Result<Finding> {
        let later = self.line.since.iter();
        let later: Vec<_> = later.filter(|(_, newer)| *newer <= at).collect();
        let mut changed = Vec::new();
        for (other, _) in &later {
            changed.push(changed_by(self.context, other)?);
        }
        // As they were merged: the oldest first.
        let later = later.iter().zip(&changed).rev();
        let parties = later.map(|((other, _), paths)| Party {
            branch: &other.stated.branch,
            tip: other.stated.merged,
            paths,
        });
        let parties: Vec<_> = parties.collect();
        let name = &self.line.name;
        let sides = Sides {
            context: self.context,
            quarantine: self.quarantine,
            onto: now,
            before: &parties,
            began: merge.commit.tree,
            branch: &format!("the undo of {name}"),
            tip: before,
            bases: &self.quarantine.merge_bases(now, &[before])?,
        };
        let shown = sides.conflicts(paths)?;
        let who = shown.paths.iter().flat_map(|path| &path.sides[0].who);
        let who: BTreeSet<&str> = who.map(String::as_str).collect();
        let who = who.into_iter().collect::<Vec<_>>().join(" and ");
        let number = paths.len();
        let message = format!("taking back {name} conflicts with {who} in {number} path(s)");
        let mut finding = Finding::new(Code::Conflict, message);
        finding.path = paths.first().map(|conflict| conflict.path.clone());
        finding.commit = Some(merge.id);
        finding.conflicts = Some(shown);
        Ok(finding.hint(format!(
            "take back first what {who} did on top, or revert it by hand and resolve the conflict \
             there: `git revert -m 1 {}`",
            self.all()
        )))
    }
}

/// The paths that a merge changed in the target, in order.
pub(super) fn changed_by(context: &Context, merge: &Landed) -> Result<Vec<RepoPath>> {
    let before = context.repo.commit(merge.onto)?.tree;
    let changes = context.repo.diff(Some(before), merge.commit.tree)?;
    Ok(changes.into_iter().map(|change| change.path).collect())
}
