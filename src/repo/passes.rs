//! What passed in this clone: `gate/passes/ID` under the common git directory, one file for each pass,
//! which holds the document that ID is the digest of. Only to save time, and in no need of trust: what is
//! not exactly as it was written is not there.

use super::open::Repo;
use super::quarantine::Quarantine;
use crate::words::{ObjectId, Result};
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Once;
use std::time::{Duration, SystemTime};

/// How many passes are kept at most: those that were used last.
const MOST: usize = 10_000;
/// A pass that was not used for so long goes.
const LONGEST: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// The passes of a clone. Where they cannot be read there are none, and where none can be kept, none is:
/// that costs time and nothing else.
#[derive(Debug)]
pub struct PassFolder {
    home: PathBuf,
    swept: Once,
}

impl Repo {
    /// What passed in this clone.
    pub fn pass_folder(&self) -> PassFolder {
        PassFolder {
            home: self.common_dir.join("gate").join("passes"),
            swept: Once::new(),
        }
    }
}

impl PassFolder {
    /// Whether the pass that `document` describes is kept. It counts as used from now on.
    pub fn has(&self, id: ObjectId, document: &[u8]) -> bool {
        let path = self.home.join(id.to_string());
        let is_kept = File::open(&path).is_ok_and(|file| holds(&file, document));
        if is_kept {
            let opened = File::options().append(true).open(&path);
            // An older time lets it go earlier, no more.
            _ = opened.and_then(|file| file.set_modified(SystemTime::now()));
        }
        is_kept
    }

    /// Keeps the pass that `document` describes. The file is written in `quarantine`, which goes with the
    /// process, and then moved: it is there as a whole, or not at all.
    pub fn keep(&self, quarantine: &Quarantine, id: ObjectId, document: &[u8]) {
        let gate = self.home.parent();
        // Where nothing can be written beside the repository, nothing is.
        if quarantine.dir.path().parent() != gate {
            return;
        }
        let name = format!("pass-{id}");
        let written = quarantine.dir.path().join(name);
        let kept = fs::create_dir_all(&self.home)
            .and_then(|()| fs::write(&written, document))
            .and_then(|()| fs::rename(&written, self.home.join(id.to_string())));
        if kept.is_ok() {
            self.swept
                .call_once(|| sweep(&self.home, MOST, SystemTime::now()));
        }
    }

    /// Takes a pass back.
    ///
    /// # Errors
    /// [`crate::words::Code::InputOutput`] if it stays: it would let pass what has failed.
    pub fn forget(&self, id: ObjectId) -> Result<()> {
        let path = self.home.join(id.to_string());
        match fs::remove_file(&path) {
            Err(error) if path.symlink_metadata().is_ok() => {
                Err(super::objects::input_output("remove", &path, &error))
            }
            _ => Ok(()),
        }
    }
}

/// Whether the file holds these bytes and no more.
fn holds(file: &File, document: &[u8]) -> bool {
    let mut content = Vec::with_capacity(document.len() + 1);
    let limit = document.len() as u64 + 1;
    file.take(limit).read_to_end(&mut content).is_ok() && content == document
}

/// Removes the passes that were not used for [`LONGEST`], and the oldest of more than `most`.
fn sweep(home: &Path, most: usize, now: SystemTime) {
    let mut kept = Vec::new();
    for entry in fs::read_dir(home).into_iter().flatten().flatten() {
        let used = entry.metadata().and_then(|data| data.modified());
        let used = used.unwrap_or(SystemTime::UNIX_EPOCH);
        kept.push((used, entry.path()));
    }
    kept.sort();
    let too_many = kept.len().saturating_sub(most);
    for (at, (used, path)) in kept.iter().enumerate() {
        let age = now.duration_since(*used).unwrap_or_default();
        if at < too_many || age > LONGEST {
            // Who is gone by now is in nobody's way.
            _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::TestRepo;
    use super::*;

    #[test]
    fn a_pass_is_there_only_as_it_was_written() {
        let repo = TestRepo::new();
        let opened = repo.open();
        let quarantine = opened.quarantine().expect("a quarantine");
        let folder = opened.pass_folder();
        let document = b"gate pass\ntree 1\n";
        let id = opened.digest(document).expect("an id");
        assert!(!folder.has(id, document));
        assert_eq!(folder.forget(id), Ok(()));
        folder.keep(&quarantine, id, document);
        assert!(folder.has(id, document));
        let path = repo.path.join(".git/gate/passes").join(id.to_string());
        for place in 0..document.len() {
            let mut damaged = document.to_vec();
            damaged[place] ^= 1;
            fs::write(&path, &damaged).expect("written");
            assert!(!folder.has(id, document), "byte {place}");
            fs::write(&path, &document[..place]).expect("written");
            assert!(!folder.has(id, document), "cut at {place}");
        }
        fs::write(&path, [document, &b"x"[..]].concat()).expect("written");
        assert!(!folder.has(id, document), "more");
        folder.keep(&quarantine, id, document);
        assert_eq!(folder.forget(id), Ok(()));
        assert!(!folder.has(id, document));
        fs::create_dir(&path).expect("a folder");
        assert!(!folder.has(id, document));
        assert!(folder.forget(id).is_err(), "it is still there");
    }

    #[test]
    fn the_oldest_go_and_what_is_used_stays() {
        let repo = TestRepo::new();
        let opened = repo.open();
        let quarantine = opened.quarantine().expect("a quarantine");
        let folder = opened.pass_folder();
        let now = SystemTime::now();
        let day = Duration::from_secs(24 * 60 * 60);
        let made: Vec<_> = (0..100_u32)
            .map(|days| {
                let document = format!("pass {days}").into_bytes();
                let id = opened.digest(&document).expect("an id");
                folder.keep(&quarantine, id, &document);
                let file = File::options()
                    .append(true)
                    .open(folder.home.join(id.to_string()));
                let used = now.checked_sub(day * days).expect("a time");
                file.expect("a file").set_modified(used).expect("a time");
                (id, document)
            })
            .collect();
        let there = || -> Vec<_> {
            let is_there = |id: &ObjectId| folder.home.join(id.to_string()).exists();
            made.iter().map(|(id, _)| is_there(id)).collect()
        };
        // Whoever asks for one uses it.
        assert!(folder.has(made[99].0, &made[99].1));
        sweep(&folder.home, MOST, now);
        assert_eq!(there(), [&[true; 91][..], &[false; 8], &[true]].concat());
        sweep(&folder.home, 11, now);
        assert_eq!(there(), [&[true; 10][..], &[false; 89], &[true]].concat());
    }
}
