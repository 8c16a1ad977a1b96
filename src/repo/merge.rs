//! Merging: the first of two engines, and what either of them returns.

use super::quarantine::Quarantine;
use crate::words::{Code, Finding, ObjectId, RepoPath, Result};
use std::sync::PoisonError;

/// How a merge went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merge {
    /// Without conflicts; the tree is that of git's own merge.
    Clean {
        /// The merged tree.
        tree: ObjectId,
    },
    /// With conflicts.
    Conflict {
        /// What git would leave behind: merged where that went well, with conflict markers elsewhere.
        tree: ObjectId,
        /// The paths in conflict, sorted.
        paths: Vec<ConflictPath>,
    },
    /// Not at all: the commits have no common ancestor.
    Unrelated,
}

/// A path on which two sides do not agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConflictPath {
    /// The path.
    pub path: RepoPath,
    /// git's short names for what is wrong: `CONFLICT (contents)` and the like.
    pub kinds: Vec<String>,
    /// What git says about it, one text each; may hold anything that a name can hold.
    pub messages: Vec<String>,
}

/// The merge of several commits, as one tree to compare with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MergedTree {
    /// The tree.
    pub tree: ObjectId,
    /// Where the commits contradict each other: the tree holds conflict markers there. Sorted.
    pub conflicts: Vec<RepoPath>,
}

impl Quarantine {
    /// The merge of two commits as git's `ort` strategy with default settings makes it.
    pub fn merge(&self, ours: ObjectId, theirs: ObjectId) -> Result<Merge> {
        self.merge_over(&self.merge_bases(ours, &[theirs])?, ours, theirs)
    }

    /// The same where it is known that `bases` are the merge bases of the two.
    pub fn merge_over(
        &self,
        bases: &[ObjectId],
        ours: ObjectId,
        theirs: ObjectId,
    ) -> Result<Merge> {
        match self.merge_without_git(bases, ours, theirs)? {
            Some(merge) => Ok(merge),
            None => self.merge_by_git(ours, theirs),
        }
    }

    /// What [`Quarantine::merge`] makes of each of these, with one git for all that need it.
    pub fn merge_each(&self, merges: &[(ObjectId, ObjectId)]) -> Result<Vec<Merge>> {
        let mut answers = Vec::with_capacity(merges.len());
        for (ours, theirs) in merges {
            let bases = self.merge_bases(*ours, &[*theirs])?;
            answers.push(self.merge_without_git(&bases, *ours, *theirs)?);
        }
        let open = merges.iter().zip(&answers);
        let open = open.filter(|(_, answer)| answer.is_none());
        let open: Vec<_> = open.map(|(merge, _)| *merge).collect();
        let mut by_git = self.merge_each_by_git(&open)?.into_iter();
        let answers = answers.into_iter();
        let answers = answers.filter_map(|answer| answer.or_else(|| by_git.next()));
        Ok(answers.collect())
    }

    /// The merge of two commits with these merge bases, if the first engine answers it.
    fn merge_without_git(
        &self,
        bases: &[ObjectId],
        ours: ObjectId,
        theirs: ObjectId,
    ) -> Result<Option<Merge>> {
        match bases {
            [] => Ok(Some(Merge::Unrelated)),
            [base] => {
                let tree = |id| self.commit(id).map(|commit| commit.tree);
                let merged = self.merge_trees(Some(tree(*base)?), tree(ours)?, tree(theirs)?)?;
                Ok(merged.map(|tree| Merge::Clean { tree }))
            }
            _ => Ok(None),
        }
    }

    /// The merge of `commits`, one after the other, as a tree to compare with: what several merge
    /// bases amount to, or what a merge commit with these parents would hold if nobody had a hand in
    /// it. Unrelated ones are merged as if they came from nothing.
    ///
    /// # Errors
    /// [`Code::Git`] if there are none.
    pub fn merge_all(&self, commits: &[ObjectId]) -> Result<MergedTree> {
        let [first, others @ ..] = commits else {
            return Err(Finding::error(
                Code::Git,
                "there is nothing to merge and compare with",
            ));
        };
        let (mut whole, mut whole_commit) = (*first, self.commit(*first)?);
        let mut conflicts = Vec::new();
        for other in others {
            let merged = self.compared_with(whole, *other)?;
            let tree = match merged {
                Merge::Clean { tree } => tree,
                Merge::Conflict { tree, paths } => {
                    conflicts.extend(paths.into_iter().map(|conflict| conflict.path));
                    tree
                }
                Merge::Unrelated => return Err(Finding::error(Code::Git, "unrelated histories")),
            };
            let date = self.commit(*other)?.committer_seconds;
            let date = date.max(whole_commit.committer_seconds);
            whole = self.commit_tree(tree, &[whole, *other], b"merge to compare with", date)?;
            whole_commit = self.commit(whole)?;
        }
        conflicts.sort_unstable();
        conflicts.dedup();
        let tree = whole_commit.tree;
        Ok(MergedTree { tree, conflicts })
    }

    /// One of these merges, made once.
    fn compared_with(&self, ours: ObjectId, theirs: ObjectId) -> Result<Merge> {
        let compared = || self.compared.lock().unwrap_or_else(PoisonError::into_inner);
        let known = compared().get(&(ours, theirs)).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let merged = match self.merge(ours, theirs)? {
            Merge::Unrelated => self.merge_by_git(ours, theirs)?,
            merged => merged,
        };
        compared().insert((ours, theirs), merged.clone());
        Ok(merged)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{Files, History, TestRepo};
    use super::*;

    fn files(pairs: &[(&str, &str)]) -> Files {
        pairs
            .iter()
            .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
            .collect()
    }

    #[test]
    fn conflicts_are_named_and_unrelated_histories_are_told_apart() {
        let mut history = History::default();
        let base = history.commit(&[], 0, &files(&[("a", "1"), ("b", "1")]));
        history.commit(&[base], 1, &files(&[("a", "2"), ("b", "1"), ("x", "1")]));
        history.commit(&[base], 1, &files(&[("a", "3"), ("b", "2")]));
        history.commit(&[], 1, &files(&[("c", "1")]));
        let repo = TestRepo::new();
        let ids = repo.import(&history);
        let quarantine = repo.open().quarantine().expect("a quarantine");
        let Ok(Merge::Conflict { tree, paths }) = quarantine.merge(ids[1], ids[2]) else {
            panic!("no conflict");
        };
        assert_eq!(paths.len(), 1);
        assert_eq!(paths[0].path.to_string(), "a");
        assert_eq!(paths[0].kinds, ["CONFLICT (contents)"]);
        assert!(paths[0].messages[0].starts_with("CONFLICT (content): Merge conflict in a"));
        assert_eq!(quarantine.tracked(tree).expect("a listing").len(), 3);
        assert_eq!(quarantine.merge(ids[1], ids[3]), Ok(Merge::Unrelated));
    }

    #[test]
    fn configuration_and_attributes_have_no_say_in_a_merge() {
        let mut history = History::default();
        let base = history.commit(&[], 0, &files(&[("a", "1\n")]));
        history.commit(&[base], 1, &files(&[("a", "2\n")]));
        history.commit(
            &[base],
            1,
            &files(&[("a", "3\n"), (".gitattributes", "* merge=ours\n")]),
        );
        let repo = TestRepo::new();
        let ids = repo.import(&history);
        repo.git(&["config", "merge.ours.driver", "true"]);
        repo.write(".git/info/attributes", "* merge=union\n");
        repo.write(".gitattributes", "* merge=union\n");
        let quarantine = repo.open().quarantine().expect("a quarantine");
        let merged = quarantine.merge(ids[1], ids[2]).expect("a merge");
        assert!(matches!(merged, Merge::Conflict { .. }), "{merged:?}");
    }

    #[test]
    fn the_attributes_of_one_tree_are_heeded() {
        let lines = |first: &str, last: &str| format!("{first}\n2\n3\n4\n5\n6\n7\n{last}\n");
        let mut history = History::default();
        let base = files(&[("a", &lines("1", "8")), ("list", "1\n")]);
        let base = history.commit(&[], 0, &base);
        let one = files(&[("a", &lines("one", "8")), ("list", "1\nours\n")]);
        history.commit(&[base], 1, &one);
        let other = files(&[("a", &lines("1", "eight")), ("list", "1\ntheirs\n")]);
        history.commit(&[base], 1, &other);
        let rules = "a binary\nlist merge=union\n";
        history.commit(&[], 1, &files(&[(".gitattributes", rules)]));
        let repo = TestRepo::new();
        let ids = repo.import(&history);
        let conflicts = |merged: Result<Merge>| match merged.expect("a merge") {
            Merge::Conflict { paths, .. } => paths.iter().map(|at| at.path.to_string()).collect(),
            _ => Vec::new(),
        };
        let opened = repo.open();
        let plain = opened.quarantine().expect("a quarantine");
        assert_eq!(conflicts(plain.merge(ids[1], ids[2])), ["list"]);
        let rules = opened.commit(ids[3]).expect("a commit").tree;
        let heeding = opened.quarantine().expect("a quarantine").heeding(rules);
        assert_eq!(conflicts(heeding.merge(ids[1], ids[2])), ["a"]);
        let pairs = [(ids[1], ids[2]), (ids[2], ids[1])];
        for merged in heeding.merge_each(&pairs).expect("merges") {
            assert_eq!(conflicts(Ok(merged)), ["a"]);
        }
    }

    #[test]
    fn several_merges_by_one_git_are_those_of_several() {
        let mut history = History::default();
        let ten = |line: usize, text: &str| -> String {
            let lines = (0..10).map(|number| {
                if number == line {
                    format!("{text}\n")
                } else {
                    format!("{number}\n")
                }
            });
            lines.collect()
        };
        let base = history.commit(&[], 0, &files(&[("a", &ten(10, "")), ("b", "1")]));
        for (line, text) in [(0, "x"), (5, "y"), (5, "z"), (9, "x")] {
            history.commit(&[base], 1, &files(&[("a", &ten(line, text)), ("b", "1")]));
        }
        history.commit(&[base], 1, &files(&[("a", &ten(10, "")), ("c", "2")]));
        history.commit(&[], 1, &files(&[("c", "1")]));
        let repo = TestRepo::new();
        let ids = repo.import(&history);
        let quarantine = repo.open().quarantine().expect("a quarantine");
        let pairs = ids
            .iter()
            .flat_map(|one| ids.iter().map(|other| (*one, *other)));
        let pairs: Vec<_> = pairs.collect();
        let each = quarantine.merge_each(&pairs).expect("merges");
        let one_by_one: Result<Vec<_>> = (pairs.iter())
            .map(|(one, other)| quarantine.merge(*one, *other))
            .collect();
        assert_eq!(Ok(each.clone()), one_by_one);
        let conflicts = |merge: &&Merge| matches!(merge, Merge::Conflict { .. });
        assert_eq!(each.iter().filter(conflicts).count(), 2);
    }

    #[test]
    fn several_merge_bases_become_one_tree() {
        let mut history = History::default();
        let root = history.commit(&[], 0, &files(&[("a", "1"), ("b", "1")]));
        let left = history.commit(&[root], 1, &files(&[("a", "2"), ("b", "1")]));
        let right = history.commit(&[root], 2, &files(&[("a", "1"), ("b", "2")]));
        let clash = history.commit(&[root], 3, &files(&[("a", "3"), ("b", "1")]));
        let other = history.commit(&[], 4, &files(&[("z", "1")]));
        let both = history.commit(&[], 5, &files(&[("a", "2"), ("b", "2")]));
        let repo = TestRepo::new();
        let ids = repo.import(&history);
        let quarantine = repo.open().quarantine().expect("a quarantine");
        let of = |numbers: &[usize]| {
            let commits: Vec<_> = numbers.iter().map(|number| ids[*number]).collect();
            quarantine.merge_all(&commits).expect("a tree")
        };
        let tree = quarantine.commit(ids[both]).expect("a commit").tree;
        assert_eq!(
            of(&[left, right]),
            MergedTree {
                tree,
                conflicts: vec![]
            }
        );
        let clashing = of(&[left, right, clash]);
        assert_eq!(clashing.conflicts, [RepoPath::new("a").expect("a path")]);
        let unrelated = of(&[left, other]);
        assert_eq!(
            quarantine.tracked(unrelated.tree).expect("a listing").len(),
            3
        );
        assert!(quarantine.merge_all(&[]).is_err());
    }
}
