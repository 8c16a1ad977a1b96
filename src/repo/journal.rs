//! What a process is about to do to refs and work trees, written down before: what one that is killed
//! began, the next one ends.

use super::commit::from_hex;
use super::objects::input_output;
use super::open::Repo;
use super::quarantine::lock;
use super::transaction::{RefMove, Transaction};
use crate::words::{Code, Finding, ObjectId, Result};
use bstr::ByteSlice;
use std::fs::{self, File};
use std::io::{ErrorKind, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Names the folders below `gate/` that hold copies of indexes.
pub(super) const INDEX_COPY: &str = "index-";
/// Where a ref that does not exist is.
const NOWHERE: &str = "-";
/// Begins a line that names a ref by which git remembers where a remote is.
const TRACKED: &str = "tracked ";

/// The right to move refs and what hangs on them: one process has it at a time, and the kernel takes it
/// back when that ends, and with it the gits that it was lent to.
pub struct LandingJournal<'a> {
    pub(super) repo: &'a Repo,
    home: PathBuf,
    lock: File,
}

impl<'a> LandingJournal<'a> {
    /// Waits for the right to move refs, and returns it with the journal.
    pub(super) fn open(repo: &'a Repo) -> Result<Self> {
        let home = repo.common_dir().join("gate");
        fs::create_dir_all(&home)
            .map_err(|error| input_output("make the directory", &home, &error))?;
        Ok(Self {
            repo,
            lock: lock(&home.join("lock"))?,
            home,
        })
    }

    fn file(&self) -> PathBuf {
        self.home.join("landing")
    }

    fn unfinished_file(&self) -> PathBuf {
        self.home.join("landing.new")
    }

    /// Where folders with copies of indexes are made: whoever comes next removes them.
    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    /// The transaction that was begun and not ended, if there is one.
    ///
    /// # Errors
    /// [`Code::InputOutput`] if it cannot be read, or is not as gate writes it.
    pub(super) fn unfinished(&self) -> Result<Option<Transaction>> {
        let file = self.file();
        match fs::read(&file) {
            Ok(text) => parse(&text).map(Some).ok_or_else(|| unreadable(&file)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(input_output("read", &file, &error)),
        }
    }

    /// When the transaction that is under way was written down.
    pub(super) fn since(&self) -> Result<SystemTime> {
        let file = self.file();
        let found = fs::metadata(&file).and_then(|found| found.modified());
        found.map_err(|error| input_output("look at", &file, &error))
    }

    /// Writes down a transaction before it is made: on disk, complete, when this returns.
    pub(super) fn write(&self, transaction: &Transaction) -> Result<()> {
        let (file, unfinished) = (self.file(), self.unfinished_file());
        let written = File::create(&unfinished).and_then(|mut new| {
            new.write_all(&format(transaction))?;
            new.sync_all()?;
            fs::rename(&unfinished, &file)?;
            File::open(&self.home)?.sync_all()
        });
        written.map_err(|error| {
            // Nothing has moved, so nothing must be there to be ended.
            _ = self.end();
            input_output("write", &file, &error)
        })
    }

    /// Forgets the transaction: it is complete, or was not made.
    pub fn end(&self) -> Result<()> {
        for file in [self.file(), self.unfinished_file()] {
            match fs::remove_file(&file) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(input_output("remove", &file, &error));
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// The locked file with `bytes` in it, for the standard input of a git: as long as that runs, even if
    /// gate is killed, nobody else gets the right to land. To be lent to one at a time.
    pub(super) fn lend(&self, bytes: &[u8]) -> Result<File> {
        let mut lock = &self.lock;
        let written = (lock.set_len(0))
            .and_then(|()| lock.rewind())
            .and_then(|()| lock.write_all(bytes))
            .and_then(|()| lock.rewind())
            .and_then(|()| lock.try_clone());
        written.map_err(|error| input_output("write", &self.home.join("lock"), &error))
    }
}

/// It was moved there when it was complete: whoever changed it knows why.
fn unreadable(file: &Path) -> Box<Finding> {
    let message = "what a run that was killed has begun cannot be read: gate did not write it so";
    let finding = Finding::new(Code::InputOutput, message).note(file.display().to_string());
    Box::new(
        finding.hint(
            "see that the target and its work tree are as they should be, then remove this file",
        ),
    )
}

fn format(transaction: &Transaction) -> Vec<u8> {
    use std::os::unix::ffi::OsStrExt;
    let head = transaction.head.as_os_str().as_bytes();
    let mut text = [b"head ", head, b"\n"].concat();
    let id = |id: Option<ObjectId>| id.map_or(NOWHERE.to_owned(), |id| id.to_string());
    for (place, RefMove { name, old, new }) in transaction.moves.iter().enumerate() {
        let leads = place == 0 && transaction.leads_work_trees;
        let kind = if leads { "branch" } else { "ref" };
        let line = format!("{kind} {} {} {name}\n", id(*old), id(*new));
        text.extend_from_slice(line.as_bytes());
    }
    for name in &transaction.tracked {
        text.extend_from_slice(format!("{TRACKED}{name}\n").as_bytes());
    }
    text
}

fn parse(text: &[u8]) -> Option<Transaction> {
    let mut lines = text.strip_suffix(b"\n")?.split_str("\n");
    let head = super::git::path_from(lines.next()?.strip_prefix(b"head ")?);
    let mut leads_work_trees = false;
    let (mut moves, mut tracked) = (Vec::new(), Vec::new());
    for line in lines {
        if let Some(name) = line.strip_prefix(TRACKED.as_bytes()) {
            tracked.push(name.to_str().ok()?.to_owned());
            continue;
        }
        let mut words = line.splitn_str(4, " ");
        match (words.next()?, moves.len()) {
            (b"branch", 0) => leads_work_trees = true,
            (b"ref", _) => {}
            _ => return None,
        }
        let mut id = || match words.next()? {
            word if word == NOWHERE.as_bytes() => Some(None),
            word => from_hex(word).map(Some),
        };
        let (old, new) = (id()?, id()?);
        let name = words.next()?.to_str().ok()?.to_owned();
        moves.push(RefMove { name, old, new });
    }
    (!moves.is_empty()).then_some(Transaction {
        moves,
        leads_work_trees,
        head,
        tracked,
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::TestRepo;
    use super::*;
    use std::time::{Duration, Instant};

    #[test]
    fn what_was_begun_is_known_until_it_ends() {
        let repo = TestRepo::new();
        let (old, new) = (repo.commit("old"), repo.commit("new"));
        let moved = |name: &str, old, new| RefMove {
            name: name.into(),
            old,
            new,
        };
        let transaction = Transaction {
            moves: vec![
                moved("refs/heads/main", Some(old), Some(new)),
                moved("refs/heads/gate/integration", None, Some(new)),
                moved("refs/tags/gone", Some(old), None),
            ],
            leads_work_trees: true,
            head: "worktrees/a b/HEAD".into(),
            tracked: vec!["refs/remotes/origin/main".into()],
        };
        let opened = repo.open();
        let unfinished = || {
            let journal = LandingJournal::open(&opened).expect("a journal");
            journal.unfinished().expect("readable")
        };
        assert_eq!(unfinished(), None);
        let journal = LandingJournal::open(&opened).expect("a journal");
        journal.write(&transaction).expect("written");
        drop(journal);
        assert_eq!(unfinished(), Some(transaction.clone()));
        // None of these was ever written.
        let text = String::from_utf8(format(&transaction)).expect("text");
        for part in ["", "head HEAD\n", &text[..text.len() - 1], &text[..80]] {
            repo.write(".git/gate/landing", part);
            let journal = LandingJournal::open(&opened).expect("a journal");
            let error = journal.unfinished().expect_err(part);
            assert_eq!(error.code, Code::InputOutput);
            drop(journal);
            assert!(opened.landing_journal().is_err(), "{part}");
        }
        let journal = LandingJournal::open(&opened).expect("a journal");
        journal.write(&transaction).expect("written");
        journal.end().expect("removed");
        journal.end().expect("removed already");
        drop(journal);
        assert_eq!(unfinished(), None);
    }

    #[test]
    fn whoever_was_lent_the_lock_holds_it() {
        let repo = TestRepo::new();
        let opened = repo.open();
        let journal = LandingJournal::open(&opened).expect("a journal");
        let mut lent = journal.lend(b"some text").expect("lent");
        assert_eq!(
            std::io::read_to_string(&mut lent).expect("read"),
            "some text"
        );
        drop(journal);
        let other = File::open(repo.path.join(".git/gate/lock")).expect("a file");
        assert!(other.try_lock().is_err());
        drop(lent);
        // A process that another test starts holds a copy from its fork to its exec.
        let limit = Instant::now() + Duration::from_secs(30);
        while other.try_lock().is_err() {
            assert!(Instant::now() < limit, "the lock is free");
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
