//! The versions of a file on the sides of a merge, and of what all of them began with.

use crate::repo::{Objects, Quarantine};
use crate::verdict::{Hunk, hunks, is_binary, lines};
use crate::words::{Code, Entry, ObjectId, RepoPath, Result};

/// What one tree holds at a path.
pub(super) struct Version {
    /// The entry; `None` if there is none.
    pub entry: Option<Entry>,
    /// What is in it; nothing where there is no regular file, `None` where that is too large.
    content: Option<Vec<u8>>,
}

impl Version {
    /// What `tree` holds at `path`. A tree that is not there holds nothing; a file of more than
    /// `limit` bytes is not read.
    pub(super) fn of(
        objects: &Objects,
        tree: Option<ObjectId>,
        path: &RepoPath,
        limit: u64,
    ) -> Result<Self> {
        let entry = match tree {
            Some(tree) => objects.entry_at(tree, path)?,
            None => None,
        };
        let content = match entry.filter(|entry| entry.mode.is_regular()) {
            Some(entry) => objects.blob(entry.id, limit),
            None => Ok(Vec::new()),
        };
        let content = match content {
            Ok(content) => Some(content),
            Err(finding) if finding.code == Code::TooLarge => None,
            Err(finding) => return Err(Box::new(finding.at(path))),
        };
        Ok(Self { entry, content })
    }

    /// Whether it is a text of which the lines are known, or not there.
    pub(super) fn is_text(&self) -> bool {
        let is_regular = |entry: Entry| entry.mode.is_regular();
        let is_text = |content: &Vec<u8>| !is_binary(content);
        self.entry.is_none_or(is_regular) && self.content.as_ref().is_some_and(is_text)
    }

    /// Its lines, as far as they are known.
    pub(super) fn lines(&self) -> Vec<&[u8]> {
        self.content.as_deref().map_or(Vec::new(), lines)
    }

    /// Where `after` differs from it.
    pub(super) fn hunks(&self, after: &Self) -> Vec<Hunk> {
        hunks(&self.lines(), &after.lines())
    }
}

/// What two commits began with, as far as single paths are concerned.
pub(super) struct Beginnings<'a> {
    quarantine: &'a Quarantine,
    /// Their merge bases, and the tree of each.
    bases: Vec<(ObjectId, ObjectId)>,
}

impl<'a> Beginnings<'a> {
    /// That of commits with these merge bases.
    pub(super) fn of(quarantine: &'a Quarantine, bases: &[ObjectId]) -> Result<Self> {
        let with_tree = |id: &ObjectId| Ok((*id, quarantine.commit(*id)?.tree));
        let bases = bases.iter().map(with_tree).collect::<Result<_>>()?;
        Ok(Self { quarantine, bases })
    }

    /// A tree that holds at `path` what they began with: `None` if they have nothing in common. Bases
    /// that agree with another one there add nothing to it; only the rest is merged.
    pub(super) fn tree(&self, path: &RepoPath) -> Result<Option<ObjectId>> {
        let mut entries = Vec::new();
        let mut differing = Vec::new();
        for (base, tree) in &self.bases {
            let entry = self.quarantine.entry_at(*tree, path)?;
            if !entries.contains(&entry) {
                entries.push(entry);
                differing.push((*base, *tree));
            }
        }
        Ok(match differing[..] {
            [] => None,
            [(_, tree)] => Some(tree),
            ref several => {
                let several: Vec<_> = several.iter().map(|(base, _)| *base).collect();
                Some(self.quarantine.merge_all(&several)?.tree)
            }
        })
    }
}

/// The tree that two commits began with: that of their merge base, or of the merge of several;
/// `None` if they have nothing in common.
pub(super) fn common_tree(
    quarantine: &Quarantine,
    one: ObjectId,
    other: ObjectId,
) -> Result<Option<ObjectId>> {
    Ok(match quarantine.merge_bases(one, &[other])?[..] {
        [] => None,
        [base] => Some(quarantine.commit(base)?.tree),
        ref several => Some(quarantine.merge_all(several)?.tree),
    })
}
