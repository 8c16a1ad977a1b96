//! Ending what a process that was killed began: its refs, its work trees, and what it left lying about.

use super::journal::{INDEX_COPY, LandingJournal};
use super::objects::input_output;
use super::open::Repo;
use super::passage::Side;
use super::staging::STAGING;
use super::transaction::{Begun, RefMove};
use crate::words::{Change, Result};
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

impl Repo {
    /// Waits for the right to move refs, ends what was begun by a process that was killed (refs and work
    /// trees go to where its first ref is) and returns the journal. Where somebody has changed something
    /// meanwhile, nothing of that is touched.
    pub fn landing_journal(&self) -> Result<LandingJournal<'_>> {
        let journal = LandingJournal::open(self)?;
        remove_folders(journal.home(), INDEX_COPY)?;
        remove_folders(&self.common_dir().join("objects"), STAGING)?;
        if let Some(transaction) = journal.unfinished()? {
            let journal = &journal;
            Begun {
                journal,
                transaction,
            }
            .finish()?;
        }
        journal.end()?;
        Ok(journal)
    }
}

impl Begun<'_> {
    fn finish(&self) -> Result<()> {
        let side = self.settle()?;
        let repo = self.journal.repo;
        let [
            RefMove {
                name,
                old: Some(old),
                new: Some(new),
            },
            ..,
        ] = &self.transaction.moves[..]
        else {
            return Ok(());
        };
        if !self.transaction.leads_work_trees {
            return Ok(());
        }
        let tree_of = |id| repo.commit(id).map(|commit| commit.tree);
        let changes: Vec<Change> = repo.diff(Some(tree_of(*old)?), tree_of(*new)?)?;
        for tree in repo.checked_out(name)? {
            let is_locked = tree.lock_file().exists();
            // Where the index is not locked, the passage had not begun, or had ended.
            if !is_locked && (side.is_none() || tree.index_side(self.journal, *old, *new)? == side)
            {
                continue;
            }
            let passage = tree.begin_passage(self.journal, *old, *new, &changes)?;
            passage.settle(side.unwrap_or(Side::Old))?;
        }
        Ok(())
    }
}

/// Removes the folders in `home` whose names begin with `prefix`.
fn remove_folders(home: &Path, prefix: &str) -> Result<()> {
    let unreadable = |error| input_output("read the directory", home, &error);
    let entries = match fs::read_dir(home) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(unreadable)?,
    };
    for entry in entries {
        let entry = entry.map_err(unreadable)?;
        if entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(prefix.as_bytes())
        {
            let path = entry.path();
            fs::remove_dir_all(&path).map_err(|error| input_output("remove", &path, &error))?;
        }
    }
    Ok(())
}
