//! Where the system's configuration is. It was decided when git was built, so only git knows: it is asked once,
//! and its answer is kept in the clone for as long as it is that very git.

use super::git::{Config, Git, path_from};
use super::plain_refs::small_file;
use super::remembered::overwrite;
use bstr::ByteSlice;
use std::env::{split_paths, var_os};
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// The file below `gate/` with a line for each git: what it is, and its answer.
const FILE: &str = "system-config";
/// How many of them are kept: a hook is often run by another git than what the user starts.
const MOST_GITS: usize = 8;

/// Where the git that gate starts has the system's configuration; `None` if that cannot be told.
pub(super) fn place(common_dir: &Path) -> Option<PathBuf> {
    let home = common_dir.join("gate");
    let git = program().and_then(|program| identity(&program));
    let kept = small_file(&home.join(FILE))
        .ok()
        .flatten()
        .unwrap_or_default();
    // What was cut off when it was written has no end.
    let lines = kept
        .lines_with_terminator()
        .filter_map(|line| line.strip_suffix(b"\n"));
    let lines: Vec<_> = lines.collect();
    if let Some(git) = &git
        && let Some(path) = lines.iter().find_map(|line| line.strip_prefix(&git[..]))
    {
        return Some(path_from(path));
    }
    let asked = Git::new(Config::Users, common_dir, "var")
        .arg("GIT_CONFIG_SYSTEM")
        .output()
        .ok()?;
    let path = asked.stdout.strip_suffix(b"\n").filter(|path| {
        asked.status.success() && path.starts_with(b"/") && !path.contains_str("\n")
    })?;
    if let Some(git) = git {
        let new = [&git[..], path].concat();
        let lines = std::iter::once(&new[..]).chain(lines).take(MOST_GITS);
        // Only to save time: where nothing can be kept, git is asked each time.
        let text = lines.fold(Vec::new(), |text, line| [&text, line, b"\n"].concat());
        _ = fs::create_dir_all(&home).and_then(|()| overwrite(&home.join(FILE), &text));
    }
    Some(path_from(path))
}

/// The program that is started as `git`.
fn program() -> Option<PathBuf> {
    for folder in split_paths(&var_os("PATH")?) {
        if !folder.is_absolute() {
            return None;
        }
        let program = folder.join("git");
        if rustix::fs::access(&program, rustix::fs::Access::EXEC_OK).is_ok() && program.is_file() {
            return program.canonicalize().ok();
        }
    }
    None
}

/// Everything by which another git is told from this one, as the beginning of a line. `None` if it is no program
/// of Linux itself, but something that may start one or another.
fn identity(program: &Path) -> Option<Vec<u8>> {
    let mut file = File::open(program).ok()?;
    let mut magic = [0; 4];
    file.read_exact(&mut magic).ok()?;
    let found = file.metadata().ok()?;
    let path = program.as_os_str().as_bytes();
    if magic != *b"\x7fELF" || path.contains(&b'\n') || path.contains(&b'\t') {
        return None;
    }
    let numbers = format!(
        "{} {} {} {}.{:09} {}.{:09} ",
        found.dev(),
        found.ino(),
        found.len(),
        found.mtime(),
        found.mtime_nsec(),
        found.ctime(),
        found.ctime_nsec(),
    );
    Some([numbers.as_bytes(), path, b"\t"].concat())
}

#[cfg(test)]
mod tests {
    use super::super::testing::TestRepo;
    use super::*;

    #[test]
    fn git_is_asked_once_for_where_its_system_is() {
        let repo = TestRepo::new();
        let common_dir = repo.path.join(".git");
        let file = common_dir.join("gate").join(FILE);
        let asked = repo.git(&["var", "GIT_CONFIG_GLOBAL"]);
        assert!(!asked.is_empty(), "this git can be asked");
        let place = || place(&common_dir).expect("a place");
        let first = place();
        let kept = fs::read_to_string(&file).expect("kept");
        assert_eq!(place(), first);
        // It is this file that answers; for another git it does not.
        let (git, path) = kept.trim_end().split_once('\t').expect("an answer");
        assert_eq!(path, first.to_str().expect("text"));
        fs::write(&file, format!("{git}\t/elsewhere\n")).expect("written");
        assert_eq!(place(), Path::new("/elsewhere"));
        fs::write(&file, format!("{git}\t/elsewhe")).expect("cut off");
        assert_eq!(place(), first);
        fs::write(&file, format!("1{git}\t/elsewhere\n")).expect("another");
        assert_eq!(place(), first);
        let lines = fs::read_to_string(&file).expect("kept");
        assert_eq!(lines.lines().count(), 2);
    }
}
