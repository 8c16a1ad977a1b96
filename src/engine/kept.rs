//! What was made of the target's manifest, remembered in the clone: whoever judges by the same one next
//! need not read and prove it again. Only what is valid and proven disjoint is kept, one manifest at a time.

use super::source::Text;
use crate::manifest::{self, limits};
use crate::ownership::Ownership;
use crate::repo::Repo;
use crate::words::ObjectId;
use std::fs;
use std::os::unix::fs::MetadataExt;

/// Under which name it is kept.
const NAME: &str = "manifest";
/// The form in which it is kept.
const FORMAT: u32 = 1;
/// A text shorter than this is not worth a file: to read and prove 4,072 bytes with 127 patterns takes 2.4
/// million instructions.
const SHORTEST: usize = 4096;
/// How many bytes are read of it: far more than a manifest comes to in that form.
const MOST_BYTES: u64 = 2 * limits::MAX_BYTES as u64;

/// The program that made it: another one may read manifests otherwise, and believes none of it.
#[derive(Clone, Debug)]
pub(super) struct Maker(String);

impl Maker {
    /// This program; `None` where it cannot be told from another one.
    pub(super) fn this() -> Option<Self> {
        let program = std::env::current_exe().ok()?;
        let found = fs::metadata(&program).ok()?;
        let (version, path) = (env!("CARGO_PKG_VERSION"), program.display());
        let (size, seconds, nanoseconds) = (found.size(), found.mtime(), found.mtime_nsec());
        Some(Self(format!(
            "form {FORMAT}\n{version}\n{path} {size} {seconds}.{nanoseconds:09}\n"
        )))
    }

    /// What is kept begins with this: it tells the manifest `id` and its maker from all others.
    fn head(&self, id: ObjectId) -> String {
        format!("{}{id}\n", self.0)
    }
}

/// The rules that were made of the manifest `text`, whose id is `id`, if `maker` has kept them. They are
/// proven disjoint.
pub(super) fn recall(repo: &Repo, maker: &Maker, text: &Text, id: ObjectId) -> Option<Ownership> {
    if text.bytes.len() < SHORTEST {
        return None;
    }
    // What cannot be read is made anew: nothing here is needed.
    let kept = repo.remembered(NAME, MOST_BYTES).ok()??;
    let kept = kept.strip_prefix(maker.head(id).as_bytes())?;
    let source = manifest::decode(&text.name, &text.bytes).ok()?;
    manifest::recall(kept, source).map(Ownership::compile_again)
}

/// Keeps what `maker` made of the manifest `id`: rules that are valid and proven disjoint.
pub(super) fn keep(repo: &Repo, maker: &Maker, ownership: &Ownership, id: ObjectId) {
    let manifest = ownership.manifest();
    if manifest.source.text.len() < SHORTEST {
        return;
    }
    let Some(kept) = manifest::kept(manifest) else {
        return;
    };
    let content = [maker.head(id).as_bytes(), &kept].concat();
    // What cannot be kept is made anew the next time.
    _ = repo.remember_in_place(NAME, &content);
}
