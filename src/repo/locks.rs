//! The lock files of a ref transaction: those of others are named and left alone, those that a git of
//! gate's left behind when it was killed are removed.

use super::objects::input_output;
use super::transaction::Transaction;
use crate::words::{Code, Finding, Result};
use bstr::ByteSlice;
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

/// How long a git that is at work has to remove its lock.
const PATIENCE: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(10);
/// How long nobody must have touched what is taken to be left behind.
const STILL: Duration = Duration::from_secs(1);

/// A lock that git makes for a transaction.
#[derive(Debug)]
pub(super) struct LockFile {
    pub(super) path: PathBuf,
    /// What it holds, or a part of that, if it was made for this transaction; `None` where git writes
    /// other things into it.
    pub(super) content: Option<Vec<Vec<u8>>>,
}

/// The locks that stand in the way of a transaction. `git_dirs`: those of the work trees whose HEAD leads
/// to one of the refs.
pub(super) fn of_transaction(
    common_dir: &Path,
    transaction: &Transaction,
    git_dirs: &[PathBuf],
) -> Vec<LockFile> {
    let lock = |path: PathBuf, content| LockFile { path, content };
    let beside = |path: &Path| {
        let mut name = path.as_os_str().to_owned();
        name.push(".lock");
        PathBuf::from(name)
    };
    let head = common_dir.join(&transaction.head);
    if let Some(tables) = tables(common_dir, &head).first() {
        return vec![lock(tables.join("tables.list.lock"), None)];
    }
    let mut locks = vec![
        lock(common_dir.join("packed-refs.lock"), None),
        lock(common_dir.join("packed-refs.new"), None),
        lock(beside(&head), Some(Vec::new())),
    ];
    let heads = git_dirs.iter().map(|dir| beside(&dir.join("HEAD")));
    locks.extend(heads.map(|path| lock(path, Some(Vec::new()))));
    for moved in &transaction.moves {
        let ids = [moved.old, moved.new].into_iter().flatten();
        let content = ids.map(|id| format!("{id}\n").into_bytes()).collect();
        locks.push(lock(beside(&common_dir.join(&moved.name)), Some(content)));
    }
    let moves = transaction.moves.iter();
    let ids: Vec<_> = moves.flat_map(|moved| [moved.old, moved.new]).collect();
    let ids = ids.into_iter().flatten();
    let content: Vec<_> = ids.map(|id| format!("{id}\n").into_bytes()).collect();
    locks.extend(transaction.tracked.iter().map(|name| {
        let path = beside(&common_dir.join(name));
        lock(path, Some(content.clone()))
    }));
    locks
}

/// Where refs are in tables, if they are: those of all work trees, and those of the one of this HEAD.
pub(super) fn tables(common_dir: &Path, head: &Path) -> Vec<PathBuf> {
    let own = head.parent().unwrap_or(common_dir);
    let mut places = vec![common_dir.join("reftable"), own.join("reftable")];
    places.dedup();
    places.retain(|place| place.is_dir());
    places
}

/// Waits until none of these files is there, for a while.
///
/// # Errors
/// [`Code::Git`] if one is still there.
pub(super) fn wait_for(locks: &[LockFile]) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    for lock in locks {
        while look(&lock.path)?.is_some() {
            if Instant::now() > deadline {
                return Err(locked(&lock.path));
            }
            std::thread::sleep(PAUSE);
        }
    }
    Ok(())
}

fn locked(path: &Path) -> Box<Finding> {
    let message = "a ref is locked by another process, or by one that was killed";
    let finding = Finding::new(Code::Git, message).note(path.display().to_string());
    Box::new(finding.hint("see that no git is running, then remove this lock file"))
}

/// Removes what a git of gate's left behind of a transaction that was written down at `since`, before
/// which none of these locks was there.
pub(super) fn remove_left_behind(
    common_dir: &Path,
    transaction: &Transaction,
    since: SystemTime,
) -> Result<()> {
    let head = common_dir.join(&transaction.head);
    let mut locks = of_transaction(common_dir, transaction, &[]);
    for place in tables(common_dir, &head) {
        locks.extend(unlisted(&place)?.into_iter().map(|path| LockFile {
            path,
            content: None,
        }));
    }
    for path in left_behind(&locks, since)? {
        match fs::remove_file(&path) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(input_output("remove", &path, &error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// What is in a folder of tables and not on their list.
pub(super) fn unlisted(tables: &Path) -> Result<Vec<PathBuf>> {
    let list = tables.join("tables.list");
    let listed = fs::read(&list).map_err(|error| input_output("read", &list, &error))?;
    let unreadable = |error| input_output("read the directory", tables, &error);
    let mut found = Vec::new();
    for entry in fs::read_dir(tables).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        let bytes = name.as_encoded_bytes();
        if bytes != b"tables.list" && !listed.lines().any(|line| line == bytes) {
            found.push(tables.join(name));
        }
    }
    Ok(found)
}

/// Those of these files that were left behind by a process that is gone: as it leaves them, not older than
/// `since`, unchanged for a while, and open nowhere.
pub(super) fn left_behind(locks: &[LockFile], since: SystemTime) -> Result<Vec<PathBuf>> {
    let mut candidates = Vec::new();
    for lock in locks {
        if let Some(found) = look(&lock.path)?
            && lock.is_made_for_this(&found, since)?
        {
            candidates.push((lock, found));
        }
    }
    let age = |found: &Metadata| found.modified().ok()?.elapsed().ok();
    if candidates
        .iter()
        .any(|(_, found)| age(found).is_none_or(|age| age < STILL))
    {
        std::thread::sleep(STILL);
    }
    let mut left = Vec::new();
    for (lock, before) in candidates {
        let Some(found) = look(&lock.path)? else {
            continue;
        };
        let touched = |found: &Metadata| {
            use std::os::unix::fs::MetadataExt;
            (found.ino(), found.ctime(), found.ctime_nsec())
        };
        if touched(&found) == touched(&before) && !is_open(&lock.path) {
            left.push(lock.path.clone());
        }
    }
    Ok(left)
}

impl LockFile {
    fn is_made_for_this(&self, found: &Metadata, since: SystemTime) -> Result<bool> {
        if found.modified().is_ok_and(|modified| modified < since) {
            return Ok(false);
        }
        let Some(content) = &self.content else {
            return Ok(true);
        };
        match fs::read(&self.path) {
            Ok(text) => Ok(text.is_empty() || content.iter().any(|whole| whole.starts_with(&text))),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(input_output("read", &self.path, &error)),
        }
    }
}

fn look(path: &Path) -> Result<Option<Metadata>> {
    match fs::symlink_metadata(path) {
        Ok(found) => Ok(Some(found)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(error) => Err(input_output("look at", path, &error)),
    }
}

/// Whether a process has the file open, as far as this can be found out: only Linux tells, and only of
/// processes of the same user.
fn is_open(path: &Path) -> bool {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let entries = |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten();
    let mut descriptors = entries(Path::new("/proc"))
        .flat_map(|process| entries(&process.path().join("fd")).collect::<Vec<_>>());
    descriptors.any(|entry| fs::read_link(entry.path()).is_ok_and(|file| file == path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    /// A lock with this text, of so many seconds ago.
    fn lock(folder: &Path, text: &str, age: u64) -> LockFile {
        let path = folder.join("main.lock");
        fs::write(&path, text).expect("written");
        let when = SystemTime::now() - Duration::from_secs(age);
        let file = File::options().append(true).open(&path).expect("a file");
        file.set_modified(when).expect("set back");
        LockFile {
            path,
            content: Some(vec![b"old\n".to_vec(), b"new\n".to_vec()]),
        }
    }

    #[test]
    fn only_what_came_later_and_holds_an_end_of_the_move_is_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let since = SystemTime::now() - Duration::from_secs(60);
        for (text, age, is_left) in [
            ("", 30, true),
            ("n", 30, true),
            ("new\n", 30, true),
            ("old\n", 30, true),
            ("newer\n", 30, false),
            ("other\n", 30, false),
            ("", 90, false),
            ("new\n", 90, false),
        ] {
            let lock = lock(folder.path(), text, age);
            let found = left_behind(&[lock], since).expect("readable");
            assert_eq!(!found.is_empty(), is_left, "{text:?} of {age} seconds ago");
        }
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn what_a_process_has_open_is_not_left_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let since = SystemTime::now() - Duration::from_secs(60);
        let lock = [lock(folder.path(), "", 30)];
        let open = File::open(&lock[0].path).expect("a file");
        assert_eq!(left_behind(&lock, since), Ok(Vec::new()));
        drop(open);
        assert_eq!(left_behind(&lock, since), Ok(vec![lock[0].path.clone()]));
    }

    #[test]
    fn what_somebody_still_writes_is_not_left_behind() {
        let folder = tempfile::tempdir().expect("a folder");
        let lock = lock(folder.path(), "", 0);
        let (path, since) = (lock.path.clone(), SystemTime::UNIX_EPOCH);
        let found = std::thread::scope(|scope| {
            let found = scope.spawn(|| left_behind(&[lock], since));
            std::thread::sleep(STILL / 2);
            fs::write(&path, "new\n").expect("written");
            found.join().expect("no panic")
        });
        assert_eq!(found, Ok(Vec::new()));
    }
}
