//! Ways around the hook, and states of the index in which it is asked.

use super::{check, refused, repo};
use crate::support::{Commit, TestRepo};

/// A work tree on `agent/core`.
fn on_core() -> TestRepo {
    let repo = repo();
    repo.git(&["checkout", "-q", "-b", "agent/core"]);
    repo
}

#[track_caller]
fn staged(repo: &TestRepo, code: i32) {
    repo.gate(&["check", "staged"]).expect(code);
}

#[test]
fn a_hook_that_was_not_asked() {
    let repo = on_core();
    repo.write("ui/a.rs", "mine");
    repo.git(&["commit", "-q", "-a", "--no-verify", "-m", "x"]);
    refused(&repo, "agent/core", "owned-by-another");
}

#[test]
fn files_that_git_was_told_not_to_look_at() {
    for flag in ["--skip-worktree", "--assume-unchanged"] {
        let repo = on_core();
        repo.write("ui/a.rs", "mine");
        repo.git(&["add", "ui/a.rs"]);
        repo.git(&["update-index", flag, "ui/a.rs"]);
        staged(&repo, 1);
        repo.git(&["commit", "-q", "--no-verify", "-m", "x"]);
        refused(&repo, "agent/core", "owned-by-another");
    }
}

#[test]
fn an_index_that_was_written_by_hand() {
    let repo = on_core();
    let blob = repo.git_with_input(&["hash-object", "-w", "--stdin"], b"mine");
    repo.git(&[
        "update-index",
        "--cacheinfo",
        &format!("100644,{blob},ui/a.rs"),
    ]);
    staged(&repo, 1);
    for version in ["2", "3", "4"] {
        repo.git(&["update-index", "--index-version", version]);
        staged(&repo, 1);
    }
    repo.git(&["update-index", "--split-index"]);
    let run = repo.gate(&["check", "staged"]);
    assert!(matches!(run.code, 1 | 3), "{}", run.stdout);
    repo.git(&["update-index", "--no-split-index"]);
    repo.git(&["update-index", "--force-untracked-cache"]);
    staged(&repo, 1);
}

/// Installs the hook as somebody would, with gate on the path.
fn with_hook() -> TestRepo {
    let repo = on_core();
    let gate = env!("CARGO_BIN_EXE_gate");
    let hook = repo.path().join(".git/hooks/pre-commit");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, format!("#!/bin/sh\nexec '{gate}' check staged\n")).unwrap();
    let mut permissions = std::fs::metadata(&hook).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
    std::fs::set_permissions(&hook, permissions).unwrap();
    repo
}

#[test]
fn a_commit_of_some_files_only() {
    let repo = with_hook();
    repo.write("core/a.rs", "good");
    repo.write("ui/a.rs", "mine");
    repo.git(&["add", "core/a.rs"]);
    // The index that counts is the one that this commit is made of.
    assert!(!repo.try_git(&["commit", "-q", "-m", "x", "--only", "ui/a.rs"]));
    assert!(!repo.try_git(&["commit", "-q", "-m", "x", "--include", "ui/a.rs"]));
    assert!(!repo.try_git(&["commit", "-q", "-m", "x", "-a"]));
    assert!(repo.try_git(&["commit", "-q", "-m", "x", "--only", "core/a.rs"]));
    assert!(repo.try_git(&["checkout", "-q", "HEAD", "--", "ui/a.rs"]));
}

#[test]
fn an_amended_commit_still_holds_what_it_held() {
    let repo = with_hook();
    repo.write("ui/a.rs", "mine");
    repo.git(&["commit", "-q", "-a", "--no-verify", "-m", "x"]);
    // A message alone: the net change of the branch is what it was.
    assert!(!repo.try_git(&["commit", "-q", "--amend", "-m", "harmless"]));
    // Amended away it is gone from the history, too.
    repo.git(&["checkout", "-q", "main", "--", "ui/a.rs"]);
    repo.write("core/a.rs", "good");
    repo.git(&["add", "core/a.rs"]);
    assert!(repo.try_git(&["commit", "-q", "--amend", "-m", "x"]));
    check(&repo, "agent/core").expect(0);
}

#[test]
fn a_sparse_checkout_with_and_without_a_sparse_index() {
    for sparse_index in ["--sparse-index", "--no-sparse-index"] {
        let repo = on_core();
        repo.git(&["sparse-checkout", "set", "--cone", sparse_index, "core"]);
        staged(&repo, 0);
        repo.write("core/a.rs", "good");
        repo.git(&["add", "core/a.rs"]);
        staged(&repo, 0);
        repo.write("ui/new.rs", "mine");
        repo.git(&["add", "--sparse", "ui/new.rs"]);
        staged(&repo, 1);
    }
}

#[test]
fn a_sparse_index_with_a_file_inside_a_directory_that_it_leaves_out() {
    // git makes two entries of one name of this; what a commit would hold is anybody's guess.
    let repo = on_core();
    repo.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "core"]);
    let blob = repo.git_with_input(&["hash-object", "-w", "--stdin"], b"mine");
    let entry = format!("100644,{blob},ui/new.rs");
    repo.git(&["update-index", "--add", "--cacheinfo", &entry]);
    let run = repo.gate(&["check", "staged"]);
    assert!(matches!(run.code, 1 | 3), "{}", run.stdout);
}

#[test]
fn a_file_that_is_only_intended() {
    let repo = on_core();
    repo.write("ui/new.rs", "later");
    repo.git(&["add", "--intent-to-add", "ui/new.rs"]);
    // Nothing of it would be committed.
    staged(&repo, 0);
    repo.git(&["add", "ui/new.rs"]);
    staged(&repo, 1);
}

#[test]
fn paths_in_conflict() {
    let mut repo = on_core();
    repo.commit(Commit::on("agent/core").file("core/a.rs", "ours"));
    repo.commit(Commit::on("other").from("main").file("core/a.rs", "theirs"));
    repo.git(&["reset", "-q", "--hard"]);
    assert!(!repo.try_git(&["merge", "-q", "other"]));
    staged(&repo, 3);
}

#[test]
fn a_merge_in_progress_with_something_slipped_in() {
    let mut repo = on_core();
    repo.commit(Commit::on("agent/core").file("core/b.rs", "b"));
    repo.git(&["reset", "-q", "--hard"]);
    repo.commit(Commit::on("main").file("docs/b.md", "b"));
    repo.git(&["merge", "-q", "--no-commit", "--no-ff", "main"]);
    staged(&repo, 0);
    repo.write("docs/b.md", "slipped");
    repo.git(&["add", "."]);
    staged(&repo, 1);
}

#[test]
fn another_agents_work_picked_or_reverted_without_a_commit() {
    let mut repo = on_core();
    repo.commit(Commit::on("agent/docs").from("main").file("docs/b.md", "b"));
    repo.git(&["cherry-pick", "--no-commit", "agent/docs"]);
    staged(&repo, 1);
}
