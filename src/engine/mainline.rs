//! The line of the target's first parents, on which gate lands: its merges there, and which of them a
//! person has taken back with what `gate undo` prepared.

use super::Context;
use super::delivery::{Stated, stated};
use crate::manifest::FILE_NAME;
use crate::repo::Commit;
use crate::words::{ObjectId, RepoPath, Result};
use std::collections::{BTreeMap, BTreeSet};

/// The trailer that says whose work a commit takes back.
pub(super) const UNDO_TRAILER: &str = "Gate-Undo";
/// The trailer that names a merge that it takes back; one for each of them.
pub(super) const UNDONE_TRAILER: &str = "Gate-Undone";
/// What git writes where it reverts a commit, in front of its id.
const REVERTS: &str = "This reverts commit ";

/// The merges of gate on the line of the target's first parents, read from the newest on.
///
/// Only that line counts: no branch can put a forged merge there. The walk ends where the target had no
/// manifest yet, since gate cannot have merged anything before.
pub(super) struct Mainline<'c> {
    context: &'c Context,
    next: Option<ObjectId>,
    /// How many commits of the line were read.
    place: usize,
    /// The commits that a person has taken back, by what `gate undo` prepared or by `git revert`, each
    /// with the newest one that did. What such a commit itself had taken back counts again.
    undone: BTreeMap<String, Undoing>,
}

/// What took a commit back.
#[derive(Clone, Copy)]
pub(super) struct Undoing {
    /// The commit that did.
    pub by: ObjectId,
    /// The commit of the line that brought it there.
    pub at: ObjectId,
    /// The place of that one, counted from the target on.
    pub place: usize,
}

/// A merge of gate.
pub(super) struct Landed {
    pub id: ObjectId,
    /// What it was merged onto.
    pub onto: ObjectId,
    pub commit: Commit,
    pub stated: Stated,
    /// Its place on the line, counted from the target on.
    pub place: usize,
    /// What took it back, if something has.
    pub undone: Option<Undoing>,
}

impl<'c> Mainline<'c> {
    /// The line that ends with the target.
    pub(super) fn of(context: &'c Context) -> Self {
        Self {
            context,
            next: Some(context.target),
            place: 0,
            undone: BTreeMap::new(),
        }
    }

    /// The next older merge; `None` at the end.
    pub(super) fn merge(&mut self) -> Result<Option<Landed>> {
        let repo = &self.context.repo;
        let Ok(manifest) = RepoPath::new(FILE_NAME) else {
            return Ok(None);
        };
        while let Some(id) = self.next.take() {
            let commit = repo.commit(id)?;
            if repo.entry_at(commit.tree, &manifest)?.is_none() {
                break;
            }
            self.next = commit.parents.first().copied();
            self.place += 1;
            if let (Some(stated), Some(onto)) = (stated(&commit), self.next) {
                return Ok(Some(Landed {
                    id,
                    onto,
                    commit,
                    stated,
                    place: self.place,
                    undone: self.undone.get(&id.to_string()).copied(),
                }));
            }
            self.read_people(id, &commit)?;
        }
        Ok(None)
    }

    /// Notes what a commit takes back that is not gate's, and what it brings if it is a merge: what was
    /// prepared lands as a person merges it. What gate merges has no say here, whatever it states.
    fn read_people(&mut self, at: ObjectId, commit: &Commit) -> Result<()> {
        if self.is_undone(at) {
            return Ok(());
        }
        self.note(at, at, commit);
        let Some((first, others)) = commit.parents.split_first() else {
            return Ok(());
        };
        for other in others {
            for (id, commit) in self.of_people(*other, *first)? {
                if !self.is_undone(id) {
                    self.note(id, at, &commit);
                }
            }
        }
        Ok(())
    }

    /// The commits that a person brought with `tip` and `first` does not have, the newest first, without
    /// those that gate has merged there.
    fn of_people(&self, tip: ObjectId, first: ObjectId) -> Result<Vec<(ObjectId, Commit)>> {
        let own = self.context.repo.own_commits(tip, &[first])?;
        let mut commits = BTreeMap::new();
        for id in &own {
            commits.insert(*id, self.context.repo.commit(*id)?);
        }
        let (mut of_people, mut open) = (BTreeSet::new(), vec![tip]);
        while let Some(id) = open.pop() {
            let Some(commit) = commits.get(&id).filter(|_| of_people.insert(id)) else {
                continue;
            };
            let parents = match stated(commit) {
                Some(_) => &commit.parents[..1],
                None => &commit.parents,
            };
            open.extend(parents);
        }
        let own = own.into_iter().filter(|id| of_people.contains(id));
        let with_commit = |id| commits.remove(&id).map(|commit| (id, commit));
        Ok(own.filter_map(with_commit).collect())
    }

    fn is_undone(&self, id: ObjectId) -> bool {
        self.undone.contains_key(&id.to_string())
    }

    /// Notes what `commit`, which is `by` and came with `at`, takes back.
    fn note(&mut self, by: ObjectId, at: ObjectId, commit: &Commit) {
        let place = self.place;
        let message = String::from_utf8_lossy(&commit.message);
        for line in message.lines() {
            let by_trailer = line.strip_prefix(UNDONE_TRAILER);
            let by_trailer = by_trailer.and_then(|rest| rest.strip_prefix(": "));
            let Some(rest) = by_trailer.or_else(|| line.strip_prefix(REVERTS)) else {
                continue;
            };
            let digits = rest.chars().take_while(char::is_ascii_hexdigit);
            self.undone
                .entry(digits.collect())
                .or_insert(Undoing { by, at, place });
        }
    }
}
