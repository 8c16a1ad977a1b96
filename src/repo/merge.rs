//! Merging: the first of two engines, and what either of them returns.

use super::quarantine::Quarantine;
use crate::words::{Code, Finding, ObjectId, RepoPath, Result};

/// How a merge went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merge {
    /// Without conflicts; the tree is that of git's own merge.
    Clean {
        /// The merged tree.
        tree: ObjectId,
    },
    /// With conflicts.
    Conflict {
        /// What git would leave behind: merged where that went well, with conflict markers elsewhere.
        tree: ObjectId,
        /// The paths in conflict, sorted.
        paths: Vec<ConflictPath>,
    },
    /// Not at all: the commits have no common ancestor.
    Unrelated,
}

/// A path on which two sides do not agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictPath {
    /// The path.
    pub path: RepoPath,
    /// git's short names for what is wrong: `CONFLICT (contents)` and the like.
    pub kinds: Vec<String>,
    /// What git says about it, one text each; may hold anything that a name can hold.
    pub messages: Vec<String>,
}

/// What several merge bases have in common, as one tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseTree {
    /// The tree.
    pub tree: ObjectId,
    /// Where the merge bases contradict each other: the tree holds conflict markers there. Sorted.
    pub conflicts: Vec<RepoPath>,
}

impl Quarantine {
    /// The merge of two commits as git's `ort` strategy with default settings makes it.
    pub fn merge(&self, ours: ObjectId, theirs: ObjectId) -> Result<Merge> {
        let bases = self.merge_bases(ours, &[theirs])?;
        match bases[..] {
            [] => Ok(Merge::Unrelated),
            [base] => {
                let tree = |id| self.commit(id).map(|commit| commit.tree);
                let merged = self.merge_trees(Some(tree(base)?), tree(ours)?, tree(theirs)?)?;
                match merged {
                    Some(tree) => Ok(Merge::Clean { tree }),
                    None => self.merge_by_git(ours, theirs),
                }
            }
            _ => self.merge_by_git(ours, theirs),
        }
    }

    /// The merge of `commits`, one after the other, as a tree to compare with: what several merge
    /// bases amount to. Unrelated ones are merged as if they came from nothing.
    ///
    /// # Errors
    /// [`Code::Git`] if there are none.
    pub fn merge_of_bases(&self, commits: &[ObjectId]) -> Result<BaseTree> {
        let [first, others @ ..] = commits else {
            return Err(Finding::error(
                Code::Git,
                "there is no common ancestor to compare with",
            ));
        };
        let (mut whole, mut whole_commit) = (*first, self.commit(*first)?);
        let mut conflicts = Vec::new();
        for other in others {
            let merged = match self.merge(whole, *other)? {
                Merge::Unrelated => self.merge_by_git(whole, *other)?,
                merged => merged,
            };
            let tree = match merged {
                Merge::Clean { tree } => tree,
                Merge::Conflict { tree, paths } => {
                    conflicts.extend(paths.into_iter().map(|conflict| conflict.path));
                    tree
                }
                Merge::Unrelated => return Err(Finding::error(Code::Git, "unrelated histories")),
            };
            let date = self.commit(*other)?.committer_seconds;
            let date = date.max(whole_commit.committer_seconds);
            whole = self.commit_tree(tree, &[whole, *other], b"merge of merge bases", date)?;
            whole_commit = self.commit(whole)?;
        }
        conflicts.sort_unstable();
        conflicts.dedup();
        let tree = whole_commit.tree;
        Ok(BaseTree { tree, conflicts })
    }
}
