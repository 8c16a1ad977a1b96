//! What a finding shows of a conflict: who did what to each path, and both versions of the places
//! where they meet. Bounded, since a branch may hold anything.

use super::Context;
use super::disjoint::Party;
use super::versions::{Beginnings, Version};
use crate::repo::{ConflictPath, Quarantine};
use crate::verdict::meetings;
use crate::words::{
    Change, Conflict, ConflictHunk, ConflictSide, Conflicts, Entry, Excerpt, LineRange, ObjectId,
    RepoPath, Result,
};
use std::collections::BTreeSet;

/// How many paths are named one by one.
const MOST_PATHS: usize = 10;
/// Of how many paths the lines are shown.
const MOST_SHOWN: usize = 3;
/// How many places of a file are shown.
const MOST_HUNKS: usize = 2;
/// How many lines of either version are shown at each place.
const MOST_LINES: usize = 5;
/// How many characters of a line are shown.
const MOST_CHARACTERS: usize = 120;
/// How large a file may be of which lines are shown.
const MAX_SHOWN: u64 = 1024 * 1024;

/// A merge that has no answer.
pub(super) struct Sides<'a> {
    pub context: &'a Context,
    pub quarantine: &'a Quarantine,
    /// What came before: a commit, and the branches in it that were merged in this run.
    pub onto: ObjectId,
    pub before: &'a [Party<'a>],
    /// The tree on which the first of these was put.
    pub began: ObjectId,
    /// The branch that was to be merged.
    pub branch: &'a str,
    pub tip: ObjectId,
    /// The merge bases of the two.
    pub bases: &'a [ObjectId],
}

/// The trees of a merge, as far as a path is concerned: of what both sides began with, and of either side.
struct Trees {
    base: Option<ObjectId>,
    onto: ObjectId,
    tip: ObjectId,
}

impl Sides<'_> {
    /// What is to be shown of the paths in conflict.
    pub(super) fn conflicts(&self, paths: &[ConflictPath]) -> Result<Conflicts> {
        let tree = |id| self.quarantine.commit(id).map(|commit| commit.tree);
        let beginnings = Beginnings::of(self.quarantine, self.bases)?;
        let (onto, tip) = (tree(self.onto)?, tree(self.tip)?);
        let shown = paths.iter().take(MOST_PATHS).enumerate();
        let shown = shown.map(|(at, conflict)| {
            let base = beginnings.tree(&conflict.path)?;
            self.conflict(&Trees { base, onto, tip }, conflict, at < MOST_SHOWN)
        });
        Ok(Conflicts {
            paths: shown.collect::<Result<_>>()?,
            left_out: paths.len().saturating_sub(MOST_PATHS),
        })
    }

    fn conflict(&self, trees: &Trees, conflict: &ConflictPath, lines: bool) -> Result<Conflict> {
        let path = &conflict.path;
        let entry = |tree| self.quarantine.entry_at(tree, path);
        let base = trees.base.map(entry).transpose()?.flatten();
        let entries = [entry(trees.onto)?, entry(trees.tip)?];
        let (hunks, left_out) = if lines && entries.iter().all(Option::is_some) {
            self.hunks(trees, path)?
        } else {
            (Vec::new(), 0)
        };
        Ok(Conflict {
            path: path.clone(),
            kinds: conflict.kinds.clone(),
            sides: [
                ConflictSide {
                    who: self.who(trees, path, base)?,
                    did: did(path, base, entries[0]),
                },
                ConflictSide {
                    who: vec![self.branch.to_owned()],
                    did: did(path, base, entries[1]),
                },
            ],
            hunks,
            left_out,
        })
    }

    /// Who changed `path` before: the target, and the branches that were merged since.
    fn who(&self, trees: &Trees, path: &RepoPath, base: Option<Entry>) -> Result<Vec<String>> {
        let changes = |party: &&Party<'_>| party.paths.binary_search(path).is_ok();
        let branches = self.before.iter().filter(changes);
        let mut seen = BTreeSet::new();
        let branches = branches.filter(|party| seen.insert(party.branch));
        let mut who: Vec<_> = branches.map(|party| party.branch.to_owned()).collect();
        let target = self.quarantine.entry_at(self.began, path)?;
        let by_target = target != base && trees.onto != self.began;
        if by_target || who.is_empty() {
            who.insert(0, self.context.basis.target.clone());
        }
        Ok(who)
    }

    /// The first places where both sides changed a text, and how many more there are.
    fn hunks(&self, trees: &Trees, path: &RepoPath) -> Result<(Vec<ConflictHunk>, usize)> {
        let version = |tree| Version::of(self.quarantine, tree, path, MAX_SHOWN);
        let before = version(trees.base)?;
        let sides = [version(Some(trees.onto))?, version(Some(trees.tip))?];
        if !before.is_text() || !sides.iter().all(Version::is_text) {
            return Ok((Vec::new(), 0));
        }
        let meetings = meetings(&before.hunks(&sides[0]), &before.hunks(&sides[1]));
        let lines = [sides[0].lines(), sides[1].lines()];
        let differ = |meeting: &&crate::verdict::Meeting| {
            lines[0][meeting.one.stands.clone()] != lines[1][meeting.other.stands.clone()]
        };
        let differ: Vec<_> = meetings.iter().filter(differ).collect();
        let shown = differ.iter().take(MOST_HUNKS).map(|meeting| ConflictHunk {
            before: LineRange::new(&meeting.before),
            versions: [
                excerpt(&lines[0][meeting.one.stands.clone()]),
                excerpt(&lines[1][meeting.other.stands.clone()]),
            ],
        });
        Ok((shown.collect(), differ.len().saturating_sub(MOST_HUNKS)))
    }
}

/// What was done to a path, with `it` behind it.
fn did(path: &RepoPath, before: Option<Entry>, after: Option<Entry>) -> &'static str {
    let change = Change {
        path: path.clone(),
        before,
        after,
    };
    if before == after {
        // The conflict is about another name: something was moved here, or over it.
        return "did not change";
    }
    change.verb()
}

fn excerpt(lines: &[&[u8]]) -> Excerpt {
    let line = |line: &&[u8]| {
        let end = line.strip_suffix(b"\n").unwrap_or(line);
        let text = String::from_utf8_lossy(end);
        let mut characters = text.chars();
        let mut kept: String = characters.by_ref().take(MOST_CHARACTERS).collect();
        if characters.next().is_some() {
            kept.push('…');
        }
        kept
    };
    Excerpt {
        lines: lines.iter().take(MOST_LINES).map(line).collect(),
        left_out: lines.len().saturating_sub(MOST_LINES),
    }
}
