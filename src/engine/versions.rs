//! The versions of a file on the sides of a merge, and of what all of them began with.

use super::edits::MAX_FILE;
use crate::repo::{Objects, Quarantine};
use crate::verdict::{Hunk, hunks, is_binary, lines};
use crate::words::{Entry, ObjectId, RepoPath, Result};

/// What one tree holds at a path.
pub(super) struct Version {
    /// The entry; `None` if there is none.
    pub entry: Option<Entry>,
    /// What is in it; nothing where there is no regular file.
    pub content: Vec<u8>,
}

impl Version {
    /// What `tree` holds at `path`. A tree that is not there holds nothing.
    ///
    /// # Errors
    /// [`crate::words::Code::TooLarge`] if the file has more than 64 MiB.
    pub(super) fn of(objects: &Objects, tree: Option<ObjectId>, path: &RepoPath) -> Result<Self> {
        let entry = match tree {
            Some(tree) => objects.entry_at(tree, path)?,
            None => None,
        };
        let content = match entry.filter(|entry| entry.mode.is_regular()) {
            Some(entry) => objects.blob(entry.id, MAX_FILE),
            None => Ok(Vec::new()),
        };
        let content = content.map_err(|finding| Box::new(finding.at(path)))?;
        Ok(Self { entry, content })
    }

    /// Whether it is a text, or not there.
    pub(super) fn is_text(&self) -> bool {
        let is_regular = |entry: Entry| entry.mode.is_regular();
        self.entry.is_none_or(is_regular) && !is_binary(&self.content)
    }

    /// Its lines.
    pub(super) fn lines(&self) -> Vec<&[u8]> {
        lines(&self.content)
    }

    /// Where `after` differs from it.
    pub(super) fn hunks(&self, after: &Self) -> Vec<Hunk> {
        hunks(&self.lines(), &after.lines())
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
