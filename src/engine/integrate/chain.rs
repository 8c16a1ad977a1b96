//! The branches merged so far, one on top of the other.

use super::super::judge::Judgement;
use super::fate::Fate;
use super::merging::{Merging, Onto};
use super::queue::Queue;
use crate::plan::Narrowing;
use crate::repo::{Ancestors, Lineage};
use crate::words::{Finding, ObjectId, Result};
use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

/// The branches merged so far.
pub(super) struct Chain {
    /// What became of each candidate, in order.
    pub fates: Vec<Fate>,
    /// The merge commits, in order: the candidate, its commit and its tree.
    pub merges: Vec<(usize, ObjectId, ObjectId)>,
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
}

/// The tree of a merge, or why there is none.
type Tree = std::result::Result<ObjectId, Finding>;

impl Chain {
    /// Nothing merged yet: all goes on top of the commit whose ancestors are `target` and whose tree is `tree`.
    pub(super) fn on(target: &Arc<Ancestors>, tree: ObjectId) -> Self {
        Self {
            fates: Vec::new(),
            merges: Vec::new(),
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
            before: queue.merged(chain),
        };
        let tree = merging.tree(candidate, &onto, tip)?;
        self.trees.borrow_mut().insert(key, tree.clone());
        Ok(tree)
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
