//! What one commit reaches, found out once for everybody who asks.

use super::history::Fork;
use super::objects::Objects;
use super::walk::{SKEW, SLACK};
use crate::words::{ObjectId, Result};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, HashSet};
use std::sync::{PoisonError, RwLock};

/// How many commits may be kept of forks that were asked for.
const MAX_KEPT: usize = 100_000;

/// The ancestors of a commit, as far as anybody has asked for them: many branches are held against one
/// target, and its side of history is walked once for all of them. Can be shared among threads.
///
/// No answer depends on who asked before: how many steps of the walk count for an answer follows from the
/// dates in the question, however many have been taken.
#[derive(Debug)]
pub struct Ancestors {
    of: ObjectId,
    reached: RwLock<Reached>,
    /// What was answered before: a run asks when it judges a branch, and again when it merges it.
    forks: RwLock<Forks>,
}

/// Forks by the tips that were asked for.
#[derive(Debug, Default)]
struct Forks {
    by_tip: HashMap<ObjectId, Fork>,
    /// How many commits are in them.
    commits: usize,
}

impl Ancestors {
    /// Those of the commit `of`, which is one of its own.
    pub fn of(of: ObjectId) -> Self {
        Self {
            of,
            reached: RwLock::default(),
            forks: RwLock::default(),
        }
    }

    /// The commit whose ancestors they are.
    pub fn commit(&self) -> ObjectId {
        self.of
    }

    /// Where `tip` left them: what [`Objects::fork`] answers.
    ///
    /// # Errors
    /// [`crate::words::Code::MissingObject`] if a shallow clone ends before that is decided.
    pub fn fork(&self, objects: &Objects, tip: ObjectId) -> Result<Fork> {
        let forks = self.forks.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = forks.by_tip.get(&tip) {
            return Ok(known.clone());
        }
        drop(forks);
        let fork = self.walk(objects, tip)?;
        let mut forks = self.forks.write().unwrap_or_else(PoisonError::into_inner);
        let commits = forks.commits + fork.own.len();
        if commits <= MAX_KEPT && forks.by_tip.insert(tip, fork.clone()).is_none() {
            forks.commits = commits;
        }
        Ok(fork)
    }

    fn walk(&self, objects: &Objects, tip: ObjectId) -> Result<Fork> {
        let graph = &objects.graph;
        if graph.is_shallow() {
            return objects.fork(tip, &[self.of]);
        }
        let start = graph.place(objects, tip)?;
        let mut floor = u64::MAX;
        let (own, met) = loop {
            let (own, met) = self.leave(objects, start, &mut floor)?;
            // The oldest date of all may tell more of the newer ones.
            if !self.reaches_any(objects, &own, floor)? {
                break (own, met);
            }
        };
        // Whatever both sides reach is reached from these.
        let mut bases = newest_first(objects, met);
        if bases.len() > 1 {
            objects.drop_reachable(&mut bases)?;
        }
        let own = newest_first(objects, own);
        Ok(Fork { bases, own })
    }

    /// Walks from `start` down to the first commits that are reached: the commits on the way, and those.
    /// The oldest date that was met lowers `floor`.
    fn leave(
        &self,
        objects: &Objects,
        start: usize,
        floor: &mut u64,
    ) -> Result<(Vec<usize>, Vec<usize>)> {
        let graph = &objects.graph;
        let (mut own, mut met) = (Vec::new(), Vec::new());
        let mut seen = HashSet::from([start]);
        let mut queue = BinaryHeap::from([(graph.node(start).date, start)]);
        while let Some((date, place)) = queue.pop() {
            *floor = date.min(*floor);
            if self.reaches_any(objects, &[place], *floor)? {
                met.push(place);
                continue;
            }
            own.push(place);
            for parent in graph.parents(objects, place)? {
                if seen.insert(*parent) {
                    queue.push((graph.node(*parent).date, *parent));
                }
            }
        }
        Ok((own, met))
    }

    /// Whether any of these places is reached, as far as it takes to tell for dates from `floor` on.
    fn reaches_any(&self, objects: &Objects, places: &[usize], floor: u64) -> Result<bool> {
        let reached = self.reached.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(steps) = reached.sufficient(floor) {
            return Ok(reached.any(places, steps));
        }
        drop(reached);
        let mut reached = self.reached.write().unwrap_or_else(PoisonError::into_inner);
        let steps = loop {
            match reached.sufficient(floor) {
                Some(steps) => break steps,
                None => reached.step(objects, self.of)?,
            }
        };
        Ok(reached.any(places, steps))
    }
}

/// A walk from the newest commit to the oldest, as far as it has come.
#[derive(Debug, Default)]
struct Reached {
    /// The commits to visit next: by date, and by id where dates are equal, with their places.
    queue: BinaryHeap<(u64, ObjectId, usize)>,
    /// The step that reached the commit at each place, counted from 1; 0 if none has.
    by: Vec<usize>,
    /// The oldest date that was visited up to each step.
    oldest: Vec<u64>,
}

impl Reached {
    /// How many steps count for dates from `floor` on; `None` if they have not been taken yet.
    fn sufficient(&self, floor: u64) -> Option<usize> {
        let is_near = |date: &u64| date.saturating_add(SKEW) >= floor;
        let steps = self.oldest.partition_point(is_near) + SLACK;
        let is_over = !self.oldest.is_empty() && self.queue.is_empty();
        (steps <= self.oldest.len() || is_over).then_some(steps)
    }

    /// Whether one of the first `steps` steps has reached any of these places.
    fn any(&self, places: &[usize], steps: usize) -> bool {
        let by = |place: &usize| self.by.get(*place).copied().unwrap_or(0);
        places.iter().any(|place| (1..=steps).contains(&by(place)))
    }

    /// Visits the newest commit that is to be visited: the first of all is `of`.
    fn step(&mut self, objects: &Objects, of: ObjectId) -> Result<()> {
        let graph = &objects.graph;
        let step = self.oldest.len() + 1;
        if self.oldest.is_empty() && self.queue.is_empty() {
            self.reach(objects, graph.place(objects, of)?, step);
        }
        let Some((date, _, place)) = self.queue.peek().copied() else {
            return Ok(());
        };
        // Nothing has happened yet if this fails.
        let parents = graph.parents(objects, place)?;
        self.queue.pop();
        for parent in parents {
            self.reach(objects, *parent, step);
        }
        let oldest = self.oldest.last().map_or(date, |oldest| date.min(*oldest));
        self.oldest.push(oldest);
        Ok(())
    }

    fn reach(&mut self, objects: &Objects, place: usize, step: usize) {
        if place >= self.by.len() {
            self.by.resize(place + 1, 0);
        }
        if self.by[place] == 0 {
            self.by[place] = step;
            let node = objects.graph.node(place);
            self.queue.push((node.date, node.id, place));
        }
    }
}

/// The commits at these places, the newest first, and by id where dates are equal.
pub(super) fn newest_first(objects: &Objects, mut places: Vec<usize>) -> Vec<ObjectId> {
    let node = |place: &usize| objects.graph.node(*place);
    places.sort_unstable_by_key(|place| (Reverse(node(place).date), node(place).id));
    places.iter().map(|place| node(place).id).collect()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Files, History, Random, TestRepo};
    use super::*;

    /// A history of merges and branches whose dates may be off by `skew` seconds.
    fn random_history(random: &mut Random, commits: usize, skew: usize) -> History {
        let mut history = History::default();
        for number in 0..commits {
            let mut parents = Vec::new();
            for _ in 0..[1, 1, 2][random.below(3)] {
                if number > 0 && random.below(20) > 0 {
                    parents.push(number - 1 - random.below(number.min(12)));
                }
            }
            parents.sort_unstable();
            parents.dedup();
            let date = 1_700_000_000 + 6000 * number + random.below(skew + 1);
            let date = i64::try_from(date).expect("a date");
            let files = Files::from([("n".into(), number.to_string())]);
            history.commit(&parents, date, &files);
        }
        history
    }

    #[test]
    fn where_a_branch_left_is_where_two_walks_meet() {
        for (seed, format, skew) in [(1, "sha1", 0), (2, "sha256", 100_000)] {
            let repo = TestRepo::with_format(format);
            let mut random = Random::new(seed);
            let ids = repo.import(&random_history(&mut random, 600, skew));
            let opened = repo.open();
            for of in [599, 590, 300] {
                let ancestors = Ancestors::of(ids[of]);
                for _ in 0..40 {
                    let tip = ids[random.below(ids.len())];
                    let walked = opened.fork(tip, &[ids[of]]);
                    assert_eq!(
                        ancestors.fork(&opened, tip),
                        walked,
                        "{tip} and {}",
                        ids[of]
                    );
                }
            }
        }
    }

    #[test]
    fn no_answer_depends_on_who_asked_before() {
        // Behind a commit that claims to be very old, a branch's own commit is far out of sight.
        let mut history = History::default();
        let files = Files::new();
        let date = |days: usize| 1_700_000_000 - i64::try_from(days).expect("few") * 86_400;
        let root = history.commit(&[], date(5000), &files);
        let mut line = root;
        for number in 0..400 {
            line = history.commit(&[line], date(1000 - number), &files);
        }
        let hidden = history.commit(&[line], date(10), &files);
        let old = history.commit(&[hidden], date(4000), &files);
        let target = history.commit(&[line, old], date(0), &files);
        let repo = TestRepo::new();
        let ids = repo.import(&history);
        let opened = repo.open();
        let alone = |tip: usize| Ancestors::of(ids[target]).fork(&opened, ids[tip]);
        let late = Ancestors::of(ids[target]);
        for tip in [root, hidden, line, hidden, target] {
            assert_eq!(late.fork(&opened, ids[tip]), alone(tip), "commit {tip}");
        }
    }

    #[test]
    fn a_history_that_cannot_be_read_is_an_error_each_time() {
        let repo = TestRepo::new();
        let first = repo.commit("first");
        let second = repo.commit("second");
        let hex = first.to_string();
        let path = repo.path.join(".git/objects").join(&hex[..2]);
        std::fs::remove_file(path.join(&hex[2..])).expect("removed");
        let opened = repo.open();
        let ancestors = Ancestors::of(second);
        for _ in 0..2 {
            assert!(ancestors.fork(&opened, second).is_err());
        }
    }
}
