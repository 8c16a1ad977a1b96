//! Refs that move together, from the moment that this is written down: whatever is killed or fails on the
//! way, all of them get where they go, or none.

use super::journal::LandingJournal;
use super::locks;
use super::objects::input_output;
#[cfg(doc)]
use super::open::Repo;
use super::passage::Side;
use super::update::{RefUpdate, not_updated};
use crate::words::{Finding, ObjectId, Result};
use bstr::ByteSlice;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};

/// Refs that move together. The first one decides: if it is where it goes, all others go there too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Transaction {
    pub(super) moves: Vec<RefMove>,
    /// Whether work trees that have the first one checked out go along.
    pub(super) leads_work_trees: bool,
    /// The HEAD whose log and lock git touches where it leads to one of them: its path from the common
    /// git directory.
    pub(super) head: PathBuf,
    /// The refs by which git remembers where these are in a remote that they are pushed to: it locks them.
    pub(super) tracked: Vec<String>,
}

/// A ref that moves, and from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RefMove {
    pub(super) name: String,
    /// `None` where it does not exist.
    pub(super) old: Option<ObjectId>,
    /// `None` to delete it.
    pub(super) new: Option<ObjectId>,
}

impl RefMove {
    fn reversed(self) -> Self {
        Self {
            old: self.new,
            new: self.old,
            ..self
        }
    }
}

/// Refs that are about to move, which is written down. Where it is dropped, it stays so: the next run ends
/// it.
pub struct Begun<'a> {
    pub(super) journal: &'a LandingJournal<'a>,
    pub(super) transaction: Transaction,
}

impl Begun<'_> {
    /// Moves all the refs; on disk when this returns.
    ///
    /// # Errors
    /// Those of [`super::Repo::update_refs`]. What had moved already has been led back.
    pub fn commit(&self, reason: &str) -> Result<()> {
        let Err(finding) = self.advance(reason).and_then(|()| self.make_durable()) else {
            return Ok(());
        };
        let back = self.not_at(Side::Old)?.into_iter().map(RefMove::reversed);
        match self.run(&back.collect::<Vec<_>>(), reason)? {
            Ok(()) => Err(finding),
            Err(failed) => Err(Box::new((*finding).note(failed.finding.message))),
        }
    }

    /// Moves `updates` in `remote`: all of them, or none. Of a git that fails or is killed no lock is left
    /// afterwards.
    ///
    /// # Errors
    /// Those of [`Repo::push`].
    pub fn push(&self, remote: &str, updates: &[RefUpdate]) -> Result<()> {
        let held = self.journal.lend(b"")?;
        let pushed = self.journal.repo.push(remote, updates, Some(held));
        pushed.map_err(|finding| {
            let removed = self.remove_locks().and_then(|()| self.remove_old_tables());
            match removed {
                Ok(()) => finding,
                Err(also) => Box::new((*finding).note(also.message)),
            }
        })
    }

    fn advance(&self, reason: &str) -> Result<()> {
        let moves = &self.transaction.moves;
        let Err(failed) = self.run(moves, reason)? else {
            return Ok(());
        };
        // A git that is killed, or fails half-way, has moved some, and not said which.
        if failed.killed {
            self.remove_old_tables()?;
        }
        let rest = self.not_at(Side::New)?;
        let changing = moves.iter().filter(|moved| moved.old != moved.new).count();
        if !failed.killed && rest.len() == changing {
            return Err(failed.finding);
        }
        let again = self.run(&rest, reason)?;
        again.map_err(|_| failed.finding)
    }

    /// Ends what a process that was killed began: all refs go where the first one is, unless somebody has
    /// moved that since. Returns the side, if it is at one.
    pub(super) fn settle(&self) -> Result<Option<Side>> {
        self.remove_locks()?;
        self.remove_old_tables()?;
        let Some(side) = self.side()? else {
            return Ok(None);
        };
        let rest = self.not_at(side)?.into_iter().map(|moved| match side {
            Side::New => moved,
            Side::Old => moved.reversed(),
        });
        let ended = self.run(&rest.collect::<Vec<_>>(), "gate: end what was begun")?;
        ended.map_err(|failed| failed.finding)?;
        self.make_durable()?;
        Ok(Some(side))
    }

    /// Where the first ref is, if at one of its ends.
    pub fn side(&self) -> Result<Option<Side>> {
        let Some(first) = self.transaction.moves.first() else {
            return Ok(None);
        };
        let here = self.journal.repo.positions(&[&first.name])?;
        Ok(match here.first() {
            Some(here) if *here == first.new => Some(Side::New),
            Some(here) if *here == first.old => Some(Side::Old),
            _ => None,
        })
    }

    /// Forgets what was written down, unless some refs have moved and others have not: then the next run
    /// ends it.
    pub fn end(self) -> Result<()> {
        if self.not_at(Side::Old)?.is_empty() || self.not_at(Side::New)?.is_empty() {
            return self.journal.end();
        }
        Ok(())
    }

    /// The moves whose ref is at one of their ends, but not at this one.
    fn not_at(&self, side: Side) -> Result<Vec<RefMove>> {
        let moves = &self.transaction.moves;
        let names: Vec<_> = moves.iter().map(|moved| moved.name.as_str()).collect();
        let here = self.journal.repo.positions(&names)?;
        let is_elsewhere = |moved: &RefMove, here: Option<ObjectId>| match side {
            Side::Old => here == moved.new && moved.old != moved.new,
            Side::New => here == moved.old && moved.old != moved.new,
        };
        let pairs = moves.iter().zip(here);
        let such = pairs.filter(|(moved, here)| is_elsewhere(moved, *here));
        Ok(such.map(|(moved, _)| moved.clone()).collect())
    }

    fn remove_locks(&self) -> Result<()> {
        let journal = self.journal;
        let common_dir = journal.repo.common_dir();
        locks::remove_left_behind(common_dir, &self.transaction, journal.since()?)
    }

    /// Lets git remove tables that a git which was killed has put together into one, and not removed.
    fn remove_old_tables(&self) -> Result<()> {
        let repo = self.journal.repo;
        let head = repo.common_dir().join(&self.transaction.head);
        for tables in locks::tables(repo.common_dir(), &head) {
            if !locks::unlisted(&tables)?.is_empty() {
                let git_dir = tables.parent().unwrap_or(&tables);
                let git = repo.git("pack-refs").env("GIT_DIR", git_dir);
                git.input_from(self.journal.lend(b"")?).run()?;
            }
        }
        Ok(())
    }

    /// Runs the transaction over these refs. No lock of it is left afterwards. The outer error means that
    /// it could not be tried, or not be cleaned up after.
    fn run(&self, moves: &[RefMove], reason: &str) -> Result<std::result::Result<(), Failed>> {
        if moves.is_empty() {
            return Ok(Ok(()));
        }
        self.remove_locks()?;
        let repo = self.journal.repo;
        let null = "0".repeat(repo.empty_tree().as_bytes().len() * 2);
        let mut script = b"start\0".to_vec();
        for RefMove { name, old, new } in moves {
            let from = old.map_or(null.clone(), |id| id.to_string());
            let command = match (old, new) {
                (_, Some(new)) => format!("update {name}\0{new}\0{from}\0"),
                (Some(_), None) => format!("delete {name}\0{from}\0"),
                (None, None) => continue,
            };
            script.extend_from_slice(b"option no-deref\0");
            script.extend_from_slice(command.as_bytes());
        }
        script.extend_from_slice(b"prepare\0commit\0");
        let git = repo
            .git("update-ref")
            .args(["-m", reason, "--create-reflog", "--stdin", "-z"])
            .flushing("reference");
        let git = git
            .env("GIT_COMMITTER_NAME", "gate")
            .env("GIT_COMMITTER_EMAIL", "gate@localhost.invalid");
        let output = git.input_from(self.journal.lend(&script)?).output()?;
        // A git that was killed leaves some, and one that could not remove them.
        self.remove_locks()?;
        if output.status.success() && output.stdout.contains_str("commit: ok") {
            return Ok(Ok(()));
        }
        Ok(Err(Failed {
            finding: not_updated(&output),
            killed: output.status.signal().is_some(),
        }))
    }

    /// Flushes what git does not: the reflogs, and the directories of both.
    fn make_durable(&self) -> Result<()> {
        let common_dir = self.journal.repo.common_dir();
        let head = common_dir.join(&self.transaction.head);
        let mut files = BTreeSet::new();
        let tables = locks::tables(common_dir, &head);
        if tables.is_empty() {
            let logs = common_dir.join("logs");
            let own = head.parent().unwrap_or(common_dir);
            files.insert(own.join("logs/HEAD"));
            for RefMove { name, .. } in &self.transaction.moves {
                files.insert(logs.join(name));
                for place in [common_dir.join(name), logs.join(name)] {
                    let above = place.ancestors().skip(1);
                    let inside = above.take_while(|path| *path != common_dir);
                    files.extend(inside.map(Path::to_path_buf));
                }
            }
        }
        files.extend(tables);
        let all = || files.iter().try_for_each(|file| flush(file));
        // Once more where it fails: what has moved is not led back lightly.
        all().or_else(|_| all())
    }
}

/// How git failed.
struct Failed {
    /// What it complained about.
    finding: Box<Finding>,
    killed: bool,
}

/// Flushes a file or a directory to disk, if it is there.
pub(super) fn flush(path: &Path) -> Result<()> {
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(input_output("open", path, &error)),
    };
    file.sync_all()
        .map_err(|error| input_output("flush to disk", path, &error))
}
