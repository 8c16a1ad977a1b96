//! Folders that survive runs, for what verify commands want to find again: `gate/cache/OWNER/COMMAND` under
//! the common git directory, with `-2` and so on behind it where several of them run at a time.

use super::objects::input_output;
use super::open::Repo;
use super::private_folder::{PrivateFolder, remove};
use super::quarantine::{Quarantine, is_read_only};
use crate::words::Result;
use std::fs::{self, File, TryLockError};
use std::io::{Error, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// How long a folder is kept that nobody uses.
const KEPT: Duration = Duration::from_secs(30 * 24 * 60 * 60);

/// Where the folders of a repository are.
#[derive(Debug)]
pub struct CacheHome {
    home: PathBuf,
}

/// A folder that one command at a time uses, from run to run. What stays empty is gone when this is dropped.
#[derive(Debug)]
pub struct CacheFolder {
    path: PathBuf,
    /// The lock on it, which the system frees if this process is killed; `None` where nothing can be written
    /// beside the repository.
    lock: Option<File>,
    /// What it is in that case: nothing of it is kept.
    _temporary: Option<PrivateFolder>,
}

impl Repo {
    /// Where the folders of this repository are. Those that nobody has used for 30 days go, and those that
    /// are empty.
    pub fn cache_home(&self) -> CacheHome {
        let home = CacheHome {
            home: self.common_dir.join("gate").join("cache"),
        };
        // A failure to make room is for whoever needs it to report.
        _ = home.sweep();
        home
    }
}

impl CacheHome {
    /// A folder for `command` of `owner` that nobody else uses: the first of those that were used before, or
    /// a new one.
    pub fn folder(
        &self,
        owner: &str,
        command: &str,
        quarantine: &Quarantine,
    ) -> Result<CacheFolder> {
        let mut number = 1;
        loop {
            let name = match number {
                1 => command.to_owned(),
                number => format!("{command}-{number}"),
            };
            let path = self.home.join(owner).join(name);
            match locked(&path) {
                Ok(Some(lock)) => {
                    return Ok(CacheFolder {
                        path,
                        lock: Some(lock),
                        _temporary: None,
                    });
                }
                Ok(None) => number += 1,
                // Whoever had it has just removed it, because it was empty.
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) if is_read_only(&error) => {
                    let folder = PrivateFolder::make(quarantine.dir.path())?;
                    return Ok(CacheFolder {
                        path: folder.path().to_owned(),
                        lock: None,
                        _temporary: Some(folder),
                    });
                }
                Err(error) => return Err(input_output("make the directory", &path, &error)),
            }
        }
    }

    fn sweep(&self) -> std::io::Result<()> {
        for owner in fs::read_dir(&self.home)? {
            let owner = owner?.path();
            for folder in fs::read_dir(&owner)? {
                // What is in use, or somebody else's, stays.
                _ = tidy(&folder?.path());
            }
            _ = fs::remove_dir(owner);
        }
        _ = fs::remove_dir(&self.home);
        Ok(())
    }
}

/// Removes a folder that nobody has used for long, or that is empty, as after a process that was killed.
fn tidy(path: &Path) -> std::io::Result<()> {
    let age = fs::symlink_metadata(path)?.modified()?.elapsed();
    let is_empty = fs::read_dir(path)?.next().is_none();
    if (is_empty || age.is_ok_and(|age| age > KEPT))
        && let Some(_lock) = locked_already(path)?
    {
        remove(path);
    }
    Ok(())
}

impl CacheFolder {
    /// Where it is; absolute.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for CacheFolder {
    fn drop(&mut self) {
        if let Some(lock) = &self.lock {
            // Each of them goes only where it holds nothing.
            let folders = self.path.ancestors().take(3);
            _ = folders.map(fs::remove_dir).find(std::io::Result::is_err);
            // A process that another thread starts holds a copy until its exec: closing would not free it yet.
            _ = lock.unlock();
        }
    }
}

/// The lock on the folder at `path`, which is made if it is not there, and is as new as can be; `None` while
/// somebody else has it.
fn locked(path: &Path) -> std::io::Result<Option<File>> {
    // What is no folder was put there by a command: nobody may be led elsewhere by it.
    if fs::symlink_metadata(path).is_ok_and(|data| !data.is_dir()) {
        fs::remove_file(path)?;
    }
    fs::create_dir_all(path)?;
    let lock = locked_already(path)?;
    if let Some(folder) = &lock {
        folder.set_modified(SystemTime::now())?;
    }
    Ok(lock)
}

fn locked_already(path: &Path) -> std::io::Result<Option<File>> {
    let folder = File::open(path)?;
    match folder.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(error)) => return Err(error),
    }
    // It may have been removed meanwhile, and another one made.
    let (mine, there) = (folder.metadata()?, fs::symlink_metadata(path)?);
    if (mine.dev(), mine.ino()) != (there.dev(), there.ino()) {
        return Err(Error::from(ErrorKind::NotFound));
    }
    Ok(Some(folder))
}

#[cfg(test)]
mod tests {
    use super::super::testing::TestRepo;
    use super::*;

    #[test]
    fn one_at_a_time_uses_a_folder_and_it_is_there_for_the_next() {
        let repo = TestRepo::new();
        let opened = repo.open();
        let quarantine = opened.quarantine().expect("a quarantine");
        let home = opened.cache_home();
        let folder = || home.folder("core", "1a2b", &quarantine).expect("a folder");
        let (first, second) = (folder(), folder());
        assert!(first.path().ends_with("gate/cache/core/1a2b"));
        assert!(second.path().ends_with("gate/cache/core/1a2b-2"));
        fs::write(first.path().join("kept"), "").expect("written");
        let (first_path, second_path) = (first.path().to_owned(), second.path().to_owned());
        drop((first, second));
        assert!(!second_path.exists(), "it is empty");
        let again = folder();
        assert_eq!(again.path(), first_path);
        assert!(again.path().join("kept").exists());
        drop(again);
        fs::remove_file(first_path.join("kept")).expect("removed");
        drop(folder());
        assert!(!repo.path.join(".git/gate/cache").exists(), "all are empty");
    }

    #[test]
    fn what_nobody_has_used_for_long_goes() {
        let repo = TestRepo::new();
        let opened = repo.open();
        let quarantine = opened.quarantine().expect("a quarantine");
        let old = |path: &Path| {
            let long_ago = SystemTime::now() - KEPT - Duration::from_secs(60);
            let folder = File::open(path).expect("a folder");
            folder.set_modified(long_ago).expect("a time");
        };
        let home = opened.cache_home();
        let [gone, used, new] = ["gone", "used", "new"].map(|name| {
            let folder = home.folder("core", name, &quarantine).expect("a folder");
            fs::write(folder.path().join("kept"), "").expect("written");
            folder
        });
        old(gone.path());
        old(used.path());
        let gone_path = gone.path().to_owned();
        drop(gone);
        drop(opened.cache_home());
        let there = [&*gone_path, used.path(), new.path()].map(Path::exists);
        assert_eq!(there, [false, true, true]);
    }

    #[test]
    fn nobody_is_led_elsewhere() {
        let repo = TestRepo::new();
        let opened = repo.open();
        let quarantine = opened.quarantine().expect("a quarantine");
        let owner = repo.path.join(".git/gate/cache/core");
        fs::create_dir_all(&owner).expect("a folder");
        std::os::unix::fs::symlink(&repo.path, owner.join("1a2b")).expect("a link");
        let home = opened.cache_home();
        let folder = home.folder("core", "1a2b", &quarantine).expect("a folder");
        let data = fs::symlink_metadata(folder.path()).expect("there");
        assert!(data.is_dir());
    }
}
