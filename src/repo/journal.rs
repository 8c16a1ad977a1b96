//! The landing that is under way, written down: what a killed process began, the next one ends.

use super::commit::from_hex;
use super::objects::input_output;
use super::open::Repo;
use super::quarantine::lock;
use crate::words::{ObjectId, Result};
use bstr::ByteSlice;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::PathBuf;

/// A move of a branch, after which work trees have to be brought along.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LandingMove {
    /// The full name of the branch.
    pub branch: String,
    /// The commit that it comes from.
    pub old: ObjectId,
    /// The commit that it goes to.
    pub new: ObjectId,
}

/// The right to land: one process has it at a time, and the kernel takes it back when that ends.
#[derive(Debug)]
pub struct LandingJournal {
    file: PathBuf,
    _lock: File,
}

impl Repo {
    /// Waits for the right to land, and returns it with the journal.
    pub fn landing_journal(&self) -> Result<LandingJournal> {
        let home = self.common_dir().join("gate");
        fs::create_dir_all(&home)
            .map_err(|error| input_output("make the directory", &home, &error))?;
        Ok(LandingJournal {
            file: home.join("landing"),
            _lock: lock(&home.join("lock"))?,
        })
    }
}

impl LandingJournal {
    /// The move that was begun and not ended, if there is one.
    pub fn unfinished(&self) -> Result<Option<LandingMove>> {
        let text = match fs::read(&self.file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(input_output("read", &self.file, &error)),
        };
        let line = text.strip_suffix(b"\n").unwrap_or_default();
        let mut words = line.splitn_str(3, " ");
        let id = |word: Option<&[u8]>| word.and_then(from_hex);
        let (old, new) = (id(words.next()), id(words.next()));
        let branch = words.next().and_then(|name| name.to_str().ok());
        // It is written in one go before anything moves: one that cannot be read is of a process
        // that was killed while it wrote, and nothing has moved.
        Ok(match (old, new, branch) {
            (Some(old), Some(new), Some(branch)) => Some(LandingMove {
                branch: branch.to_owned(),
                old,
                new,
            }),
            _ => None,
        })
    }

    /// Writes down a move before it is made.
    pub fn begin(&self, landing: &LandingMove) -> Result<()> {
        let LandingMove { branch, old, new } = landing;
        let written = File::create(&self.file).and_then(|mut file| {
            writeln!(file, "{old} {new} {branch}")?;
            file.sync_all()
        });
        written.map_err(|error| input_output("write", &self.file, &error))
    }

    /// Forgets the move: it is complete, or was not made.
    pub fn end(&self) -> Result<()> {
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(input_output("remove", &self.file, &error))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::TestRepo;

    #[test]
    fn what_was_begun_is_known_until_it_ends() {
        let repo = TestRepo::new();
        let (old, new) = (repo.commit("old"), repo.commit("new"));
        let branch = "refs/heads/main".to_owned();
        let landing = super::LandingMove { branch, old, new };
        let unfinished = || {
            let journal = repo.open().landing_journal().expect("a journal");
            journal.unfinished().expect("readable")
        };
        assert_eq!(unfinished(), None);
        let journal = repo.open().landing_journal().expect("a journal");
        journal.begin(&landing).expect("written");
        drop(journal);
        assert_eq!(unfinished(), Some(landing.clone()));
        // Killed while it was writing: nothing had moved yet.
        let text = format!("{old} {new} refs/heads/ma");
        for part in ["", &text, &text[..50]] {
            repo.write(".git/gate/landing", part);
            assert_eq!(unfinished(), None, "{part}");
        }
        let journal = repo.open().landing_journal().expect("a journal");
        journal.begin(&landing).expect("written");
        journal.end().expect("removed");
        journal.end().expect("removed already");
        drop(journal);
        assert_eq!(unfinished(), None);
    }
}
