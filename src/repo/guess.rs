//! Which repository it most probably is: worked with while git is asked, and believed only if git says the
//! same.

use super::open::Repo;
use super::places::Places;
use super::settings::Settings;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// What has a say in a guess.
const KEYS: [&str; 6] = [
    "core.ignorecase",
    "core.precomposeunicode",
    "core.worktree",
    "extensions.objectformat",
    "extensions.refstorage",
    "gate.target",
];

/// The repository that `dir` is in, as it usually is: a folder of one's own with everything in it. `None`
/// where that is not so.
pub(super) fn guess(dir: &Path) -> Option<Repo> {
    let git_dir = git_dir(&dir.canonicalize().ok()?)?;
    let is_own = fs::metadata(&git_dir).ok()?.uid() == rustix::process::geteuid().as_raw();
    let settings = Settings::guessed(&git_dir.join("config"), &KEYS)?;
    if !is_own || settings.get("core.worktree").is_some() {
        return None;
    }
    let kind = match settings.get("extensions.objectformat").as_deref() {
        None | Some("sha1") => gix::hash::Kind::Sha1,
        Some("sha256") => gix::hash::Kind::Sha256,
        Some(_) => return None,
    };
    let places = Places {
        kind,
        common_dir: git_dir.clone(),
        objects_dir: git_dir.join("objects"),
        index: git_dir.join("index"),
        shallow: git_dir.join("shallow"),
        work_tree: None,
        git_dir,
    };
    Repo::with(places, settings, None).ok()
}

/// The git directory of the innermost repository around `here`, unless it is elsewhere.
fn git_dir(here: &Path) -> Option<PathBuf> {
    let looks_so = |folder: &Path| {
        let has = |name| folder.join(name).exists();
        has("HEAD") && has("objects") && has("refs")
    };
    for folder in here.ancestors() {
        let inside = folder.join(".git");
        match fs::symlink_metadata(&inside) {
            Ok(found) => return (found.is_dir() && looks_so(&inside)).then_some(inside),
            Err(_) if looks_so(folder) => return Some(folder.to_owned()),
            Err(_) => {}
        }
    }
    None
}
