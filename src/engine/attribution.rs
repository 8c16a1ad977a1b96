//! What a branch really changed: what it adds to what it was allowed to build on.

use super::Context;
use crate::manifest::{AgentId, History};
use crate::repo::{Merge, Objects, Quarantine, Repo};
use crate::verdict::{CommitChanges, Work};
use crate::words::{Change, Entry, ObjectId, RepoPath, Result};
use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What the commits of a branch are compared with.
pub(super) struct Attribution<'a> {
    repo: &'a Repo,
    /// The target, and the tips of all that the branch may build on.
    built_on: Vec<ObjectId>,
    /// Where merges are repeated; made when the first one has to be.
    quarantine: OnceCell<Quarantine>,
}

/// Sees to it that what lands can be read: an object that nobody has must not pass for work.
struct Presence<'a> {
    repo: &'a Repo,
    seen: HashSet<Entry>,
}

impl<'a> Presence<'a> {
    fn of(repo: &'a Repo) -> Self {
        Self {
            repo,
            seen: HashSet::new(),
        }
    }

    fn check(&mut self, changes: &[Change]) -> Result<()> {
        for change in changes {
            if change.after.is_some_and(|entry| self.seen.insert(entry)) {
                self.repo.check_brought(change)?;
            }
        }
        Ok(())
    }
}

/// The state that a branch started from.
struct Base {
    /// `None` stands for the empty tree: the branch shares nothing with what it may build on.
    tree: Option<ObjectId>,
    /// Paths on which several merge bases disagree.
    conflicts: BTreeSet<RepoPath>,
    /// The merge bases.
    commits: Vec<ObjectId>,
}

impl<'a> Attribution<'a> {
    /// Compares with what a branch of `agent` may build on.
    pub(super) fn for_agent(context: &'a Context, agent: AgentId) -> Result<Self> {
        let built_on = context.built_on(agent)?;
        Ok(Self {
            repo: &context.repo,
            built_on,
            quarantine: OnceCell::new(),
        })
    }

    /// The own work of the branch with this tip: its net change and, if `history` asks for them,
    /// the changes of each of its commits, newest first.
    pub(super) fn work(&self, tip: ObjectId, history: History) -> Result<Work> {
        let own = self.repo.own_commits(tip, &self.built_on)?;
        let net = self.net(tip)?;
        let commits = match history {
            History::Net => Vec::new(),
            History::EveryCommit => self.commits(&own)?,
        };
        let mut presence = Presence::of(self.repo);
        presence.check(&net)?;
        match history {
            // Nobody judges these commits one by one, but they land with the branch.
            History::Net => {
                for id in &own {
                    presence.check(&self.brought(*id)?)?;
                }
            }
            History::EveryCommit => {
                for commit in &commits {
                    presence.check(&commit.changes)?;
                }
            }
        }
        Ok(Work {
            net,
            commits,
            own: own.len(),
        })
    }

    /// What a commit holds that none of its parents does.
    fn brought(&self, id: ObjectId) -> Result<Vec<Change>> {
        let commit = self.repo.commit(id)?;
        let Some((first, others)) = commit.parents.split_first() else {
            return self.repo.diff(None, commit.tree);
        };
        let tree_of = |parent: &ObjectId| self.repo.commit(*parent).map(|commit| commit.tree);
        let mut changes = self.repo.diff(Some(tree_of(first)?), commit.tree)?;
        for parent in others {
            let differs = self.repo.diff(Some(tree_of(parent)?), commit.tree)?;
            let by_path = |change: &Change| {
                differs
                    .binary_search_by(|other| other.path.cmp(&change.path))
                    .is_ok()
            };
            changes.retain(by_path);
        }
        Ok(changes)
    }

    /// The changes of each commit of `own` that has any.
    pub(super) fn commits(&self, own: &[ObjectId]) -> Result<Vec<CommitChanges>> {
        let mut commits = Vec::new();
        for id in own {
            let changes = self.commit_changes(*id)?;
            if !changes.is_empty() {
                commits.push(CommitChanges {
                    commit: *id,
                    changes,
                });
            }
        }
        Ok(commits)
    }

    /// The commits that are reachable from `tip` and from nothing it may build on.
    pub(super) fn own_commits(&self, tip: ObjectId) -> Result<Vec<ObjectId>> {
        self.repo.own_commits(tip, &self.built_on)
    }

    /// The difference between the base of `tip` and its tree.
    fn net(&self, tip: ObjectId) -> Result<Vec<Change>> {
        let tree = self.repo.commit(tip)?.tree;
        self.against_base(&[tip], |objects, base| objects.diff(base, tree))
    }

    /// The difference between the base of a commit with these `parents` (or of the commit itself,
    /// where it exists) and what `diff` compares its tree with.
    pub(super) fn against_base(
        &self,
        parents: &[ObjectId],
        diff: impl FnOnce(&Objects, Option<ObjectId>) -> Result<Vec<Change>>,
    ) -> Result<Vec<Change>> {
        let base = self.base(parents)?;
        // The merge of several bases is in the quarantine alone.
        let objects = self
            .quarantine
            .get()
            .map_or(self.repo.objects(), Quarantine::objects);
        let mut changes = diff(objects, base.tree)?;
        if !base.conflicts.is_empty() {
            let known = self.known_versions(&base)?;
            changes.retain(|change| {
                !base.conflicts.contains(&change.path)
                    || !known
                        .get(&change.path)
                        .is_some_and(|known| known.contains(&change.after))
            });
        }
        Ok(changes)
    }

    /// What the history of `parents` shares with what it may build on.
    fn base(&self, parents: &[ObjectId]) -> Result<Base> {
        let commits = match parents {
            [] => Vec::new(),
            [tip] => self.repo.merge_bases(*tip, &self.built_on)?,
            several => {
                // A merge in progress: the commit to come stands for all its parents.
                let tree = self.repo.commit(several[0])?.tree;
                let quarantine = self.quarantine()?;
                let merge = quarantine.commit_tree(tree, several, b"", 0)?;
                quarantine.merge_bases(merge, &self.built_on)?
            }
        };
        let (tree, conflicts) = match commits.as_slice() {
            [] => (None, BTreeSet::new()),
            [only] => (Some(self.repo.commit(*only)?.tree), BTreeSet::new()),
            several => {
                let merged = self.quarantine()?.merge_of_bases(several)?;
                (Some(merged.tree), merged.conflicts.into_iter().collect())
            }
        };
        Ok(Base {
            tree,
            conflicts,
            commits,
        })
    }

    /// What the merge bases and everything built on hold at the paths the bases disagree on.
    fn known_versions(&self, base: &Base) -> Result<BTreeMap<RepoPath, Vec<Option<Entry>>>> {
        let mut known: BTreeMap<RepoPath, Vec<Option<Entry>>> = BTreeMap::new();
        for commit in base.commits.iter().chain(&self.built_on) {
            let tree = self.repo.commit(*commit)?.tree;
            for path in &base.conflicts {
                known
                    .entry(path.clone())
                    .or_default()
                    .push(self.repo.entry_at(tree, path)?);
            }
        }
        Ok(known)
    }

    /// What one commit changed: against its parent, against nothing if it has none, and against
    /// the automatic merge of its parents if it has several.
    fn commit_changes(&self, id: ObjectId) -> Result<Vec<Change>> {
        let commit = self.repo.commit(id)?;
        match commit.parents.as_slice() {
            [] => self.repo.diff(None, commit.tree),
            [parent] => self
                .repo
                .diff(Some(self.repo.commit(*parent)?.tree), commit.tree),
            parents => self.merge_changes(parents, commit.tree),
        }
    }

    /// How `tree` differs from the automatic merge of `parents`, one after the other. At a path in
    /// conflict, the version of a parent that the branch may build on is nobody's fault.
    fn merge_changes(&self, parents: &[ObjectId], tree: ObjectId) -> Result<Vec<Change>> {
        let quarantine = self.quarantine()?;
        let mut conflicts = BTreeSet::new();
        let mut merged = parents[0];
        for parent in &parents[1..] {
            let result = match quarantine.merge(merged, *parent)? {
                Merge::Clean { tree } => tree,
                Merge::Conflict { tree, paths } => {
                    conflicts.extend(paths.into_iter().map(|conflict| conflict.path));
                    tree
                }
                // Nothing to compare with: whatever is not the first parent's is a change.
                Merge::Unrelated => self.repo.commit(parents[0])?.tree,
            };
            merged = quarantine.commit_tree(result, &[merged, *parent], b"", 0)?;
        }
        let automatic = quarantine.commit(merged)?.tree;
        let mut changes = quarantine.diff(Some(automatic), tree)?;
        if !conflicts.is_empty() {
            let blameless = self.blameless_versions(parents, &conflicts)?;
            changes.retain(|change| !blameless.contains(&(change.path.clone(), change.after)));
        }
        Ok(changes)
    }

    /// The versions at `paths` of those `parents` that are reachable from what was built on.
    fn blameless_versions(
        &self,
        parents: &[ObjectId],
        paths: &BTreeSet<RepoPath>,
    ) -> Result<BTreeSet<(RepoPath, Option<Entry>)>> {
        let mut versions = BTreeSet::new();
        for parent in parents {
            if !self.repo.own_commits(*parent, &self.built_on)?.is_empty() {
                continue;
            }
            let tree = self.repo.commit(*parent)?.tree;
            for path in paths {
                versions.insert((path.clone(), self.repo.entry_at(tree, path)?));
            }
        }
        Ok(versions)
    }

    fn quarantine(&self) -> Result<&Quarantine> {
        if let Some(quarantine) = self.quarantine.get() {
            return Ok(quarantine);
        }
        let made = self.repo.quarantine()?;
        Ok(self.quarantine.get_or_init(|| made))
    }
}
