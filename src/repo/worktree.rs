//! Work trees that have a branch checked out: looked at before it moves, brought along after it did.

use super::git::{Config, Git, path_from};
use super::index_copy::IndexCopy;
use super::journal::LandingJournal;
use super::objects::input_output;
use super::open::Repo;
use crate::words::{Change, Code, Finding, ObjectId, Result, quote};
use bstr::ByteSlice;
use std::fs::FileType;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What stands in a git directory while something is going on that has not been finished.
const IN_PROGRESS: [(&str, &str); 6] = [
    ("MERGE_HEAD", "a merge"),
    ("rebase-merge", "a rebase"),
    ("rebase-apply", "a rebase or `git am`"),
    ("CHERRY_PICK_HEAD", "a cherry-pick"),
    ("REVERT_HEAD", "a revert"),
    ("BISECT_LOG", "a bisection"),
];

/// A work tree, main or linked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkTree {
    /// Its top.
    pub path: PathBuf,
    pub(super) git_dir: PathBuf,
}

impl Repo {
    /// The work trees that have the branch `full_name` checked out, or are in the middle of rebasing it.
    ///
    /// # Errors
    /// [`Code::WorkTreeDirty`] if the main work tree has it checked out and cannot be found from here, or a
    /// linked one that is not there and that `git worktree lock` keeps. One that nobody keeps counts for
    /// nothing, as for git, which forgets it.
    pub fn checked_out(&self, full_name: &str) -> Result<Vec<WorkTree>> {
        let listing = self
            .git("worktree")
            .args(["list", "--porcelain", "-z"])
            .run()?;
        let mut found = Vec::new();
        for (place, record) in listing.split_str("\0\0").enumerate() {
            let lines: Vec<&[u8]> = record.split_str("\0").collect();
            let value = |key: &[u8]| lines.iter().find_map(|line| line.strip_prefix(key));
            let Some(listed) = value(b"worktree ").map(path_from) else {
                continue;
            };
            let on_it = value(b"branch ") == Some(full_name.as_bytes());
            let detached = lines.iter().any(|line| *line == b"detached");
            if !(on_it || detached) {
                continue;
            }
            // git lists the main work tree first, and takes it to be around the git directory.
            let tree = match place {
                0 => self.main_work_tree(&listed)?,
                _ => linked_work_tree(listed.clone())?,
            };
            match tree {
                Some(tree) if on_it || is_rebasing(&tree.git_dir, full_name)? => found.push(tree),
                None if on_it && place == 0 => return Err(unknown_work_tree(full_name)),
                None if on_it && lines.iter().any(|line| line.starts_with(b"locked")) => {
                    return Err(missing_work_tree(full_name, &listed));
                }
                _ => {}
            }
        }
        Ok(found)
    }

    /// The main work tree, which git takes to be at `listed`, if it can be told from here.
    fn main_work_tree(&self, listed: &Path) -> Result<Option<WorkTree>> {
        let common = self.common_dir();
        let path = if self.git_dir() == common && self.work_tree().is_some() {
            self.work_tree().map(Path::to_path_buf)
        } else if let Some(path) = self.config_string("core.worktree") {
            Some(common.join(path))
        } else {
            let around = git_dir_of(listed)?;
            around.filter(|dir| dir == common).map(|_| listed.into())
        };
        let git_dir = common.to_path_buf();
        Ok(path.map(|path| WorkTree { path, git_dir }))
    }
}

fn linked_work_tree(path: PathBuf) -> Result<Option<WorkTree>> {
    let git_dir = git_dir_of(&path)?;
    Ok(git_dir.map(|git_dir| WorkTree { path, git_dir }))
}

/// The git directory of the work tree at `path`; `None` if there is no such folder.
fn git_dir_of(path: &Path) -> Result<Option<PathBuf>> {
    if !path.is_dir() {
        return Ok(None);
    }
    let git = Git::new(Config::Users, path, "rev-parse");
    let output = git.arg("--absolute-git-dir").output()?;
    let line = output.stdout.trim_end_with(|c| c == '\n');
    Ok(output.status.success().then(|| path_from(line)))
}

fn unknown_work_tree(full_name: &str) -> Box<Finding> {
    let branch = full_name.strip_prefix("refs/heads/").unwrap_or(full_name);
    let message = format!("{branch} is checked out in a work tree that cannot be found from here");
    Box::new(Finding::new(Code::WorkTreeDirty, message).hint("run the command in that work tree"))
}

fn missing_work_tree(full_name: &str, path: &Path) -> Box<Finding> {
    let branch = full_name.strip_prefix("refs/heads/").unwrap_or(full_name);
    let path = quote(path.as_os_str().as_bytes());
    let message = format!("{branch} is checked out in {path}, which is not there");
    let hint = format!(
        "bring it back, or let git forget it: git worktree unlock {path} && git worktree prune"
    );
    Box::new(Finding::new(Code::WorkTreeDirty, message).hint(hint))
}

impl WorkTree {
    /// Fails unless files and index are those of the commit `old`, and `changes`, which lead from there
    /// to the commit to come, touch nothing that is not committed. Writes nothing in it.
    ///
    /// # Errors
    /// [`Code::WorkTreeDirty`] if something is changed or staged, an untracked or ignored file is in
    /// the way, or an operation such as a rebase is in progress.
    pub fn check_clean(
        &self,
        journal: &LandingJournal<'_>,
        old: ObjectId,
        changes: &[Change],
    ) -> Result<()> {
        for (name, what) in IN_PROGRESS {
            if self.git_dir.join(name).exists() {
                return Err(self.dirty(&format!("{what} is in progress")));
            }
        }
        let lock = self.lock_file();
        if lock.exists() {
            let error = self.dirty("its index is locked by another git, or by one that was killed");
            let lock = lock.display();
            let hint = format!("see that no git is running there, then remove {lock}");
            return Err(Box::new(error.hint(hint)));
        }
        let index = IndexCopy::of(self, journal)?;
        let mut uncommitted = index.differs_from_files()?;
        uncommitted.extend(index.differs_from(old)?);
        let mut overwritten = Vec::new();
        for change in changes.iter().filter(|change| change.before.is_some()) {
            let path = change.path.as_bytes();
            if self.kind_of(path)?.is_some() {
                overwritten.push(path);
            }
        }
        uncommitted.extend(index.differs_unseen(&overwritten)?);
        if !uncommitted.is_empty() {
            let mut error = self.dirty("it has changes that are not committed");
            let named = uncommitted.iter().take(5).map(|path| quote(path));
            error.notes.extend(named);
            return Err(error);
        }
        for change in changes {
            if let Some(found) = self.in_the_way(change, changes)? {
                let mut error = self.dirty("a file that is not tracked is in the way");
                error.notes.push(quote(&found));
                return Err(error);
            }
        }
        Ok(())
    }

    /// What stands at `path`, links not followed.
    pub(super) fn kind_of(&self, path: &[u8]) -> Result<Option<FileType>> {
        let file = self.file(path);
        match std::fs::symlink_metadata(&file) {
            Ok(found) => Ok(Some(found.file_type())),
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                Ok(None)
            }
            Err(error) => Err(input_output("look at", &file, &error)),
        }
    }

    /// Where the file `path` of the repository is.
    pub(super) fn file(&self, path: &[u8]) -> PathBuf {
        self.path.join(path_from(path))
    }

    /// The file by which git locks the index.
    pub(super) fn lock_file(&self) -> PathBuf {
        self.git_dir.join("index.lock")
    }

    pub(super) fn git(&self, subcommand: &str) -> Git {
        Git::new(Config::Users, &self.path, subcommand)
            .env("GIT_DIR", &self.git_dir)
            .env("GIT_WORK_TREE", &self.path)
    }

    pub(super) fn dirty(&self, why: &str) -> Box<Finding> {
        let message = format!(
            "the work tree {} cannot be brought along: {why}",
            self.path.display()
        );
        let finding = Finding::new(Code::WorkTreeDirty, message);
        Box::new(finding.hint("commit, stash or finish what is there, or check out another branch"))
    }
}

/// Whether a rebase of the branch is in progress, during which HEAD is detached.
fn is_rebasing(git_dir: &Path, full_name: &str) -> Result<bool> {
    for name in ["rebase-merge/head-name", "rebase-apply/head-name"] {
        let path = git_dir.join(name);
        match std::fs::read(&path) {
            Ok(text) if text.trim_end() == full_name.as_bytes() => return Ok(true),
            Ok(_) => {}
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(input_output("read", &path, &error)),
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::super::passage::Side;
    use super::super::testing::TestRepo;
    use super::*;

    /// A repository at `old`, and a commit `new` after it that changes `a` and adds `added`.
    fn prepared() -> (TestRepo, ObjectId, ObjectId) {
        let repo = TestRepo::new();
        repo.write("a", "old");
        let old = repo.commit("old");
        repo.write("a", "new");
        repo.write("added", "new");
        let new = repo.commit("new");
        repo.git(&["reset", "-q", "--hard", &old.to_string()]);
        (repo, old, new)
    }

    fn changes(repo: &TestRepo, old: ObjectId, new: ObjectId) -> Vec<Change> {
        let opened = repo.open();
        let tree = |id| opened.commit(id).expect("a commit").tree;
        opened
            .diff(Some(tree(old)), tree(new))
            .expect("a difference")
    }

    fn only(repo: &TestRepo, branch: &str) -> WorkTree {
        let mut found = repo.open().checked_out(branch).expect("work trees");
        assert_eq!(found.len(), 1, "{branch}");
        found.remove(0)
    }

    #[test]
    fn a_clean_work_tree_is_brought_along() {
        let (repo, old, new) = prepared();
        repo.git(&["branch", "side", &old.to_string()]);
        repo.git(&["worktree", "add", "-q", "../linked dir", "side"]);
        for branch in ["main", "side"] {
            let tree = only(&repo, &format!("refs/heads/{branch}"));
            std::fs::write(tree.path.join("untracked"), "mine").expect("written");
            // Touched, but the same: no reason to refuse.
            std::fs::write(tree.path.join("a"), "old").expect("written");
            let changes = changes(&repo, old, new);
            let opened = repo.open();
            let journal = opened.landing_journal().expect("a journal");
            tree.check_clean(&journal, old, &changes).expect("clean");
            let passage = tree.begin_passage(&journal, old, new, &changes);
            let passage = passage.expect("locked");
            passage.bring_files(Side::New).expect("brought along");
            repo.git(&[
                "update-ref",
                &format!("refs/heads/{branch}"),
                &new.to_string(),
            ]);
            passage.end(Side::New).expect("unlocked");
            assert_eq!(
                std::fs::read_to_string(tree.path.join("added")).expect("a file"),
                "new"
            );
            let status = repo.git(&["-C", &tree.path.to_string_lossy(), "status", "--porcelain"]);
            assert_eq!(status, "?? untracked");
        }
        assert_eq!(repo.open().checked_out("refs/heads/other"), Ok(vec![]));
    }

    #[test]
    fn one_that_is_not_there_counts_if_somebody_keeps_it() {
        let (repo, old, _) = prepared();
        repo.git(&["branch", "side", &old.to_string()]);
        repo.git(&["worktree", "add", "-q", "../away", "side"]);
        repo.git(&["worktree", "lock", "../away"]);
        let away = only(&repo, "refs/heads/side").path;
        std::fs::remove_dir_all(&away).expect("removed");
        let refused = repo.open().checked_out("refs/heads/side");
        let refused = refused.expect_err("refused");
        assert_eq!(refused.code, Code::WorkTreeDirty);
        assert!(refused.message.contains("away, which is not there"));
        repo.git(&["worktree", "unlock", "../away"]);
        assert_eq!(repo.open().checked_out("refs/heads/side"), Ok(vec![]));
    }

    #[test]
    fn uncommitted_work_is_in_the_way() {
        type Spoil = fn(&TestRepo);
        let cases: [(&str, Spoil); 8] = [
            ("assumed to be unchanged", |repo| {
                repo.git(&["update-index", "--assume-unchanged", "a"]);
                repo.write("a", "mine");
            }),
            ("skipped", |repo| {
                repo.git(&["update-index", "--skip-worktree", "a"]);
                repo.write("a", "mine");
            }),
            ("changed", |repo| repo.write("a", "mine")),
            ("staged", |repo| {
                repo.write("b", "mine");
                repo.git(&["add", "b"]);
            }),
            ("untracked", |repo| repo.write("added", "mine")),
            ("ignored", |repo| {
                repo.write(".git/info/exclude", "added\n");
                repo.write("added", "mine");
            }),
            ("merging", |repo| repo.write(".git/MERGE_HEAD", "")),
            ("locked", |repo| repo.write(".git/index.lock", "")),
        ];
        for (name, spoil) in cases {
            let (repo, old, new) = prepared();
            let tree = only(&repo, "refs/heads/main");
            spoil(&repo);
            let opened = repo.open();
            let journal = opened.landing_journal().expect("a journal");
            let error = tree
                .check_clean(&journal, old, &changes(&repo, old, new))
                .expect_err(name);
            assert_eq!(error.code, Code::WorkTreeDirty, "{name}: {error:?}");
        }
    }

    #[test]
    fn a_branch_that_is_being_rebased_counts_as_checked_out() {
        let (repo, old, new) = prepared();
        repo.git(&["checkout", "-q", "-b", "topic"]);
        repo.write("a", "topic");
        repo.commit("topic");
        assert!(!repo.try_git(&["rebase", &new.to_string()]).status.success());
        let tree = only(&repo, "refs/heads/topic");
        let opened = repo.open();
        let journal = opened.landing_journal().expect("a journal");
        assert_eq!(
            tree.check_clean(&journal, old, &changes(&repo, old, new))
                .expect_err("rebasing")
                .code,
            Code::WorkTreeDirty
        );
    }
}
