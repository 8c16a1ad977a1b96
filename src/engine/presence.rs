//! Whether what a branch brings is really here.

use crate::repo::Repo;
use crate::words::{Change, Entry, ObjectId, Result};
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// The commits of which all that they bring has been found to be here, whatever branch they are of: several
/// branches may have them.
#[derive(Debug, Default)]
pub(super) struct Present(Mutex<HashSet<ObjectId>>);

impl Present {
    /// Whether that is known of the commit `id`.
    pub(super) fn knows(&self, id: ObjectId) -> bool {
        self.commits().contains(&id)
    }

    /// Notes that it is so.
    pub(super) fn note(&self, id: ObjectId) {
        self.commits().insert(id);
    }

    fn commits(&self) -> MutexGuard<'_, HashSet<ObjectId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

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
