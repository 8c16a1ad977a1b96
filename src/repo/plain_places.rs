//! Where everything is in a repository as most are, found without a process, as git finds it (`setup.c` of git).
//! Whatever is out of the ordinary is not told here at all, but by git.

use super::git::{environment_is_plain, path_from};
use super::places::Places;
use super::plain_refs::small_file;
use super::plain_settings;
use super::settings::Settings;
use bstr::ByteSlice;
use rustix::fs::{Access, access};
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The places of the repository that `dir` is in, and what is configured there. `None` says nothing of either.
pub(super) fn find(dir: &Path) -> Option<(Places, Settings)> {
    if !environment_is_plain() {
        return None;
    }
    let (git_dir, work_tree) = match around(&dir.canonicalize().ok()?)? {
        Found::WorkTree(top, entry) => (git_dir(&top, &entry)?, Some(top)),
        Found::Bare(git_dir) => (git_dir, None),
    };
    let common_dir = common_dir(&git_dir)?;
    let objects_dir = common_dir.join("objects");
    let is_reachable = |folder: &Path| access(folder, Access::EXEC_OK).is_ok();
    let is_whole = is_reachable(&objects_dir) && is_reachable(&common_dir.join("refs"));
    // What belongs to somebody else is trusted only if git's configuration says so.
    if !is_whole || !has_head(&git_dir) || !is_own(&fs::symlink_metadata(&git_dir).ok()?) {
        return None;
    }
    let (settings, kind) = plain_settings::read(&common_dir, work_tree.is_none())?;
    let places = Places {
        kind,
        index: index(work_tree.as_deref(), &git_dir)?,
        shallow: common_dir.join("shallow"),
        objects_dir,
        work_tree,
        git_dir,
        common_dir,
    };
    Some((places, settings))
}

/// What git comes to first on its way upwards.
enum Found {
    /// A folder with something called `.git`, and what that is.
    WorkTree(PathBuf, Metadata),
    /// A folder that may be a git directory without a work tree.
    Bare(PathBuf),
}

/// The innermost of them around `here`. `None` where git would stop on the way.
fn around(here: &Path) -> Option<Found> {
    let device = fs::symlink_metadata(here).ok()?.dev();
    for folder in here.ancestors() {
        let found = fs::symlink_metadata(folder).ok()?;
        if found.dev() != device {
            return None;
        }
        match fs::symlink_metadata(folder.join(".git")) {
            Ok(entry) => {
                let is_own = is_own(&found) && is_own(&entry);
                return is_own.then(|| Found::WorkTree(folder.to_owned(), entry));
            }
            Err(error) if error.kind() != ErrorKind::NotFound => return None,
            Err(_) if folder.join("HEAD").exists() => return Some(Found::Bare(folder.to_owned())),
            Err(_) => {}
        }
    }
    None
}

fn is_own(found: &Metadata) -> bool {
    found.uid() == rustix::process::geteuid().as_raw()
}

/// The git directory of the work tree `top`, whose `.git` is a folder, or a file that names one.
fn git_dir(top: &Path, entry: &Metadata) -> Option<PathBuf> {
    let inside = top.join(".git");
    if entry.is_dir() {
        return Some(inside);
    }
    let text = small_file(&inside).ok()??;
    let named = text.strip_prefix(b"gitdir: ")?;
    top.join(path_in(named)?).canonicalize().ok()
}

/// The git directory that all work trees share.
fn common_dir(git_dir: &Path) -> Option<PathBuf> {
    match small_file(&git_dir.join("commondir")) {
        Ok(text) => git_dir.join(path_in(&text?)?).canonicalize().ok(),
        Err(error) if error.kind() == ErrorKind::NotFound => Some(git_dir.to_owned()),
        Err(_) => None,
    }
}

/// The path that is all of a file.
fn path_in(text: &[u8]) -> Option<PathBuf> {
    let path = text.strip_suffix(b"\n").unwrap_or(text);
    let is_plain = !path.is_empty() && !path.contains_str("\n") && !path.contains_str("\r");
    is_plain.then(|| path_from(path))
}

/// Where the index is: a hook is told of another one. git reads it from the top of the work tree.
fn index(top: Option<&Path>, git_dir: &Path) -> Option<PathBuf> {
    match std::env::var_os("GIT_INDEX_FILE") {
        None => Some(git_dir.join("index")),
        Some(path) => Some(top?.join(path)),
    }
}

/// Whether HEAD is what it is in every repository: a ref's name, or an id.
fn has_head(git_dir: &Path) -> bool {
    let Ok(Some(text)) = small_file(&git_dir.join("HEAD")) else {
        return false;
    };
    let Some(line) = text.strip_suffix(b"\n") else {
        return false;
    };
    line.starts_with(b"ref: refs/")
        || (matches!(line.len(), 40 | 64) && line.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::super::testing::TestRepo;
    use super::*;

    /// Whether they were found; then git says the same.
    fn is_found(dir: &Path) -> bool {
        let Some((found, settings)) = find(dir) else {
            return false;
        };
        let places = Places::find(dir, &[]).expect("git finds it as well");
        assert_eq!(found, places);
        let listed = Settings::read(&places.git_dir).expect("git reads it as well");
        assert_eq!(settings, listed);
        true
    }

    #[test]
    fn what_is_found_is_what_git_finds() {
        for format in ["sha1", "sha256"] {
            let repo = TestRepo::with_format(format);
            repo.write("a/b/c", "");
            assert!(is_found(&repo.path), "before the first commit");
            repo.commit("first");
            repo.git(&["worktree", "add", "-q", "../linked"]);
            repo.git(&[
                "-c",
                "worktree.useRelativePaths=true",
                "worktree",
                "add",
                "-q",
                "../other",
            ]);
            repo.git(&["checkout", "-q", "--detach"]);
            for folder in [".", "a/b", "../linked", "../linked/a"] {
                assert!(is_found(&repo.path.join(folder)), "{format} {folder}");
            }
            // Relative paths are an extension.
            is_found(&repo.path.join("../other"));
        }
    }

    #[test]
    fn what_is_out_of_the_ordinary_is_left_to_git() {
        let repo = TestRepo::new();
        repo.write("a/b", "");
        repo.commit("first");
        repo.git(&["clone", "-q", "--bare", ".", "../bare"]);
        repo.git(&[
            "init",
            "-q",
            "--separate-git-dir",
            "../separate",
            "../apart",
        ]);
        repo.git(&["init", "-q", "inner"]);
        assert!(is_found(&repo.path.join("inner")));
        fs::write(repo.path.join("inner/.git/HEAD"), "rubbish").expect("a file");
        assert!(is_found(&repo.path.join("../bare")));
        assert!(is_found(&repo.path.join("../bare/refs/heads")));
        for folder in [".git", ".git/refs", "inner", ".."] {
            assert!(!is_found(&repo.path.join(folder)), "{folder}");
        }
        is_found(&repo.path.join("../apart"));
        for arguments in [
            ["core.worktree", ".."],
            ["core.bare", "true"],
            ["core.repositoryFormatVersion", "2"],
            ["include.path", "more"],
            ["includeIf.onbranch:main.path", "more"],
            ["extensions.worktreeConfig", "true"],
            ["extensions.unheardOf", "true"],
        ] {
            let config = fs::read(repo.path.join(".git/config")).expect("a file");
            assert!(is_found(&repo.path));
            repo.git(&["config", arguments[0], arguments[1]]);
            assert!(find(&repo.path).is_none(), "{arguments:?}");
            fs::write(repo.path.join(".git/config"), config).expect("written");
        }
    }
}
