//! Files of a work tree that nobody tracks, where a landing would put its own.

use super::objects::input_output;
use super::worktree::WorkTree;
use crate::words::{Change, Mode, Result};
use std::os::unix::ffi::OsStrExt;

impl WorkTree {
    /// What nobody tracks and `change` would overwrite or sweep away.
    pub(super) fn in_the_way(
        &self,
        change: &Change,
        changes: &[Change],
    ) -> Result<Option<Vec<u8>>> {
        let Change {
            path,
            before: None,
            after: Some(after),
        } = change
        else {
            return Ok(None);
        };
        if after.mode == Mode::Submodule {
            return Ok(None);
        }
        let is_tracked = |path: &[u8]| {
            let found = changes.binary_search_by(|change| change.path.as_bytes().cmp(path));
            found.is_ok_and(|place| changes[place].before.is_some())
        };
        let path = path.as_bytes();
        let slashes = path.iter().enumerate().filter(|(_, byte)| **byte == b'/');
        for parent in slashes.map(|(at, _)| &path[..at]) {
            match self.kind_of(parent)? {
                None => return Ok(None),
                Some(kind) if !kind.is_dir() && !is_tracked(parent) => {
                    return Ok(Some(parent.to_vec()));
                }
                Some(_) => {}
            }
        }
        match self.kind_of(path)? {
            None => Ok(None),
            Some(kind) if kind.is_dir() => self.untracked_below(path, &is_tracked),
            Some(_) => Ok(Some(path.to_vec())),
        }
    }

    /// The first file below a directory that is not tracked.
    fn untracked_below(
        &self,
        directory: &[u8],
        is_tracked: &dyn Fn(&[u8]) -> bool,
    ) -> Result<Option<Vec<u8>>> {
        let place = self.file(directory);
        let unreadable = |error| input_output("read the directory", &place, &error);
        for entry in std::fs::read_dir(&place).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let path = [directory, b"/", entry.file_name().as_bytes()].concat();
            let found = if entry.file_type().map_err(unreadable)?.is_dir() {
                self.untracked_below(&path, is_tracked)?
            } else {
                (!is_tracked(&path)).then_some(path)
            };
            if found.is_some() {
                return Ok(found);
            }
        }
        Ok(None)
    }
}
