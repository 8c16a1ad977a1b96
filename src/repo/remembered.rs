//! What a clone keeps from one run to the next: only to save time, and in no need of trust. It is in
//! `gate/` under the common git directory.

use super::objects::input_output;
use super::open::Repo;
use super::quarantine::{Quarantine, is_read_only};
use crate::words::Result;
use rustix::fs::OFlags;
use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

/// What such a file begins with; then come the digest of what follows, and a line feed.
const HEAD: &[u8] = b"gate 1 ";

impl Repo {
    /// What was kept under `name`. `None` if nothing was, if it is not as it was written, or if it has
    /// more than `limit` bytes.
    pub fn remembered(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        let path = self.common_dir.join("gate").join(name);
        let mut content = Vec::new();
        let read = File::open(&path)
            .and_then(|file| file.take(limit.saturating_add(1)).read_to_end(&mut content));
        match read {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(input_output("read", &path, &error)),
            Ok(length) if length as u64 > limit => return Ok(None),
            Ok(_) => {}
        }
        let sealed = content.strip_prefix(HEAD);
        let end = sealed.and_then(|sealed| sealed.iter().position(|byte| *byte == b'\n'));
        let (Some(sealed), Some(end)) = (sealed, end) else {
            return Ok(None);
        };
        let (digest, kept) = (&sealed[..end], &sealed[end + 1..]);
        let is_whole = digest == self.digest(kept)?.to_string().as_bytes();
        Ok(is_whole.then(|| kept.to_vec()))
    }

    /// Keeps `content` under `name`, in place of what was there. The file is written in `quarantine`,
    /// which goes with the process, and then moved. Where nothing can be kept, nothing is.
    pub fn remember(&self, quarantine: &Quarantine, name: &str, content: &[u8]) -> Result<()> {
        let home = self.common_dir.join("gate");
        if quarantine.dir.path().parent() != Some(&home) {
            return Ok(());
        }
        let (written, kept) = (quarantine.dir.path().join(name), home.join(name));
        fs::write(&written, self.sealed(content)?)
            .map_err(|error| input_output("write", &written, &error))?;
        fs::rename(&written, &kept).map_err(|error| input_output("write", &kept, &error))
    }

    /// The same for whoever needs no quarantine: written over what was there, so that a process that is
    /// killed leaves no other file behind. What it wrote by halves is not as it was written, and forgotten.
    /// Nothing is kept in a repository of somebody else, or its owner could never write there again; nor while a
    /// push is received, which must leave nothing behind where it is refused.
    pub fn remember_in_place(&self, name: &str, content: &[u8]) -> Result<()> {
        let (home, user) = (self.common_dir.join("gate"), rustix::process::geteuid());
        let is_own = |found: fs::Metadata| found.uid() == user.as_raw();
        if self.incoming.is_some() || !fs::metadata(&self.common_dir).is_ok_and(is_own) {
            return Ok(());
        }
        let (path, sealed) = (home.join(name), self.sealed(content)?);
        let written = fs::create_dir_all(&home).and_then(|()| overwrite(&path, &sealed));
        match written {
            Err(error) if is_read_only(&error) => Ok(()),
            written => written.map_err(|error| input_output("write", &path, &error)),
        }
    }

    /// What stands in the file for `content`.
    fn sealed(&self, content: &[u8]) -> Result<Vec<u8>> {
        let digest = self.digest(content)?.to_string();
        Ok([HEAD, digest.as_bytes(), b"\n", content].concat())
    }
}

/// Makes `content` all that the file at `path` holds, unless somebody is at it, or it is somewhere else
/// as well: what others have put there may be anybody's.
pub(super) fn overwrite(path: &Path, content: &[u8]) -> std::io::Result<()> {
    let mut file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
        .open(path)?;
    let found = file.metadata()?;
    if found.nlink() != 1 || file.try_lock().is_err() {
        return Ok(());
    }
    file.write_all(content)?;
    file.set_len(content.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::super::testing::TestRepo;
    use super::*;

    #[test]
    fn what_was_damaged_or_has_grown_too_large_is_forgotten() {
        let repo = TestRepo::new();
        let opened = repo.open();
        let limit = 1000;
        assert_eq!(opened.remembered("kept", limit), Ok(None));
        let quarantine = opened.quarantine().expect("a quarantine");
        let kept = opened.remember(&quarantine, "kept", b"some\nthing");
        kept.expect("kept");
        let read = || opened.remembered("kept", limit).expect("readable");
        assert_eq!(read().as_deref(), Some(&b"some\nthing"[..]));
        assert_eq!(opened.remembered("kept", 10), Ok(None));
        let file = repo.path.join(".git/gate/kept");
        let whole = fs::read(&file).expect("a file");
        for place in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[place] ^= 1;
            fs::write(&file, &damaged).expect("written");
            assert_eq!(read(), None, "byte {place}");
            fs::write(&file, &whole[..place]).expect("written");
            assert_eq!(read(), None, "cut at {place}");
        }
    }
    #[test]
    fn what_is_kept_in_place_takes_the_place_of_what_was_there() {
        let repo = TestRepo::new();
        let opened = repo.open();
        let home = repo.path.join(".git/gate");
        let files = || fs::read_dir(&home).map_or(0, Iterator::count);
        let before = files();
        let read = || opened.remembered("kept", 1000).expect("readable");
        for content in [&b"something long"[..], b"short", b"", b"and longer again"] {
            opened.remember_in_place("kept", content).expect("kept");
            assert_eq!(read().as_deref(), Some(content));
        }
        assert_eq!(files(), before + 1, "nothing beside it");
    }

    #[test]
    fn what_is_cut_short_in_place_is_forgotten() {
        let repo = TestRepo::new();
        let opened = repo.open();
        let file = repo.path.join(".git/gate/kept");
        opened.remember_in_place("kept", b"before").expect("kept");
        let before = fs::read(&file).expect("a file");
        opened.remember_in_place("kept", b"after").expect("kept");
        let after = fs::read(&file).expect("a file");
        // However much of it a process wrote that was killed, and where it did not cut off the rest.
        for written in 0..after.len() {
            let rest = &before[written..];
            fs::write(&file, [&after[..written], rest].concat()).expect("written");
            let kept = opened.remembered("kept", 1000).expect("readable");
            let whole = (written <= HEAD.len()).then(|| b"before".to_vec());
            assert_eq!(kept, whole, "{written} bytes");
        }
    }

    #[test]
    fn nothing_is_kept_in_what_is_somewhere_else_as_well() {
        let repo = TestRepo::new();
        let opened = repo.open();
        let (home, other) = (repo.path.join(".git/gate"), repo.path.join("other"));
        fs::create_dir_all(&home).expect("a folder");
        fs::write(&other, "of somebody").expect("written");
        fs::hard_link(&other, home.join("linked")).expect("a link");
        opened.remember_in_place("linked", b"x").expect("no error");
        std::os::unix::fs::symlink(&other, home.join("pointing")).expect("a link");
        _ = opened.remember_in_place("pointing", b"x");
        assert_eq!(fs::read(&other).expect("a file"), b"of somebody");
    }
}
