//! Folders for private checkouts, and for what commands write beside them: in the system's temporary folder, since a program that looks
//! upwards from one for a repository, or for its own configuration, must not come upon the real one.
//!
//! Each belongs to a quarantine, which names it in its ledger before it exists. Whoever sweeps away
//! the quarantine of a killed process finds its folders there.

use super::git::path_from;
use super::mounts::mounted_below;
use super::objects::input_output;
use crate::words::{Code, Finding, Result, quote};
use std::fs::{self, DirBuilder, File, Permissions};
use std::io::{ErrorKind, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Names the folders of a quarantine, in its own directory; a zero byte ends each name.
const LEDGER: &str = "checkouts";
/// For its owner only.
const PRIVATE: u32 = 0o700;
/// How many threads remove a folder.
const REMOVERS: usize = 4;

/// A folder that is removed with all it holds when this is dropped.
#[derive(Debug)]
pub struct PrivateFolder {
    path: PathBuf,
}

impl PrivateFolder {
    /// A new and empty folder that belongs to the quarantine in the directory `home`.
    pub(super) fn make(home: &Path) -> Result<Self> {
        loop {
            let path = free_name(home)?;
            let ledger = home.join(LEDGER);
            let entry = [path.as_os_str().as_bytes(), b"\0"].concat();
            let opened = File::options().create(true).append(true).open(&ledger);
            opened
                .and_then(|mut file| file.write_all(&entry))
                .map_err(|error| input_output("write", &ledger, &error))?;
            match DirBuilder::new().mode(PRIVATE).create(&path) {
                // Another thread was faster.
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(input_output("make the directory", &path, &error)),
                Ok(()) => return Ok(Self { path }),
            }
        }
    }

    /// Fails if a command has mounted something below it and left it there.
    ///
    /// # Errors
    /// [`Code::InputOutput`], which names the place.
    pub fn check_unmounted(&self) -> Result<()> {
        let Some(point) = mounted_below(&self.path) else {
            return Ok(());
        };
        let point = quote(point.as_os_str().as_bytes());
        let message = format!("a verify command has left a file system mounted at {point}");
        let finding = Finding::new(Code::InputOutput, message);
        Err(Box::new(finding.hint(format!(
            "unmount it, `umount {point}`, and remove the folder: gate removes nothing of it"
        ))))
    }

    /// Where it is; absolute, and without symbolic links.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for PrivateFolder {
    fn drop(&mut self) {
        remove(&self.path);
    }
}

/// Removes the folders of the quarantine in the directory `home`, whose process was killed.
pub(super) fn sweep(home: &Path) -> Result<()> {
    let ledger = home.join(LEDGER);
    let names = match fs::read(&ledger) {
        Ok(names) => names,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(input_output("read", &ledger, &error)),
    };
    // A name without its end was being written: there is no such folder yet.
    for name in names.split_inclusive(|byte| *byte == 0) {
        if let Some(name) = name.strip_suffix(b"\0") {
            remove(&path_from(name));
        }
    }
    Ok(())
}

/// `gate-SUFFIX-1` where the quarantine is called `quarantine-SUFFIX`, or the next that is free.
fn free_name(home: &Path) -> Result<PathBuf> {
    let place = std::env::temp_dir();
    let place = place
        .canonicalize()
        .map_err(|error| input_output("find the temporary folder", &place, &error))?;
    let name = home.file_name().unwrap_or_default().to_string_lossy();
    let suffix = name.rsplit('-').next().unwrap_or_default();
    let mut number = 1;
    loop {
        let path = place.join(format!("gate-{suffix}-{number}"));
        match path.symlink_metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(path),
            Err(error) => return Err(input_output("look at", &path, &error)),
            Ok(_) => number += 1,
        }
    }
}

/// Removes a folder as far as that is in anybody's power: what a command's container left there may
/// belong to somebody else, and must not keep everybody's work from landing.
pub(super) fn remove(path: &Path) {
    if mounted_below(path).is_some() {
        // What is mounted there belongs to somebody else.
        return;
    }
    remove_side_by_side(path);
    if fs::remove_dir_all(path).is_err() {
        // Directories that nobody may write into, such as those of package caches.
        open_up(path);
        _ = fs::remove_dir_all(path);
    }
}

/// Removes what the directories of the first two levels hold, as far as that works: a checkout has most of its
/// files there, and a disk that is slow to forget one forgets several at once.
fn remove_side_by_side(path: &Path) {
    let top = directories(path);
    let below: Vec<PathBuf> = top.iter().flat_map(|dir| directories(dir)).collect();
    if below.len() < REMOVERS {
        return;
    }
    let rest = Mutex::new(below.into_iter());
    let next = || rest.lock().unwrap_or_else(PoisonError::into_inner).next();
    std::thread::scope(|scope| {
        for _ in 0..REMOVERS {
            // Where no thread is to be had, and of what cannot be removed, the rest is left to the caller.
            _ = std::thread::Builder::new().spawn_scoped(scope, || {
                while let Some(dir) = next() {
                    _ = fs::remove_dir_all(dir);
                }
            });
        }
    });
}

/// The directories in `dir` itself; a link to one is none.
fn directories(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let directories = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    directories.map(|entry| entry.path()).collect()
}

fn open_up(dir: &Path) {
    _ = fs::set_permissions(dir, Permissions::from_mode(PRIVATE));
    for inner in directories(dir) {
        open_up(&inner);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn all_that_it_holds_goes_and_nothing_else() {
        let home = tempfile::tempdir().expect("a folder");
        let others = home.path().join("others");
        let theirs = others.join("kept/file");
        fs::create_dir_all(others.join("kept")).expect("directories");
        fs::write(&theirs, "").expect("a file");
        let folder = PrivateFolder::make(home.path()).expect("a folder");
        for name in ["a/b/c", "a/c/d", "a/d", "b/e", "b/f", "locked/g"] {
            let dir = folder.path().join(name);
            fs::create_dir_all(&dir).expect("directories");
            fs::write(dir.join("file"), "").expect("a file");
            symlink(&others, dir.join("link")).expect("a link");
        }
        symlink(&others, folder.path().join("link")).expect("a link");
        symlink(&others, folder.path().join("a/link")).expect("a link");
        let read_only = Permissions::from_mode(0o500);
        fs::set_permissions(folder.path().join("locked/g"), read_only).expect("permissions");
        let path = folder.path().to_owned();
        drop(folder);
        assert!(!path.exists(), "left behind");
        assert!(theirs.exists(), "it was somebody else's");
    }
}
