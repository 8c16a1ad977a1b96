//! The history that a run makes: merge upon merge on top of the target.

use super::objects::Objects;
use crate::words::{ObjectId, Result};
use std::collections::{BTreeSet, HashMap, HashSet};

/// The merges of a run so far. It knows what a branch has in common with the latest of them without
/// walking down through all of them, so that a run takes time in proportion to its branches.
#[derive(Clone, Debug)]
pub struct Lineage {
    start: ObjectId,
    latest: ObjectId,
    merges: HashSet<ObjectId>,
    /// The commits that came in by merges, each with a merged commit that reaches it.
    brought: HashMap<ObjectId, ObjectId>,
}

impl Lineage {
    /// That of a run on top of the commit `start`, before its first merge.
    pub fn new(start: ObjectId) -> Self {
        Self {
            start,
            latest: start,
            merges: HashSet::new(),
            brought: HashMap::new(),
        }
    }

    /// Notes that the commit `merge` has merged `tip` with the latest merge.
    pub fn push(&mut self, objects: &Objects, tip: ObjectId, merge: ObjectId) -> Result<()> {
        for id in objects.own_commits(tip, &[self.start])? {
            self.brought.entry(id).or_insert(tip);
        }
        self.merges.insert(merge);
        self.latest = merge;
        Ok(())
    }

    /// The merge bases of the latest merge and `tip`: what [`Objects::merge_bases`] answers.
    ///
    /// The latest merge reaches what the start reaches, what merged commits reach, and the merges. So
    /// what it shares with `tip` beyond the start is among the commits that only `tip` has; only those
    /// merged commits matter that brought one of these.
    pub fn merge_bases(&self, objects: &Objects, tip: ObjectId) -> Result<Vec<ObjectId>> {
        let fork = objects.fork(tip, &[self.start])?;
        if fork.own.iter().any(|id| self.merges.contains(id)) {
            return objects.merge_bases(tip, &[self.latest]);
        }
        let met = fork.own.iter().filter_map(|id| self.brought.get(id));
        let mut met: BTreeSet<ObjectId> = met.copied().collect();
        if met.is_empty() {
            return Ok(fork.bases);
        }
        met.insert(self.start);
        objects.merge_bases(tip, &met.into_iter().collect::<Vec<_>>())
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Files, History, Random, TestRepo};
    use super::*;

    #[test]
    fn a_run_shares_with_a_branch_what_a_walk_finds() {
        let mut random = Random::new(7);
        for _ in 0..20 {
            let mut history = History::default();
            let files = Files::from([("a".to_owned(), "1".to_owned())]);
            history.commit(&[], 0, &files);
            // Merges of anything with anything: the merges of the run are among them.
            for number in 1..30 {
                let one = random.below(number);
                let other = random.below(number);
                let parents = if one == other {
                    vec![one]
                } else {
                    vec![one, other]
                };
                history.commit(&parents, 100, &files);
            }
            let repo = TestRepo::new();
            let ids = repo.import(&history);
            let quarantine = repo.open().quarantine().expect("a quarantine");
            let tree = quarantine.commit(ids[0]).expect("a commit").tree;
            let start = random.below(10);
            let mut lineage = Lineage::new(ids[start]);
            let mut latest = ids[start];
            for number in 0..8 {
                let tip = ids[random.below(ids.len())];
                let found = lineage.merge_bases(&quarantine, tip).expect("bases");
                let walked = quarantine.merge_bases(tip, &[latest]).expect("bases");
                assert_eq!(found, walked);
                let date = 100 + number;
                latest = quarantine
                    .commit_tree(tree, &[latest, tip], b"merge", date)
                    .expect("a commit");
                lineage.push(&quarantine, tip, latest).expect("noted");
            }
            // A branch that has merged what an earlier run had made.
            let merged = quarantine
                .commit_tree(tree, &[ids[29], latest], b"merge", 200)
                .expect("a commit");
            let found = lineage.merge_bases(&quarantine, merged).expect("bases");
            assert_eq!(found, [latest]);
        }
    }
}
