//! `gate check staged`, as a pre-commit hook runs it.

use crate::support::{Commit, TestRepo};

const MANIFEST: &str = r#"version: 1
agents:
  core:
    branch: agent/core
    owns: ["core/"]
  ui:
    branch: agent/ui
    owns: ["ui/"]
"#;

fn repo(branch: &str) -> TestRepo {
    let repo = TestRepo::new(MANIFEST, &[("core/a.rs", "a"), ("ui/a.rs", "a")]);
    repo.git(&["switch", "-q", "-c", branch]);
    repo
}

#[test]
fn what_is_staged_is_judged_and_what_is_not_is_not() {
    let repo = repo("agent/core");
    repo.write("core/a.rs", "changed");
    repo.git(&["add", "core/a.rs"]);
    repo.write("ui/a.rs", "changed, not staged");
    repo.gate(&["check", "staged"]).expect(0);
    repo.git(&["add", "ui/a.rs"]);
    repo.gate(&["check", "staged", "--format", "concise"])
        .expect(1)
        .says("[owned-by-another]");
}

#[test]
fn a_persons_branch_and_the_target_are_not_in_the_way() {
    for branch in ["somebody/else", "main2"] {
        let repo = repo(branch);
        repo.write("ui/a.rs", "changed");
        repo.git(&["add", "ui/a.rs"]);
        repo.gate(&["check", "staged"]).expect(0);
        repo.git(&["stash", "-q"]);
        repo.git(&["switch", "-q", "main"]);
        repo.write("ownership.yaml", "version: 1\nagents: {}\n");
        repo.git(&["add", "ownership.yaml"]);
        repo.gate(&["check", "staged"]).expect(0);
    }
}

#[test]
fn a_detached_head_is_undecided() {
    let repo = repo("agent/core");
    repo.git(&["checkout", "-q", "--detach"]);
    repo.gate(&["check", "staged"]).expect(3);
}

#[test]
fn the_hook_judges_the_index_that_git_commits() {
    let repo = repo("agent/core");
    let hook = repo.path().join(".git/hooks/pre-commit");
    let gate = env!("CARGO_BIN_EXE_gate");
    std::fs::write(&hook, format!("#!/bin/sh\nexec '{gate}' check staged\n")).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&hook, mode).unwrap();
    repo.write("core/a.rs", "changed");
    repo.write("ui/a.rs", "changed");
    // `commit -a` and a partial commit hand the hook an index of their own.
    let refused = repo.try_git(&["commit", "-q", "-a", "-m", "both"]);
    assert!(!refused, "a commit of both was let through");
    assert!(repo.try_git(&["commit", "-q", "-m", "mine", "core/a.rs"]));
    assert!(!repo.try_git(&["commit", "-q", "-m", "theirs", "ui/a.rs"]));
}

#[test]
fn a_repair_can_be_committed_although_an_older_commit_was_wrong() {
    let mut repo = repo("agent/core");
    repo.commit(Commit::on("agent/core").file("ui/a.rs", "wrong"));
    repo.git(&["reset", "-q", "--hard"]);
    repo.gate(&["check", "staged"]).expect(1);
    repo.write("ui/a.rs", "a");
    repo.git(&["add", "ui/a.rs"]);
    repo.gate(&["check", "staged", "--format", "concise"])
        .expect(0)
        .says("[older-commit]");
}

#[test]
fn a_merge_in_progress_does_not_blame_what_it_brings() {
    let mut repo = repo("agent/core");
    repo.write("core/b.rs", "b");
    repo.git(&["add", "."]);
    repo.git(&["commit", "-q", "-m", "mine"]);
    repo.commit(Commit::on("main").file("ui/a.rs", "moved on"));
    repo.git(&["merge", "-q", "--no-commit", "--no-ff", "main"]);
    repo.gate(&["check", "staged"]).expect(0);
}
