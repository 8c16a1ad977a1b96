//! Work trees that have a branch checked out: looked at before it moves, brought along after it did.

use super::git::{Config, Git, failure, path_from};
use super::open::Repo;
use crate::words::{Code, Finding, ObjectId, Result};
use bstr::ByteSlice;
use std::collections::BTreeSet;
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
    git_dir: PathBuf,
}

impl Repo {
    /// The work trees that have the branch `full_name` checked out, or are in the middle of rebasing it.
    pub fn checked_out(&self, full_name: &str) -> Result<Vec<WorkTree>> {
        let listing = self
            .git("worktree")
            .args(["list", "--porcelain", "-z"])
            .run()?;
        let mut found = Vec::new();
        for record in listing.split_str("\0\0") {
            let lines: Vec<&[u8]> = record.split_str("\0").collect();
            let value = |key: &[u8]| lines.iter().find_map(|line| line.strip_prefix(key));
            let Some(path) = value(b"worktree ").map(path_from) else {
                continue;
            };
            let on_it = value(b"branch ") == Some(full_name.as_bytes());
            let detached = lines.iter().any(|line| *line == b"detached");
            if !path.is_dir() || !(on_it || detached) {
                continue;
            }
            let git_dir = Git::new(Config::Users, &path, "rev-parse")
                .arg("--absolute-git-dir")
                .run()?;
            let git_dir = path_from(git_dir.trim_end_with(|c| c == '\n'));
            if on_it || is_rebasing(&git_dir, full_name)? {
                found.push(WorkTree { path, git_dir });
            }
        }
        Ok(found)
    }
}

impl WorkTree {
    /// Fails unless files and index are those of the commit `old`, and the work tree can be brought from the commit `old` to the commit `new` without
    /// touching anything that is not committed.
    ///
    /// # Errors
    /// [`Code::WorkTreeDirty`] if something is changed or staged, an untracked file is in the way, or
    /// an operation such as a rebase is in progress.
    pub fn check_clean(&self, old: ObjectId, new: ObjectId) -> Result<()> {
        for (name, what) in IN_PROGRESS {
            if self.git_dir.join(name).exists() {
                return Err(self.dirty(&format!("{what} is in progress")));
            }
        }
        if self.git_dir.join("index.lock").exists() {
            return Err(self.dirty("its index is locked by another git, or by one that was killed"));
        }
        self.refresh()?;
        let base = old.to_string();
        let differs: [&[&str]; 2] = [
            &["diff-index", "--cached", "--name-only", "-z", &base],
            &["diff-files", "--name-only", "-z"],
        ];
        let mut changed = BTreeSet::new();
        for command in differs {
            let listing = self.git(command[0]).args(&command[1..]).run()?;
            let paths = listing.split_str("\0").filter(|path| !path.is_empty());
            changed.extend(paths.map(crate::words::quote));
        }
        if !changed.is_empty() {
            let mut error = self.dirty("it has changes that are not committed");
            error.notes.extend(changed.into_iter().take(5));
            return Err(error);
        }
        let new = new.to_string();
        let output = self
            .git("read-tree")
            .args(["-m", "-u", "-n", &base, &new])
            .output()?;
        if output.status.success() {
            return Ok(());
        }
        let mut error = self.dirty("something in it is in the way");
        error.notes = failure("git read-tree", &output).notes;
        Err(error)
    }

    /// Brings files and index from the commit `old` to the commit `new`, as a fast-forward does.
    pub fn bring_along(&self, old: ObjectId, new: ObjectId) -> Result<()> {
        let (old, new) = (old.to_string(), new.to_string());
        self.refresh()?;
        self.git("read-tree")
            .args(["-m", "-u", &old, &new])
            .run()
            .map(drop)
    }

    /// Lets the index take note of files that were touched but not changed.
    fn refresh(&self) -> Result<()> {
        self.git("update-index")
            .args(["-q", "--refresh"])
            .output()
            .map(drop)
    }

    fn git(&self, subcommand: &str) -> Git {
        Git::new(Config::Users, &self.path, subcommand)
            .env("GIT_DIR", &self.git_dir)
            .env("GIT_WORK_TREE", &self.path)
    }

    fn dirty(&self, why: &str) -> Box<Finding> {
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
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(super::objects::input_output("read", &path, &error)),
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
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
            tree.check_clean(old, new).expect("clean");
            repo.git(&[
                "update-ref",
                &format!("refs/heads/{branch}"),
                &new.to_string(),
            ]);
            tree.bring_along(old, new).expect("brought along");
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
    fn uncommitted_work_is_in_the_way() {
        type Spoil = fn(&TestRepo);
        let cases: [(&str, Spoil); 5] = [
            ("changed", |repo| repo.write("a", "mine")),
            ("staged", |repo| {
                repo.write("b", "mine");
                repo.git(&["add", "b"]);
            }),
            ("untracked", |repo| repo.write("added", "mine")),
            ("merging", |repo| repo.write(".git/MERGE_HEAD", "")),
            ("locked", |repo| repo.write(".git/index.lock", "")),
        ];
        for (name, spoil) in cases {
            let (repo, old, new) = prepared();
            let tree = only(&repo, "refs/heads/main");
            spoil(&repo);
            let error = tree.check_clean(old, new).expect_err(name);
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
        assert_eq!(
            tree.check_clean(old, new).expect_err("rebasing").code,
            Code::WorkTreeDirty
        );
    }
}
