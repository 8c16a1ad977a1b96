//! The history that a run makes: merge upon merge on top of the target.

use super::ancestors::{Ancestors, newest_first};
use super::objects::Objects;
use crate::words::{ObjectId, Result};
use std::collections::HashSet;
use std::sync::Arc;

/// The merges of a run so far. It knows what a branch has in common with the latest of them without
/// walking down through all of them, so that a run takes time in proportion to its branches.
#[derive(Clone, Debug)]
pub struct Lineage {
    /// What the commit has on which the run began.
    start: Arc<Ancestors>,
    latest: ObjectId,
    merges: HashSet<ObjectId>,
    /// The commits that came in by merges, and that the start does not have.
    brought: HashSet<ObjectId>,
}

impl Lineage {
    /// That of a run on top of the commit whose ancestors are `start`, before its first merge.
    pub fn new(start: Arc<Ancestors>) -> Self {
        Self {
            latest: start.commit(),
            start,
            merges: HashSet::new(),
            brought: HashSet::new(),
        }
    }

    /// Notes that the commit `merge` has merged `tip` with the latest merge.
    pub fn push(&mut self, objects: &Objects, tip: ObjectId, merge: ObjectId) -> Result<()> {
        self.brought.extend(self.start.fork(objects, tip)?.own);
        self.merges.insert(merge);
        self.latest = merge;
        Ok(())
    }

    /// The merge bases of the latest merge and `tip`: what [`Objects::merge_bases`] answers.
    ///
    /// The latest merge reaches what the start reaches, what merged commits reach, and the merges. So
    /// what it shares with `tip` beyond the start are those of the commits that the start does not have
    /// that came in by merges. With such a commit came all that it reaches, so the best of what is shared is what is
    /// no parent of one of them: among them, and among the bases of `tip` and the start.
    pub fn merge_bases(&self, objects: &Objects, tip: ObjectId) -> Result<Vec<ObjectId>> {
        let fork = self.start.fork(objects, tip)?;
        if fork.own.iter().any(|id| self.merges.contains(id)) {
            return objects.merge_bases(tip, &[self.latest]);
        }
        let shared = fork.own.iter().filter(|id| self.brought.contains(id));
        let shared: Vec<_> = shared.copied().collect();
        if shared.is_empty() {
            return Ok(fork.bases);
        }
        let graph = &objects.graph;
        let mut below: HashSet<usize> = HashSet::new();
        for id in &shared {
            below.extend(graph.parents(objects, graph.place(objects, *id)?)?);
        }
        let mut best = Vec::new();
        for id in shared.into_iter().chain(fork.bases) {
            let place = graph.place(objects, id)?;
            if !below.contains(&place) {
                best.push(place);
            }
        }
        Ok(newest_first(objects, best))
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
            let mut lineage = Lineage::new(Arc::new(Ancestors::of(ids[start])));
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
