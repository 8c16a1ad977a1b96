//! What became of a file in the merges of a chain, also under the names that they gave it.

use super::super::chain::Chain;
use crate::repo::Quarantine;
use crate::words::{Entry, ObjectId, RepoPath, Result};
use std::collections::hash_map;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

/// The trees of a chain, and what its merges renamed.
pub(super) struct Trees<'a> {
    quarantine: &'a Quarantine,
    chain: &'a Chain,
    target: ObjectId,
    /// The paths that several merges touched.
    touched: BTreeSet<&'a RepoPath>,
    /// What became of these in merges, as far as that was asked.
    renamed: Mutex<HashMap<usize, BTreeMap<RepoPath, RepoPath>>>,
}

impl<'a> Trees<'a> {
    pub(super) fn new(
        quarantine: &'a Quarantine,
        chain: &'a Chain,
        target: ObjectId,
        touched: BTreeSet<&'a RepoPath>,
    ) -> Self {
        Self {
            quarantine,
            chain,
            target,
            touched,
            renamed: Mutex::default(),
        }
    }

    /// The tree behind this merge.
    fn after(&self, merge: usize) -> ObjectId {
        self.chain.merges[merge].2
    }

    /// The new name of the file `path`, which this merge deletes, if it renames it.
    fn new_name(&self, merge: usize, path: &RepoPath) -> Result<Option<RepoPath>> {
        let before = merge.checked_sub(1);
        let before = before.map_or(self.target, |merge| self.after(merge));
        let ask = |paths| self.quarantine.renamed(before, self.after(merge), paths);
        if !self.touched.contains(path) {
            return Ok(ask(&BTreeSet::from([path]))?.remove(path));
        }
        let mut renamed = self.renamed.lock().unwrap_or_else(PoisonError::into_inner);
        let renamed = match renamed.entry(merge) {
            hash_map::Entry::Occupied(known) => known.into_mut(),
            hash_map::Entry::Vacant(new) => new.insert(ask(&self.touched)?),
        };
        Ok(renamed.get(path).cloned())
    }
}

/// What one merge made of a file.
pub(super) struct Step {
    /// Which merge of the chain it is.
    pub(super) merge: usize,
    pub(super) tree: ObjectId,
    /// Where the file is behind it, or was before it.
    pub(super) path: RepoPath,
    /// What is there behind it.
    pub(super) entry: Option<Entry>,
}

/// The merges that changed a file, in order.
pub(super) struct PathHistory<'a> {
    pub(super) path: &'a RepoPath,
    pub(super) target: ObjectId,
    /// What was there before all of them.
    pub(super) before: Option<Entry>,
    pub(super) steps: Vec<Step>,
    /// The names that it was given, each with the merge that did.
    pub(super) names: Vec<(usize, RepoPath)>,
}

impl<'a> PathHistory<'a> {
    /// The history of the file that is at `path` first, which `merges` touch.
    pub(super) fn read(trees: &Trees<'_>, path: &'a RepoPath, merges: &[usize]) -> Result<Self> {
        let mut history = Self {
            path,
            target: trees.target,
            before: trees.quarantine.entry_at(trees.target, path)?,
            steps: Vec::new(),
            names: Vec::new(),
        };
        history.walk(trees, path, merges.iter().copied())?;
        while let Some(Step {
            merge, entry: None, ..
        }) = history.steps.last()
        {
            let (merge, old) = (*merge, history.name());
            let Some(new) = trees.new_name(merge, old)? else {
                break;
            };
            history.steps.pop();
            // By this name, whoever goes on from there may have changed it.
            history.walk(trees, &new, merge..trees.chain.merges.len())?;
            history.names.push((merge, new));
        }
        Ok(history)
    }

    /// Adds what `merges` made of the file, which is at `path` all the time.
    fn walk(
        &mut self,
        trees: &Trees<'_>,
        path: &RepoPath,
        merges: impl Iterator<Item = usize>,
    ) -> Result<()> {
        let mut last = self.entry_before(self.steps.len());
        for merge in merges {
            let tree = trees.after(merge);
            let entry = trees.quarantine.entry_at(tree, path)?;
            if entry != last {
                last = entry;
                self.steps.push(Step {
                    merge,
                    tree,
                    path: path.clone(),
                    entry,
                });
            }
        }
        Ok(())
    }

    /// The last name of the file.
    fn name(&self) -> &RepoPath {
        self.names.last().map_or(self.path, |(_, name)| name)
    }

    /// Whether the file is another one that was given this name, and is followed from there.
    pub(super) fn is_another_ones(&self, names: &BTreeSet<(usize, RepoPath)>) -> bool {
        let begins = self.steps.first().filter(|_| self.before.is_none());
        begins.is_some_and(|step| names.contains(&(step.merge, self.path.clone())))
    }

    /// What was there before the step at this place.
    pub(super) fn entry_before(&self, at: usize) -> Option<Entry> {
        at.checked_sub(1)
            .map_or(self.before, |at| self.steps[at].entry)
    }

    /// The last step that made what `was` there to what `is` there.
    pub(super) fn last_from(
        &self,
        was: impl Fn(Option<Entry>) -> bool,
        is: impl Fn(Option<Entry>) -> bool,
    ) -> Option<usize> {
        let turns = |at: &usize| was(self.entry_before(*at)) && is(self.steps[*at].entry);
        let at = (0..self.steps.len()).rev().find(turns)?;
        Some(self.steps[at].merge)
    }
}
