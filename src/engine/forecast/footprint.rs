//! What a branch touches, to tell which branches cannot meet without merging them.

use crate::repo::Objects;
use crate::words::{Change, ObjectId, RepoPath, Result};
use std::collections::HashSet;

/// The paths that a change touches, and the directories of which it leaves nothing.
#[derive(Default)]
pub(super) struct Footprint {
    touched: HashSet<Vec<u8>>,
    gone: HashSet<Vec<u8>>,
}

impl Footprint {
    /// The footprint of the changes from one tree to the tree `after`.
    pub(super) fn of(objects: &Objects, changes: &[Change], after: ObjectId) -> Result<Self> {
        let mut footprint = Self::default();
        let mut seen = HashSet::new();
        for change in changes {
            let path = change.path.as_bytes();
            footprint.touched.insert(path.to_vec());
            if change.after.is_some() {
                continue;
            }
            for directory in directories(path) {
                if seen.insert(directory.to_vec()) && is_gone(objects, after, directory)? {
                    footprint.gone.insert(directory.to_vec());
                }
            }
        }
        Ok(footprint)
    }

    /// Whether something that one of them touches is what the other one touches, or lies where the
    /// other one has a file, or in a directory that the other one removes: git takes that for renamed,
    /// and puts elsewhere what is added to it.
    pub(super) fn meets(&self, other: &Self) -> bool {
        self.reaches_into(other) || other.reaches_into(self)
    }

    fn reaches_into(&self, other: &Self) -> bool {
        let is_there = |path: &[u8]| other.touched.contains(path) || other.gone.contains(path);
        let mut touched = self.touched.iter();
        touched.any(|path| is_there(path) || directories(path).any(is_there))
    }
}

/// The directories that `path` lies in.
fn directories(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
    slashes.map(|(place, _)| &path[..place])
}

fn is_gone(objects: &Objects, tree: ObjectId, directory: &[u8]) -> Result<bool> {
    match RepoPath::new(directory) {
        Ok(directory) => Ok(!objects.has_directory(tree, &directory)?),
        // What begins a path is one.
        Err(_) => Ok(true),
    }
}
