//! Questions about history, answered by painting commits from the newest to the oldest, as git does.
//!
//! Commits are visited by date, since a generation number is not known without a commit-graph and the
//! answer must not depend on whether there is one. Paint only ever flows from child to parent, so what
//! is painted as hidden really is hidden; where the dates of commits contradict their order, a commit
//! may miss a coat that it deserves. [`SLACK`] further commits are visited to give it to them.

use super::commit::Commit;
use super::graph::{IdMap, Node};
use super::objects::Objects;
use crate::words::{Code, Finding, ObjectId, Result};
use std::collections::BinaryHeap;
use std::sync::Arc;

/// How many commits more are visited after the question seems to be answered.
const SLACK: usize = 128;
/// How far dates are believed to be off, in seconds: two days.
const SKEW: u64 = 2 * 86_400;

/// Reachable from the first side.
const ONE: u8 = 1;
/// Reachable from the other side.
const TWO: u8 = 2;
/// Below a commit that both sides reach.
const STALE: u8 = 4;

impl Objects {
    /// The best common ancestors of `tip` and of a merge of all `others`: what
    /// `git merge-base --all TIP OTHERS…` prints; the newest first. Empty for unrelated histories.
    ///
    /// # Errors
    /// [`Code::MissingObject`] if a shallow clone ends before that is decided.
    pub fn merge_bases(&self, tip: ObjectId, others: &[ObjectId]) -> Result<Vec<ObjectId>> {
        if others.contains(&tip) {
            self.commit(tip)?;
            return Ok(vec![tip]);
        }
        let mut walk = Walk::new(self, |paint| paint & STALE == 0);
        walk.paint(tip, ONE)?;
        for other in others {
            walk.paint(*other, TWO)?;
        }
        let flow = |paint: u8| {
            if paint & (ONE | TWO) == ONE | TWO {
                paint | STALE
            } else {
                paint
            }
        };
        walk.run(flow)?;
        // What both sides reach needs no parents.
        walk.check_cuts(|_, paint| paint & (ONE | TWO) != ONE | TWO)?;
        let mut bases = walk.painted(|paint| paint == ONE | TWO);
        if bases.len() > 1 {
            self.drop_reachable(&mut bases)?;
        }
        Ok(bases)
    }

    /// The commits that `tip` reaches and none of `hidden` does: what `git rev-list TIP --not HIDDEN…`
    /// prints; the newest first.
    ///
    /// # Errors
    /// [`Code::MissingObject`] if a shallow clone ends before that is decided.
    pub fn own_commits(&self, tip: ObjectId, hidden: &[ObjectId]) -> Result<Vec<ObjectId>> {
        let mut walk = Walk::new(self, |paint| paint == ONE);
        walk.paint(tip, ONE)?;
        for commit in hidden {
            walk.paint(*commit, TWO)?;
        }
        walk.run(|paint| if paint & TWO == 0 { ONE } else { TWO })?;
        let own = walk.painted(|paint| paint == ONE);
        // What is missing below a hidden commit could hide only what is older.
        let oldest = own
            .last()
            .and_then(|id| walk.seen.get(id))
            .map(|seen| seen.node.date);
        let older = |date| oldest.is_some_and(|oldest| oldest < date);
        walk.check_cuts(|date, paint| paint == ONE || older(date))?;
        Ok(own)
    }

    /// Whether `descendant` reaches `ancestor`; every commit reaches itself.
    pub fn is_ancestor(&self, ancestor: ObjectId, descendant: ObjectId) -> Result<bool> {
        Ok(self.merge_bases(ancestor, &[descendant])? == [ancestor])
    }

    /// `from` and its first parents, the newest first. Ends at a root; a shallow clone that ends
    /// earlier is an error.
    pub fn first_parents(
        &self,
        from: ObjectId,
    ) -> impl Iterator<Item = Result<(ObjectId, Commit)>> + '_ {
        let mut next = Some(Ok(from));
        std::iter::from_fn(move || {
            let id = match next.take()? {
                Ok(id) => id,
                Err(error) => return Some(Err(error)),
            };
            let found = self
                .commit(id)
                .and_then(|commit| Ok((commit, self.graph.node(self, id)?)));
            Some(found.map(|(commit, node)| {
                next = if node.boundary {
                    Some(Err(self.cut_off(id)))
                } else {
                    commit.parents.first().copied().map(Ok)
                };
                (id, commit)
            }))
        })
    }

    /// Leaves only those of `commits` that no other of them reaches.
    fn drop_reachable(&self, commits: &mut Vec<ObjectId>) -> Result<()> {
        let all = commits.clone();
        let mut kept = Vec::new();
        for id in &all {
            let others: Vec<_> = all.iter().copied().filter(|other| other != id).collect();
            let mut walk = Walk::new(self, |paint| paint == ONE);
            walk.paint(*id, ONE)?;
            for other in others {
                walk.paint(other, TWO)?;
            }
            walk.run(|paint| if paint & TWO == 0 { 0 } else { TWO })?;
            if walk.paint_of(*id) == ONE {
                let date = self.graph.node(self, *id)?.date;
                walk.check_cuts(|cut, _| cut > date)?;
                kept.push(*id);
            }
        }
        *commits = kept;
        Ok(())
    }

    fn cut_off(&self, id: ObjectId) -> Box<Finding> {
        let message = format!(
            "the history before the commit {} is missing from this clone",
            id.short()
        );
        Box::new(self.advise(Finding::new(Code::MissingObject, message)))
    }
}

/// A walk through history that hands paint down from commits to their parents.
struct Walk<'a> {
    objects: &'a Objects,
    undecided: fn(u8) -> bool,
    queue: BinaryHeap<(u64, ObjectId)>,
    seen: IdMap<Seen>,
    /// How many commits in the queue are undecided.
    pending: usize,
    /// The oldest date of an undecided commit that was visited.
    oldest: u64,
    /// The commits where a shallow clone ended the walk.
    cuts: Vec<(u64, ObjectId)>,
}

struct Seen {
    paint: u8,
    queued: bool,
    node: Arc<Node>,
}

impl<'a> Walk<'a> {
    /// A walk that goes on while a commit in the queue has paint that is `undecided`.
    fn new(objects: &'a Objects, undecided: fn(u8) -> bool) -> Self {
        Self {
            objects,
            undecided,
            queue: BinaryHeap::new(),
            seen: IdMap::default(),
            pending: 0,
            oldest: u64::MAX,
            cuts: Vec::new(),
        }
    }

    /// Adds `paint` to the commit `id`, and has it visited if that is news.
    fn paint(&mut self, id: ObjectId, paint: u8) -> Result<()> {
        let undecided = self.undecided;
        if let Some(seen) = self.seen.get_mut(&id) {
            let now = seen.paint | paint;
            if now == seen.paint {
                return Ok(());
            }
            if seen.queued {
                self.pending -= usize::from(undecided(seen.paint));
            } else {
                self.queue.push((seen.node.date, id));
            }
            (seen.paint, seen.queued) = (now, true);
            self.pending += usize::from(undecided(now));
            return Ok(());
        }
        let node = self.objects.graph.node(self.objects, id)?;
        self.queue.push((node.date, id));
        self.pending += usize::from(undecided(paint));
        let seen = Seen {
            paint,
            queued: true,
            node,
        };
        self.seen.insert(id, seen);
        Ok(())
    }

    /// Visits commits until all are decided, handing down to parents what `flow` makes of a paint.
    fn run(&mut self, flow: impl Fn(u8) -> u8) -> Result<()> {
        let mut slack = SLACK;
        while let Some((date, id)) = self.queue.pop() {
            if self.pending == 0 && date.saturating_add(SKEW) < self.oldest {
                if slack == 0 {
                    return Ok(());
                }
                slack -= 1;
            }
            let Some(seen) = self.seen.get_mut(&id) else {
                continue;
            };
            seen.queued = false;
            let (paint, node) = (seen.paint, Arc::clone(&seen.node));
            if (self.undecided)(paint) {
                self.pending -= 1;
                self.oldest = self.oldest.min(date);
            }
            if flow(paint) == 0 {
                continue;
            }
            if node.boundary {
                self.cuts.push((date, id));
            }
            for parent in &node.parents {
                self.paint(*parent, flow(paint))?;
            }
        }
        Ok(())
    }

    /// Fails if a shallow clone ended the walk at a commit, with this date and paint, where it matters.
    fn check_cuts(&self, matters: impl Fn(u64, u8) -> bool) -> Result<()> {
        let cut = self
            .cuts
            .iter()
            .find(|(date, id)| matters(*date, self.paint_of(*id)));
        cut.map_or(Ok(()), |(_, id)| Err(self.objects.cut_off(*id)))
    }

    fn paint_of(&self, id: ObjectId) -> u8 {
        self.seen.get(&id).map_or(0, |seen| seen.paint)
    }

    /// The commits with such paint, the newest first, and by id where dates are equal.
    fn painted(&self, wanted: impl Fn(u8) -> bool) -> Vec<ObjectId> {
        let mut found: Vec<_> = self
            .seen
            .iter()
            .filter(|(_, seen)| wanted(seen.paint))
            .map(|(id, seen)| (std::cmp::Reverse(seen.node.date), *id))
            .collect();
        found.sort_unstable();
        found.into_iter().map(|(_, id)| id).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Files, History, Random, TestRepo};
    use super::*;

    /// A history of merges and branches; `skew` is how far dates may be off, in seconds.
    fn random_history(seed: u64, commits: usize, skew: usize) -> History {
        let mut random = Random::new(seed);
        let mut history = History::default();
        for number in 0..commits {
            let mut parents = Vec::new();
            for _ in 0..[1, 1, 1, 2, 2, 3][random.below(6)] {
                if number > 0 && random.below(20) > 0 {
                    parents.push(number - 1 - random.below(number.min(8)));
                }
            }
            parents.sort_unstable();
            parents.dedup();
            let date = 1_700_000_000 + 600 * number + random.below(skew + 1) - skew / 2;
            let date = i64::try_from(date).expect("a date");
            history.commit(
                &parents,
                date,
                &Files::from([("n".into(), number.to_string())]),
            );
        }
        history
    }

    fn compare_with_git(repo: &TestRepo, ids: &[ObjectId], seed: u64, rounds: usize) {
        let opened = repo.open();
        let mut random = Random::new(seed);
        for _ in 0..rounds {
            let mut pick = || ids[random.below(ids.len())];
            let (tip, others) = (pick(), [pick(), pick()]);
            let hex = [tip, others[0], others[1]].map(|id| id.to_string());
            let output = repo.try_git(&["merge-base", "--all", &hex[0], &hex[1], &hex[2]]);
            let text = String::from_utf8_lossy(&output.stdout).into_owned();
            let mut git: Vec<_> = text.lines().map(super::super::testing::hex).collect();
            git.sort_unstable();
            let mut ours = opened.merge_bases(tip, &others).expect("an answer");
            ours.sort_unstable();
            assert_eq!(ours, git, "merge bases of {hex:?}");
            // Not `rev-list A ^B`, which can be wrong where dates contradict the order of commits.
            let hidden = repo.ids(&["rev-list", &hex[1], &hex[2]]);
            let mut git = repo.ids(&["rev-list", &hex[0]]);
            git.retain(|id| !hidden.contains(id));
            git.sort_unstable();
            let mut ours = opened.own_commits(tip, &others).expect("an answer");
            ours.sort_unstable();
            assert_eq!(ours, git, "own commits of {hex:?}");
            let is = repo
                .try_git(&["merge-base", "--is-ancestor", &hex[1], &hex[0]])
                .status
                .success();
            assert_eq!(opened.is_ancestor(others[0], tip).expect("an answer"), is);
        }
    }

    #[test]
    fn bases_and_own_commits_are_those_of_git() {
        for (seed, format, skew) in [(1, "sha1", 0), (2, "sha256", 600), (3, "sha1", 1_000_000)] {
            let repo = TestRepo::with_format(format);
            let ids = repo.import(&random_history(seed, 300, skew));
            if skew < 1_000_000 {
                compare_with_git(&repo, &ids, seed, 20);
            }
            // With it, git is right whatever the dates are.
            repo.git(&["commit-graph", "write", "--reachable"]);
            compare_with_git(&repo, &ids, seed, 20);
        }
    }

    #[test]
    fn first_parents_lead_to_the_root() {
        let repo = TestRepo::new();
        let ids = repo.import(&random_history(5, 50, 0));
        let opened = repo.open();
        let last = ids[ids.len() - 1];
        let found: Vec<_> = opened
            .first_parents(last)
            .map(|step| step.expect("a commit").0)
            .collect();
        assert_eq!(
            found,
            repo.ids(&["rev-list", "--first-parent", &last.to_string()])
        );
    }

    #[test]
    fn what_a_shallow_clone_lacks_is_said_and_not_guessed() {
        let origin = TestRepo::new();
        for number in 0..6 {
            origin.write("n", &number.to_string());
            origin.commit("n");
        }
        origin.git(&["branch", "topic", "HEAD~4"]);
        let url = format!("file://{}", origin.path.display());
        let clone = TestRepo::new();
        clone.git(&["fetch", "-q", "--depth=2", &url, "main:a", "topic:b"]);
        let opened = clone.open();
        let (a, b) = (clone.id("a"), clone.id("b"));
        for error in [
            opened.merge_bases(b, &[a]).expect_err("cut off"),
            opened.own_commits(a, &[b]).expect_err("cut off"),
            opened
                .first_parents(a)
                .find_map(Result::err)
                .expect("cut off"),
        ] {
            assert_eq!(error.code, Code::MissingObject, "{error}");
            assert!(error.hint.expect("a hint").contains("--unshallow"));
        }
        assert_eq!(
            opened.merge_bases(a, &[clone.id("a~1")]),
            Ok(vec![clone.id("a~1")])
        );
        assert_eq!(opened.own_commits(a, &[clone.id("a~1")]), Ok(vec![a]));
    }
}
