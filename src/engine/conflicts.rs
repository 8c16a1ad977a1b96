//! What counts as a change at a path on which the sides of a merge contradict each other.

use crate::repo::Objects;
use crate::words::{Change, ObjectId, RepoPath, Result};

/// The merge that something is compared with, and where it has no answer.
pub(super) struct Conflicts<'a> {
    /// The merged tree; what it holds at the paths in conflict is nobody's version.
    pub merged: ObjectId,
    /// The paths in conflict.
    pub paths: &'a [RepoPath],
    /// The trees of those who were merged.
    pub sides: &'a [ObjectId],
    /// The trees whose versions are nobody's fault.
    pub blameless: &'a [ObjectId],
}

impl Conflicts<'_> {
    /// What remains of `changes`, made to the merged tree: at a path in conflict, what a blameless tree
    /// holds, or every side, is no change. Everything else is one, the text with conflict markers that
    /// a merge leaves behind not excepted.
    pub(super) fn settle(&self, objects: &Objects, changes: Vec<Change>) -> Result<Vec<Change>> {
        let mut settled = changes;
        for path in self.paths {
            let place = settled.binary_search_by(|change| change.path.cmp(path));
            let after = match place {
                Ok(place) => settled[place].after,
                Err(_) => objects.entry_at(self.merged, path)?,
            };
            let mut blameless = false;
            for tree in self.blameless {
                blameless |= objects.entry_at(*tree, path)? == after;
            }
            let mut other = None;
            // First what is nobody's fault: what was added to that is what somebody added.
            for tree in self.blameless.iter().chain(self.sides) {
                let version = objects.entry_at(*tree, path)?;
                other = other.or((version != after).then_some(version));
            }
            match (place, other.filter(|_| !blameless)) {
                (Ok(place), None) => _ = settled.remove(place),
                (Err(place), Some(before)) => settled.insert(
                    place,
                    Change {
                        path: path.clone(),
                        before,
                        after,
                    },
                ),
                // What the merge left there is nobody's version, unless it is no text.
                (Ok(place), Some(before)) => {
                    let left = settled[place].before;
                    if left.is_none_or(|entry| entry.mode.is_regular()) {
                        settled[place].before = before;
                    }
                }
                (Err(_), None) => {}
            }
        }
        Ok(settled)
    }
}
