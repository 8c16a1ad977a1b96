//! Whether what a branch brings is really here.

use crate::repo::Repo;
use crate::words::{Change, Entry, Result};
use std::collections::HashSet;

/// Sees to it that what lands can be read: an object that nobody has must not pass for work.
pub(super) struct Presence<'a> {
    repo: &'a Repo,
    seen: HashSet<Entry>,
}

impl<'a> Presence<'a> {
    /// Nothing is known to be here yet.
    pub(super) fn of(repo: &'a Repo) -> Self {
        Self {
            repo,
            seen: HashSet::new(),
        }
    }

    /// Fails if something that `changes` bring cannot be read.
    pub(super) fn check(&mut self, changes: &[Change]) -> Result<()> {
        for change in changes {
            if change.after.is_some_and(|entry| self.seen.insert(entry)) {
                self.repo.check_brought(change)?;
            }
        }
        Ok(())
    }
}
