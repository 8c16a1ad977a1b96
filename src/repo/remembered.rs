//! What a clone keeps from one run to the next: only to save time, and in no need of trust. It is in
//! `gate/` under the common git directory.

use super::objects::input_output;
use super::open::Repo;
use super::quarantine::Quarantine;
use crate::words::Result;
use std::fs;
use std::io::{ErrorKind, Read};

/// What such a file begins with; then come the digest of what follows, and a line feed.
const HEAD: &[u8] = b"gate 1 ";

impl Repo {
    /// What was kept under `name`. `None` if nothing was, if it is not as it was written, or if it has
    /// more than `limit` bytes.
    pub fn remembered(&self, name: &str, limit: u64) -> Result<Option<Vec<u8>>> {
        let path = self.common_dir.join("gate").join(name);
        let mut content = Vec::new();
        let read = fs::File::open(&path)
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
        let digest = self.digest(content)?.to_string();
        let sealed = [HEAD, digest.as_bytes(), b"\n", content].concat();
        fs::write(&written, sealed).map_err(|error| input_output("write", &written, &error))?;
        fs::rename(&written, &kept).map_err(|error| input_output("write", &kept, &error))
    }
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
}
