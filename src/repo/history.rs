//! Questions about history, answered by walks; see [`super::walk`].

use super::commit::Commit;
use super::objects::Objects;
use super::walk::{ONE, STALE, TWO, Walk};
use crate::words::{Code, Finding, ObjectId, Result};

/// Where a commit left what it is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fork {
    /// What [`Objects::merge_bases`] answers.
    pub bases: Vec<ObjectId>,
    /// What [`Objects::own_commits`] answers.
    pub own: Vec<ObjectId>,
}

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
        self.bases_of(&self.common(tip, others)?)
    }

    /// The commits that `tip` reaches and none of `hidden` does: what `git rev-list TIP --not HIDDEN…`
    /// prints; the newest first.
    ///
    /// # Errors
    /// [`Code::MissingObject`] if a shallow clone ends before that is decided.
    pub fn own_commits(&self, tip: ObjectId, hidden: &[ObjectId]) -> Result<Vec<ObjectId>> {
        let mut walk = Walk::new(self, |paint| paint == ONE);
        walk.begin(tip, hidden)?;
        walk.run(|paint| if paint & TWO == 0 { ONE } else { TWO })?;
        walk.own()
    }

    /// What [`Objects::merge_bases`] and [`Objects::own_commits`] answer, from one walk.
    pub fn fork(&self, tip: ObjectId, others: &[ObjectId]) -> Result<Fork> {
        if others.contains(&tip) {
            let (bases, own) = (self.merge_bases(tip, others)?, Vec::new());
            return Ok(Fork { bases, own });
        }
        let walk = self.common(tip, others)?;
        let (bases, own) = (self.bases_of(&walk)?, walk.own()?);
        Ok(Fork { bases, own })
    }

    /// A walk down to everything that `tip` and `others` have in common.
    fn common(&self, tip: ObjectId, others: &[ObjectId]) -> Result<Walk<'_>> {
        let mut walk = Walk::new(self, |paint| paint & STALE == 0);
        walk.begin(tip, others)?;
        walk.run(|paint| {
            if paint & (ONE | TWO) == ONE | TWO {
                paint | STALE
            } else {
                paint
            }
        })?;
        Ok(walk)
    }

    /// The best of what both sides of `walk` reach.
    fn bases_of(&self, walk: &Walk<'_>) -> Result<Vec<ObjectId>> {
        // What both sides reach needs no parents.
        walk.check_cuts(|_, paint| paint & (ONE | TWO) != ONE | TWO)?;
        let mut bases = walk.painted(|paint| paint == ONE | TWO);
        if bases.len() > 1 {
            self.drop_reachable(&mut bases)?;
        }
        Ok(bases)
    }

    /// How many commits had to be read one by one for all that was asked of history so far: a
    /// commit-graph would have told of them.
    pub fn untold_commits(&self) -> usize {
        self.graph.untold()
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
                .and_then(|commit| Ok((commit, self.graph.place(self, id)?)));
            Some(found.map(|(commit, place)| {
                next = if self.graph.node(place).boundary {
                    Some(Err(self.cut_off(id)))
                } else {
                    commit.parents.first().copied().map(Ok)
                };
                (id, commit)
            }))
        })
    }

    /// Leaves only those of `commits` that no other of them reaches.
    pub(super) fn drop_reachable(&self, commits: &mut Vec<ObjectId>) -> Result<()> {
        let all = commits.clone();
        let mut kept = Vec::new();
        for id in &all {
            let others: Vec<_> = all.iter().copied().filter(|other| other != id).collect();
            let mut walk = Walk::new(self, |paint| paint == ONE);
            walk.begin(*id, &others)?;
            walk.run(|paint| if paint & TWO == 0 { 0 } else { TWO })?;
            let place = self.graph.place(self, *id)?;
            if walk.paint_of(place) == ONE {
                let date = self.graph.node(place).date;
                walk.check_cuts(|cut, _| cut > date)?;
                kept.push(*id);
            }
        }
        *commits = kept;
        Ok(())
    }

    /// The finding that the history before the commit `id` is needed and not here.
    pub(super) fn cut_off(&self, id: ObjectId) -> Box<Finding> {
        let message = format!(
            "the history before the commit {} is missing from this clone",
            id.short()
        );
        Box::new(self.advise(Finding::new(Code::MissingObject, message)))
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
            let fork = opened.fork(tip, &others).expect("an answer");
            assert_eq!(Ok(fork.bases), opened.merge_bases(tip, &others), "{hex:?}");
            assert_eq!(Ok(fork.own), opened.own_commits(tip, &others), "{hex:?}");
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
