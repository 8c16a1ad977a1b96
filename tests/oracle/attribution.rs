//! What a branch changed, by the letter of the rules and without regard for speed.

use super::git::{Entry, Files, Git};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::rc::Rc;

/// What was there before and what is there now, by path; both sides differ, or nothing of what they
/// came from stands there now.
pub(super) type Changes = BTreeMap<String, (Option<Entry>, Option<Entry>)>;

/// What is compared with what a branch may build on.
pub(super) struct Attribution<'a> {
    git: &'a Git,
    /// The target, and the tips of all that the branch may build on.
    built_on: Vec<String>,
    /// All that these reach.
    theirs: HashSet<String>,
}

/// The work of a branch.
pub(super) struct Work {
    /// What it started from.
    pub base: Rc<Files>,
    /// Whether it shares no commit with what it was allowed to build on.
    pub unrelated: bool,
    pub net: Changes,
    /// The commits that are its own, and what each of them changed, the newest first.
    pub commits: Vec<(String, Changes)>,
}

impl<'a> Attribution<'a> {
    pub(super) fn new(git: &'a Git, built_on: Vec<String>) -> Self {
        let theirs = git.reachable(&built_on);
        Self {
            git,
            built_on,
            theirs,
        }
    }

    pub(super) fn work(&self, tip: &str) -> Work {
        let reached = self.git.reachable(&[tip.to_owned()]);
        let mut own: Vec<_> = reached.difference(&self.theirs).cloned().collect();
        self.newest_first(&mut own);
        let (base, conflicts) = self.base(&reached);
        let now = self.git.files_of(tip);
        let known: Vec<_> = (self.bases(&reached).iter().chain(&self.built_on))
            .map(|commit| self.git.files_of(commit))
            .collect();
        let net = compare(&base, &now, &conflicts, &known, &known);
        let commits = own.into_iter().map(|id| {
            let changes = self.changes(&id);
            (id, changes)
        });
        Work {
            unrelated: self.bases(&reached).is_empty(),
            base,
            net,
            commits: commits.collect(),
        }
    }

    fn newest_first(&self, commits: &mut [String]) {
        commits.sort_by_key(|id| (std::cmp::Reverse(self.git.commit(id).date), id.clone()));
    }

    /// What is reached on both sides, and from nothing else that is.
    fn bases(&self, reached: &HashSet<String>) -> Vec<String> {
        let common: Vec<_> = reached.intersection(&self.theirs).cloned().collect();
        let below = common.iter().flat_map(|id| {
            let parents = self.git.commit(id).parents.clone();
            self.git.reachable(&parents)
        });
        let below: HashSet<_> = below.collect();
        let mut best: Vec<_> = common
            .into_iter()
            .filter(|id| !below.contains(id))
            .collect();
        self.newest_first(&mut best);
        best
    }

    /// What the merge bases amount to, and where they contradict each other.
    fn base(&self, reached: &HashSet<String>) -> (Rc<Files>, BTreeSet<String>) {
        let bases = self.bases(reached);
        match bases.split_first() {
            None => (Rc::default(), BTreeSet::new()),
            Some((first, others)) => self.merged(first, others),
        }
    }

    /// The merge of commits, one after the other.
    fn merged(&self, first: &str, others: &[String]) -> (Rc<Files>, BTreeSet<String>) {
        let mut whole = first.to_owned();
        let mut tree = self.git.commit(first).tree.clone();
        let mut conflicts = BTreeSet::new();
        for (place, other) in others.iter().enumerate() {
            let merged = self.git.merge(&whole, other);
            conflicts.extend(merged.conflicts.iter().cloned());
            tree.clone_from(&merged.tree);
            if place + 1 < others.len() {
                whole = self.git.join(&tree, &[&whole, other]);
            }
        }
        (self.git.files(&tree), conflicts)
    }

    /// What one commit changed: against its parent, against nothing, or against the merge of its
    /// parents, where the version of a parent that the branch may build on settles a conflict.
    fn changes(&self, id: &str) -> Changes {
        let commit = self.git.commit(id);
        let now = self.git.files(&commit.tree);
        let Some((first, others)) = commit.parents.split_first() else {
            return compare(&Rc::default(), &now, &BTreeSet::new(), &[], &[]);
        };
        let (before, conflicts) = match others {
            [] => (self.git.files_of(first), BTreeSet::new()),
            _ => self.merged(first, others),
        };
        let built_on = commit
            .parents
            .iter()
            .filter(|parent| self.theirs.contains(*parent));
        let known: Vec<_> = built_on.map(|parent| self.git.files_of(parent)).collect();
        let sides = commit
            .parents
            .iter()
            .map(|parent| self.git.files_of(parent));
        compare(
            &before,
            &now,
            &conflicts,
            &known,
            &sides.collect::<Vec<_>>(),
        )
    }
}

/// What differs between `before` and `now`. At a path in conflict, what a merge leaves behind counts
/// for nothing: it is a change unless one of `known` has it so, or each of `sides`.
fn compare(
    before: &Files,
    now: &Files,
    conflicts: &BTreeSet<String>,
    known: &[Rc<Files>],
    sides: &[Rc<Files>],
) -> Changes {
    let paths: BTreeSet<_> = before.keys().chain(now.keys()).chain(conflicts).collect();
    let mut changes = Changes::new();
    for path in paths {
        let (old, new) = (before.get(path), now.get(path));
        let is_change = if conflicts.contains(path) {
            let has_it = |files: &Rc<Files>| files.get(path) == new;
            !known.iter().any(has_it) && !sides.iter().all(has_it)
        } else {
            old != new
        };
        if is_change {
            changes.insert(path.clone(), (old.cloned(), new.cloned()));
        }
    }
    changes
}
