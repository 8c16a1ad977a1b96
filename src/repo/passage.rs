//! The passage of a work tree from one commit to another while its branch moves: the files first, then
//! the branch, then the index. Whatever happens in between, it can be led on or led back.

use super::index_copy::IndexCopy;
use super::journal::LandingJournal;
use super::locks::{self, LockFile};
use super::objects::input_output;
use super::transaction::flush;
use super::worktree::WorkTree;
use crate::words::{Change, Mode, ObjectId, Result, quote};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};

/// The ends of a passage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The commit that it comes from.
    Old,
    /// The commit that it goes to.
    New,
}

/// A work tree whose index is locked as long as its files are on the way.
///
/// Only the process that holds the [`LandingJournal`] may have one. It is not unlocked when it is
/// dropped: the next process that lands finds the lock and ends the passage.
pub struct Passage<'a> {
    tree: &'a WorkTree,
    journal: &'a LandingJournal<'a>,
    old: ObjectId,
    new: ObjectId,
    changes: &'a [Change],
}

impl WorkTree {
    /// Begins the passage by `changes` from the commit `old` to the commit `new`, or takes up the same
    /// one that another process has left.
    ///
    /// # Errors
    /// [`crate::words::Code::WorkTreeDirty`] if the index is locked by somebody else.
    pub fn begin_passage<'a>(
        &'a self,
        journal: &'a LandingJournal<'a>,
        old: ObjectId,
        new: ObjectId,
        changes: &'a [Change],
    ) -> Result<Passage<'a>> {
        let file = self.lock_file();
        let mark = format!("gate {old} {new}\n");
        let passage = Passage {
            tree: self,
            journal,
            old,
            new,
            changes,
        };
        match File::create_new(&file) {
            Ok(mut lock) => {
                lock.write_all(mark.as_bytes()).map_err(|error| {
                    // Without its mark nobody would know whose it is.
                    _ = fs::remove_file(&file);
                    input_output("write", &file, &error)
                })?;
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let found = fs::read(&file).unwrap_or_default();
                let is_marked = if found.is_empty() {
                    self.mark_left_out(journal, mark)?
                } else {
                    // A part of the mark is gate's too.
                    mark.as_bytes().starts_with(&found)
                };
                if !is_marked {
                    return Err(self.dirty("its index is locked by another git"));
                }
            }
            Err(error) => return Err(input_output("make the file", &file, &error)),
        }
        Ok(passage)
    }

    /// Whether the lock, which is empty, is one into which gate was about to write its mark when it was
    /// killed: it may also be that of a git at work.
    fn mark_left_out(&self, journal: &LandingJournal<'_>, mark: String) -> Result<bool> {
        let lock = LockFile {
            path: self.lock_file(),
            content: Some(vec![mark.into_bytes()]),
        };
        Ok(!locks::left_behind(&[lock], journal.since()?)?.is_empty())
    }

    /// The side of the passage from `old` to `new` that the index stands at, if at one of them.
    pub(super) fn index_side(
        &self,
        journal: &LandingJournal<'_>,
        old: ObjectId,
        new: ObjectId,
    ) -> Result<Option<Side>> {
        let index = IndexCopy::of(self, journal)?;
        for (side, commit) in [(Side::Old, old), (Side::New, new)] {
            if index.differs_from(commit)?.is_empty() {
                return Ok(Some(side));
            }
        }
        Ok(None)
    }
}

impl Passage<'_> {
    /// The side that the index stands at, if at one of them.
    pub fn index_side(&self) -> Result<Option<Side>> {
        self.tree.index_side(self.journal, self.old, self.new)
    }

    /// Brings the files to `side`. Each must be as one of the two sides has it, missing, or partly
    /// written; then nothing of anybody's is lost.
    ///
    /// # Errors
    /// [`crate::words::Code::WorkTreeDirty`] if somebody has written something else: nothing is touched.
    pub fn bring_files(&self, side: Side) -> Result<()> {
        let indexes = self.indexes()?;
        let differs = [
            indexes[0].differs_from_files()?,
            indexes[1].differs_from_files()?,
        ];
        let mut write: Vec<&[u8]> = Vec::new();
        let mut remove: Vec<&[u8]> = Vec::new();
        for change in self.changes {
            let path = change.path.as_bytes();
            let is_at = |side| self.is_at(change, side, &differs[side as usize]);
            if is_at(side)? {
                continue;
            }
            if !is_at(other(side))? && !self.is_part_of_new(change)? {
                let mut error = self
                    .tree
                    .dirty("a file in it was changed while it was on its way");
                error.notes.push(quote(path));
                error.hint = Some("look at it with `git diff`, then integrate again".into());
                return Err(error);
            }
            match entry(change, side) {
                Some(_) => write.push(path),
                None => remove.push(path),
            }
        }
        for path in remove {
            self.remove(path)?;
        }
        indexes[side as usize].check_out(&write)
    }

    /// Brings files and index to `side` and unlocks it. Where that cannot be, it is unlocked all the
    /// same, so that people can see to it.
    pub fn settle(self, side: Side) -> Result<()> {
        match self.bring_files(side) {
            Ok(()) => self.end(side),
            Err(finding) => self.unlock().and(Err(finding)),
        }
    }

    /// Brings the index to `side`, where the files are by now, and unlocks it.
    pub fn end(self, side: Side) -> Result<()> {
        let written = self.write_index(side);
        self.unlock().and(written)
    }

    fn write_index(&self, side: Side) -> Result<()> {
        if self.index_side()? == Some(side) {
            return Ok(());
        }
        let indexes = self.indexes()?;
        let next = self.tree.git_dir.join("index.gate");
        let index = self.tree.git_dir.join("index");
        fs::copy(indexes[side as usize].file(), &next)
            .and_then(|_| File::open(&next)?.sync_all())
            .and_then(|()| fs::rename(&next, &index))
            .map_err(|error| input_output("write", &next, &error))?;
        flush(&self.tree.git_dir)
    }

    fn unlock(&self) -> Result<()> {
        let lock = self.tree.lock_file();
        fs::remove_file(&lock).map_err(|error| input_output("remove", &lock, &error))
    }

    /// The index as it is at either side.
    fn indexes(&self) -> Result<[IndexCopy<'_>; 2]> {
        let copy = || IndexCopy::of(self.tree, self.journal);
        let (old, new) = (copy()?, copy()?);
        let only = |side| {
            let changes = self.changes.iter();
            let only = changes.filter(move |change| entry(change, other(side)).is_none());
            let paths = only.map(|change| change.path.as_bytes());
            paths.collect::<Vec<_>>()
        };
        match self.index_side()? {
            Some(Side::Old) => new.go(self.old, self.new, &only(Side::New))?,
            Some(Side::New) => old.go(self.new, self.old, &only(Side::Old))?,
            None => {
                return Err(self
                    .tree
                    .dirty("something was staged while it was on its way"));
            }
        }
        Ok([old, new])
    }

    /// Whether the file is as `side` has it; `differs`: the paths whose files are not.
    fn is_at(&self, change: &Change, side: Side, differs: &BTreeSet<Vec<u8>>) -> Result<bool> {
        let path = change.path.as_bytes();
        match entry(change, side) {
            Some(_) => Ok(!differs.contains(path)),
            // A directory in its place is full of other paths, which are looked at for themselves.
            None => Ok(self.tree.kind_of(path)?.is_none_or(|kind| kind.is_dir())),
        }
    }

    /// Whether the file is missing, or only the beginning of the new one: written by a process that was
    /// killed, or that had no more space.
    fn is_part_of_new(&self, change: &Change) -> Result<bool> {
        let path = change.path.as_bytes();
        let Some(kind) = self.tree.kind_of(path)? else {
            return Ok(true);
        };
        let is_file = |side| entry(change, side).is_some_and(Mode::is_regular);
        if !kind.is_file() {
            return Ok(false);
        }
        let file = self.tree.file(path);
        let found = fs::read(&file).map_err(|error| input_output("read", &file, &error))?;
        for (side, commit) in [(Side::Old, self.old), (Side::New, self.new)] {
            if is_file(side) {
                let name = [commit.to_string().as_bytes(), b":", path].concat();
                let name = super::git::path_from(&name);
                let git = self.tree.git("cat-file").arg("--filters").arg(name);
                if git.run()?.starts_with(&found) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Removes a file, and the directories that it leaves empty.
    fn remove(&self, path: &[u8]) -> Result<()> {
        let file = self.tree.file(path);
        let removed = match fs::symlink_metadata(&file) {
            Ok(found) if found.is_dir() => fs::remove_dir(&file),
            _ => fs::remove_file(&file),
        };
        match removed {
            // A submodule that is filled stays, as git leaves it.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::NotFound | ErrorKind::DirectoryNotEmpty
                ) => {}
            result => result.map_err(|error| input_output("remove", &file, &error))?,
        }
        let parents = file.ancestors().skip(1);
        for parent in parents.take_while(|parent| *parent != self.tree.path) {
            if fs::remove_dir(parent).is_err() {
                break;
            }
        }
        Ok(())
    }
}

fn other(side: Side) -> Side {
    match side {
        Side::Old => Side::New,
        Side::New => Side::Old,
    }
}

fn entry(change: &Change, side: Side) -> Option<Mode> {
    let entry = match side {
        Side::Old => change.before,
        Side::New => change.after,
    };
    entry.map(|entry| entry.mode)
}
