//! Where git writes objects before they are in the repository: a folder beside them, so that what a git
//! leaves behind that is killed can be told from what others do.

use super::objects::input_output;
use super::quarantine::write_alternates;
use super::transaction::flush;
use crate::words::Result;
use std::fs;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// What the names of such folders begin with; the first half is what git calls its own, so that `git prune`
/// removes one that gate could not. Only whoever may land has one.
pub(super) const STAGING: &str = "tmp_objdir-gate-";

/// An object directory that reads those of the repository too. Gone when it is dropped.
pub(super) struct Staging<'a> {
    folder: TempDir,
    objects: &'a Path,
}

impl<'a> Staging<'a> {
    /// One for the object directory `objects`.
    pub(super) fn beside(objects: &'a Path) -> Result<Self> {
        let folder = tempfile::Builder::new().prefix(STAGING).tempdir_in(objects);
        let folder = folder.map_err(|error| input_output("make a folder in", objects, &error))?;
        write_alternates(folder.path(), &[objects.to_owned()])?;
        Ok(Self { folder, objects })
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Moves everything into the repository, in the order in which git expects it there. Contents must be
    /// on disk already; names are when this returns.
    pub(super) fn publish(self) -> Result<()> {
        for folder in listed(self.path())? {
            let name = folder.file_name().unwrap_or_default();
            let is_loose = name.len() == 2 && name.to_string_lossy().bytes().all(is_hex);
            if !(is_loose || name == "pack") {
                continue;
            }
            for file in listed(&folder)? {
                // What a git left that could not remove it.
                let name = file.file_name().unwrap_or_default();
                if name.as_encoded_bytes().starts_with(b"tmp_") {
                    fs::remove_file(&file)
                        .map_err(|error| input_output("remove", &file, &error))?;
                }
            }
            let place = self.objects.join(name);
            // As a whole, if possible: the folder has the permissions that git gives it.
            if let Err(error) = fs::rename(&folder, &place) {
                if !is_there(&error) {
                    return Err(input_output("move objects into", &place, &error));
                }
                let mut files = listed(&folder)?;
                files.sort_by_key(|file| (rank(file), file.clone()));
                for file in files {
                    move_file(&file, &place)?;
                }
            }
            flush(&place)?;
        }
        flush(self.objects)
    }
}

fn is_hex(byte: u8) -> bool {
    byte.is_ascii_hexdigit()
}

fn is_there(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::AlreadyExists | ErrorKind::DirectoryNotEmpty
    )
}

/// An index comes last: a pack that has one is there.
fn rank(file: &Path) -> usize {
    let ending = file.extension().unwrap_or_default();
    let order = ["pack", "rev", "idx"];
    (order.iter().position(|known| ending == *known)).unwrap_or_default()
}

fn move_file(file: &Path, place: &Path) -> Result<()> {
    let new = place.join(file.file_name().unwrap_or_default());
    // What has the same name has the same content, and somebody may be reading it.
    match fs::symlink_metadata(&new) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            fs::rename(file, &new).map_err(|error| input_output("write", &new, &error))
        }
        Err(error) => Err(input_output("look at", &new, &error)),
    }
}

fn listed(folder: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = |error| input_output("read the directory", folder, &error);
    let entries = fs::read_dir(folder).map_err(unreadable)?;
    let paths = entries.map(|entry| entry.map(|entry| entry.path()));
    paths.collect::<std::io::Result<_>>().map_err(unreadable)
}
