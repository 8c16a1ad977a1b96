//! The branches merged so far, one on top of the other.

use super::super::judge::Judgement;
use super::fate::Fate;
use super::merging::{Merging, NoMerge, Onto};
use super::queue::Queue;
use crate::plan::Narrowing;
use crate::repo::{Ancestors, Lineage};
use crate::words::{Finding, ObjectId, Result};
use rayon::prelude::*;
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// The branches merged so far.
pub(super) struct Chain {
    /// What became of each candidate, in order.
    pub fates: Vec<Fate>,
    /// The merge commits, in order: the candidate, its commit and its tree.
    pub merges: Vec<(usize, ObjectId, ObjectId)>,
    /// The candidates in conflict of which it is not told yet, each with how many were merged before it.
    pub conflicts: Vec<(usize, usize, NoMerge)>,
    /// How many candidates have not passed their own verification.
    pub failed: usize,
    /// The last good commit.
    pub commit: ObjectId,
    /// Its tree.
    pub tree: ObjectId,
    /// The merges as history, but for those that are not `noted` there yet.
    lineage: Lineage,
    noted: usize,
}

/// The merges that were made so far, each by the commit and the candidate that it merges: to make one
/// again costs nothing.
#[derive(Default)]
pub(super) struct Merges {
    trees: RefCell<HashMap<(ObjectId, usize), Tree>>,
    commits: RefCell<HashMap<(ObjectId, usize), ObjectId>>,
    /// What is to be said of those that are in conflict.
    told: RefCell<HashMap<(ObjectId, usize), Finding>>,
}

/// The tree of a merge, or why there is none.
type Tree = std::result::Result<ObjectId, NoMerge>;

impl Chain {
    /// Nothing merged yet: all goes on top of the commit whose ancestors are `target` and whose tree is `tree`.
    pub(super) fn on(target: &Arc<Ancestors>, tree: ObjectId) -> Self {
        Self {
            fates: Vec::new(),
            merges: Vec::new(),
            conflicts: Vec::new(),
            failed: 0,
            commit: target.commit(),
            tree,
            lineage: Lineage::new(Arc::clone(target)),
            noted: 0,
        }
    }

    /// How likely it is that the next candidate passes its own verification.
    pub(super) fn likelihood(&self) -> f64 {
        let merged = self.merges.len();
        let mut narrowing = Narrowing::new(merged + 1, 0, self.failed);
        narrowing.note(merged, true);
        narrowing.likelihood(merged + 1)
    }

    /// Puts the merge of the candidate at `index` on top.
    pub(super) fn push(&mut self, index: usize, commit: ObjectId, tree: ObjectId) {
        self.merges.push((index, commit, tree));
        (self.commit, self.tree) = (commit, tree);
    }
}

impl Merges {
    /// The tree of the candidate at `index`, whose commit is `tip`, on top of `chain`; or why it cannot be
    /// merged there.
    pub(super) fn tree(
        &self,
        merging: &Merging<'_>,
        queue: &Queue,
        (index, tip): (usize, ObjectId),
        chain: &mut Chain,
    ) -> Result<Tree> {
        let key = (chain.commit, index);
        if let Some(known) = self.trees.borrow().get(&key) {
            return Ok(known.clone());
        }
        let candidate = &queue.candidates[index];
        for (index, commit, _) in &chain.merges[chain.noted..] {
            if let Some(tip) = queue.candidates[*index].tip {
                chain.lineage.push(merging.quarantine, tip, *commit)?;
            }
        }
        chain.noted = chain.merges.len();
        let onto = Onto {
            commit: chain.commit,
            tree: chain.tree,
            bases: chain.lineage.merge_bases(merging.quarantine, tip)?,
            before: queue.parties(&chain.merges),
        };
        let tree = merging.tree(candidate, &onto, tip)?;
        self.trees.borrow_mut().insert(key, tree.clone());
        Ok(tree)
    }

    /// Puts what is to be said of the conflicts in `chain` into the fates of those who are in them. It
    /// decides nothing, so it is found out for all of them at once.
    pub(super) fn tell_conflicts(
        &self,
        merging: &Merging<'_>,
        queue: &Queue,
        chain: &mut Chain,
    ) -> Result<()> {
        let conflicts = std::mem::take(&mut chain.conflicts);
        let onto = |merged: usize| match merged.checked_sub(1) {
            Some(last) => chain.merges[last].1,
            None => merging.context.target,
        };
        let told = self.told.borrow();
        let conflicts = conflicts.into_iter().map(|(index, merged, conflict)| {
            let key = (onto(merged), index);
            (key, merged, conflict, told.get(&key).cloned())
        });
        let conflicts: Vec<_> = conflicts.collect();
        drop(told);
        let merges = &chain.merges;
        let tell = |((onto, index), merged, conflict, known): (_, usize, _, _)| {
            let finding = if let Some(finding) = known {
                finding
            } else {
                let before = queue.parties(&merges[..merged]);
                merging.told(&queue.candidates[index], &before, conflict)?
            };
            Ok(((onto, index), finding))
        };
        let told: Vec<Result<_>> = conflicts.into_par_iter().map(tell).collect();
        for told in told {
            let ((onto, index), finding) = told?;
            chain.fates[index] = Fate::Ejected(vec![finding.clone()]);
            self.told.borrow_mut().insert((onto, index), finding);
        }
        Ok(())
    }

    /// The commit of that merge.
    pub(super) fn commit(
        &self,
        merging: &Merging<'_>,
        candidate: &Judgement,
        (index, tip): (usize, ObjectId),
        (onto, tree): (ObjectId, ObjectId),
    ) -> Result<ObjectId> {
        let mut commits = self.commits.borrow_mut();
        if let Some(known) = commits.get(&(onto, index)) {
            return Ok(*known);
        }
        let commit = merging.commit(candidate, onto, tip, tree)?;
        commits.insert((onto, index), commit);
        Ok(commit)
    }
}
