//! What a branch really changed: what it adds to what it was allowed to build on.

use super::Context;
use super::conflicts::Conflicts;
use super::edits::edits;
use super::links::{moved_links, new_links};
use super::names::new_names;
use super::parallel::each;
use super::presence::{Presence, Present};
use crate::manifest::{AgentId, History};
use crate::ownership::Ownership;
use crate::repo::{Ancestors, Fork, Objects, Quarantine, Repo};
use crate::verdict::{CommitChanges, Edits, Link, NewName, Work};
use crate::words::{Change, ObjectId, RepoPath, Result};
use std::collections::HashMap;
use std::sync::OnceLock;

/// What the commits of a branch are compared with.
pub(super) struct Attribution<'a> {
    repo: &'a Repo,
    /// The rules: some are about what a file holds.
    ownership: &'a Ownership,
    /// The commits of any branch that need not be looked at again.
    present: &'a Present,
    /// The target, and the tips of all that the branch may build on.
    built_on: Vec<ObjectId>,
    /// What the target has, where that is all that the branch may build on.
    ancestors: Option<&'a Ancestors>,
    /// The target's tree: names that it has collide with new ones too.
    target_tree: ObjectId,
    /// Where merges are repeated; made when the first one has to be.
    quarantine: OnceLock<Quarantine>,
}

/// What is needed of a commit to tell what it changed.
struct OwnCommit {
    id: ObjectId,
    tree: ObjectId,
    parents: Vec<ObjectId>,
}

/// The net change, and what is to be said of it besides the paths.
pub(super) struct Net {
    pub changes: Vec<Change>,
    pub names: Vec<NewName>,
    pub links: Vec<Link>,
    pub moved_links: Vec<Link>,
    pub edits: Edits,
}

/// The state that a branch started from.
struct Base {
    /// `None` stands for the empty tree: the branch shares nothing with what it may build on.
    tree: Option<ObjectId>,
    /// Paths on which several merge bases disagree.
    conflicts: Vec<RepoPath>,
    /// The merge bases.
    commits: Vec<ObjectId>,
}

impl<'a> Attribution<'a> {
    /// Compares with what a branch of `agent` may build on.
    pub(super) fn for_agent(context: &'a Context, agent: AgentId) -> Result<Self> {
        let built_on = context.built_on(agent)?;
        Ok(Self {
            repo: &context.repo,
            ownership: &context.ownership,
            present: &context.present,
            ancestors: (built_on == [context.target]).then_some(&*context.ancestors),
            built_on,
            target_tree: context.target_tree,
            quarantine: OnceLock::new(),
        })
    }

    /// The same where it may build on `commit` as well.
    pub(super) fn on_top_of(
        context: &'a Context,
        agent: AgentId,
        commit: ObjectId,
    ) -> Result<Self> {
        let mut attribution = Self::for_agent(context, agent)?;
        attribution.built_on.push(commit);
        attribution.ancestors = None;
        attribution.target_tree = context.repo.commit(commit)?.tree;
        Ok(attribution)
    }

    /// The own work of the branch with this tip: its net change and, if `history` asks for them,
    /// the changes of each of its commits, newest first.
    pub(super) fn work(&self, tip: ObjectId, history: History) -> Result<Work> {
        let Fork { bases, own } = self.fork(tip)?;
        let commits = match history {
            History::Net => Vec::new(),
            History::EveryCommit => self.commits(&own)?,
        };
        let tree = self.repo.commit(tip)?.tree;
        let unrelated = bases.is_empty();
        let net = self.against(bases, |objects, base| objects.diff(base, tree))?;
        let mut presence = Presence::of(self.repo);
        presence.check(&net.changes)?;
        match history {
            // Nobody judges these commits one by one, but they land with the branch.
            History::Net => {
                for id in own.iter().filter(|id| !self.present.knows(**id)) {
                    presence.check(&self.brought(*id)?)?;
                    self.present.note(*id);
                }
            }
            History::EveryCommit => {
                for commit in &commits {
                    presence.check(&commit.changes)?;
                }
            }
        }
        Ok(Work {
            net: net.changes,
            commits,
            unrelated,
            own: own.len(),
            names: net.names,
            links: net.links,
            moved_links: net.moved_links,
            edits: net.edits,
        })
    }

    /// Where the branch with this tip left what it may build on.
    fn fork(&self, tip: ObjectId) -> Result<Fork> {
        match self.ancestors {
            Some(ancestors) => ancestors.fork(self.repo, tip),
            None => self.repo.fork(tip, &self.built_on),
        }
    }

    /// What a commit holds that none of its parents does.
    fn brought(&self, id: ObjectId) -> Result<Vec<Change>> {
        let commit = self.repo.new_commit(id)?;
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
        let read = |id: &ObjectId| {
            let commit = self.repo.new_commit(*id)?;
            let (tree, parents) = (commit.tree, commit.parents);
            Ok(OwnCommit {
                id: *id,
                tree,
                parents,
            })
        };
        let own = each(own, read).into_iter().collect::<Result<Vec<_>>>()?;
        let trees: HashMap<_, _> = own.iter().map(|own| (own.id, own.tree)).collect();
        let judge = |commit: &OwnCommit| {
            let changes = self.commit_changes(commit, &trees)?;
            Ok(CommitChanges {
                commit: commit.id,
                // Its own tree has all that it changed, so links lead where they led then.
                links: new_links(self.repo.objects(), Some(commit.tree), &changes)?,
                edits: edits(self.ownership, self.objects(), &changes)?,
                changes,
            })
        };
        // The oldest first: what a tree has in common with one that was read is not read again.
        let oldest_first: Vec<_> = own.iter().rev().collect();
        let judged: Vec<Result<CommitChanges>> = each(&oldest_first, |commit| judge(commit));
        // One after the other again: which of several errors is told must not be chance.
        let mut commits = Vec::new();
        for changes in judged.into_iter().rev() {
            let changes = changes?;
            if !changes.changes.is_empty() {
                commits.push(changes);
            }
        }
        Ok(commits)
    }

    /// The commits that are reachable from `tip` and from nothing it may build on.
    pub(super) fn own_commits(&self, tip: ObjectId) -> Result<Vec<ObjectId>> {
        match self.ancestors {
            Some(ancestors) => Ok(ancestors.fork(self.repo, tip)?.own),
            None => self.repo.own_commits(tip, &self.built_on),
        }
    }

    /// What `diff` finds between the base of a commit with these `parents`, and that commit.
    pub(super) fn against_base(
        &self,
        parents: &[ObjectId],
        diff: impl FnOnce(&Objects, Option<ObjectId>) -> Result<Vec<Change>>,
    ) -> Result<Net> {
        self.against(self.bases(parents)?, diff)
    }

    /// What `diff` finds between the merge of these merge bases and something on top of them.
    fn against(
        &self,
        bases: Vec<ObjectId>,
        diff: impl FnOnce(&Objects, Option<ObjectId>) -> Result<Vec<Change>>,
    ) -> Result<Net> {
        let base = self.base(bases)?;
        // The merge of several bases is in the quarantine alone.
        let objects = self.objects();
        let mut changes = diff(objects, base.tree)?;
        if let Some(merged) = base.tree.filter(|_| !base.conflicts.is_empty()) {
            // A path counts only if nothing that the branch came from has it so.
            let sides = self.trees(base.commits.iter().chain(&self.built_on))?;
            let conflicts = Conflicts {
                merged,
                paths: &base.conflicts,
                sides: &sides,
                blameless: &sides,
            };
            changes = conflicts.settle(objects, changes)?;
        }
        Ok(Net {
            names: new_names(objects, base.tree, self.target_tree, &changes)?,
            links: new_links(objects, base.tree, &changes)?,
            moved_links: moved_links(objects, base.tree, &changes)?,
            edits: edits(self.ownership, objects, &changes)?,
            changes,
        })
    }

    /// The merge bases of a commit with these `parents` and what it may build on.
    fn bases(&self, parents: &[ObjectId]) -> Result<Vec<ObjectId>> {
        match parents {
            [] => Ok(Vec::new()),
            [tip] => match self.ancestors {
                Some(ancestors) => Ok(ancestors.fork(self.repo, *tip)?.bases),
                None => self.repo.merge_bases(*tip, &self.built_on),
            },
            several => {
                // A merge in progress: the commit to come stands for all its parents.
                let tree = self.repo.commit(several[0])?.tree;
                let quarantine = self.quarantine()?;
                let merge = quarantine.commit_tree(tree, several, b"", 0)?;
                quarantine.merge_bases(merge, &self.built_on)
            }
        }
    }

    /// The state that these merge bases amount to.
    fn base(&self, commits: Vec<ObjectId>) -> Result<Base> {
        let (tree, conflicts) = match commits.as_slice() {
            [] => (None, Vec::new()),
            [only] => (Some(self.repo.commit(*only)?.tree), Vec::new()),
            several => {
                let merged = self.quarantine()?.merge_all(several)?;
                (Some(merged.tree), merged.conflicts)
            }
        };
        Ok(Base {
            tree,
            conflicts,
            commits,
        })
    }

    /// The trees of these commits.
    fn trees<'b>(&self, commits: impl IntoIterator<Item = &'b ObjectId>) -> Result<Vec<ObjectId>> {
        let tree = |id: &ObjectId| self.repo.commit(*id).map(|commit| commit.tree);
        commits.into_iter().map(tree).collect()
    }

    /// What one commit changed: against its parent, against nothing if it has none, and against
    /// the automatic merge of its parents if it has several. `trees` are those of commits that were
    /// read already.
    fn commit_changes(
        &self,
        commit: &OwnCommit,
        trees: &HashMap<ObjectId, ObjectId>,
    ) -> Result<Vec<Change>> {
        match commit.parents.as_slice() {
            [] => self.repo.diff(None, commit.tree),
            [parent] => {
                let before = match trees.get(parent) {
                    Some(tree) => *tree,
                    None => self.repo.commit(*parent)?.tree,
                };
                self.repo.diff(Some(before), commit.tree)
            }
            parents => self.merge_changes(parents, commit.tree),
        }
    }

    /// How `tree` differs from the automatic merge of `parents`, one after the other. At a path in
    /// conflict, the version of a parent that the branch may build on is nobody's fault.
    fn merge_changes(&self, parents: &[ObjectId], tree: ObjectId) -> Result<Vec<Change>> {
        let quarantine = self.quarantine()?;
        let automatic = quarantine.merge_all(parents)?;
        let changes = quarantine.diff(Some(automatic.tree), tree)?;
        if automatic.conflicts.is_empty() {
            return Ok(changes);
        }
        let mut blameless = Vec::new();
        for parent in parents {
            if self.own_commits(*parent)?.is_empty() {
                blameless.push(self.repo.commit(*parent)?.tree);
            }
        }
        let conflicts = Conflicts {
            merged: automatic.tree,
            paths: &automatic.conflicts,
            sides: &self.trees(parents)?,
            blameless: &blameless,
        };
        conflicts.settle(quarantine.objects(), changes)
    }

    /// The objects of the repository, and of the quarantine if there is one.
    fn objects(&self) -> &Objects {
        let quarantine = self.quarantine.get();
        quarantine.map_or(self.repo.objects(), Quarantine::objects)
    }

    fn quarantine(&self) -> Result<&Quarantine> {
        if let Some(quarantine) = self.quarantine.get() {
            return Ok(quarantine);
        }
        let made = self.repo.quarantine()?.heeding(self.target_tree);
        Ok(self.quarantine.get_or_init(|| made))
    }
}
