//! The pre-commit hook, as people and agents meet it.

use crate::support::{Commit, TestRepo};

const MANIFEST: &str = r#"version: 1
agents:
  core:
    branch: agent/core
    owns: ["core/"]
"#;

/// Installs the hook of this repository.
fn install(repo: &TestRepo) {
    let hook = repo.path().join(".git/hooks/pre-commit");
    let gate = env!("CARGO_BIN_EXE_gate");
    std::fs::write(&hook, format!("#!/bin/sh\nexec '{gate}' check staged\n")).unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(&hook, mode).unwrap();
}

fn staged(repo: &TestRepo, path: &str) {
    repo.write(path, "changed");
    repo.git(&["add", path]);
}

#[test]
fn the_first_commit_of_a_repository_passes() {
    for manifest in [true, false] {
        let repo = TestRepo::empty();
        install(&repo);
        staged(&repo, "README.md");
        if manifest {
            repo.write("ownership.yaml", MANIFEST);
            repo.git(&["add", "."]);
        }
        repo.git(&["commit", "-q", "-m", "first"]);
    }
    // Also where it is on another branch than the target.
    let repo = TestRepo::empty();
    repo.git(&["symbolic-ref", "HEAD", "refs/heads/trunk"]);
    staged(&repo, "README.md");
    let run = repo.gate(&["check", "staged"]).expect(0);
    assert_eq!(
        run.stdout,
        "nothing has been committed here yet: there is nothing to judge\n"
    );
}

#[test]
fn nobody_is_locked_out_where_there_is_no_manifest() {
    for target in ["main", "master"] {
        let mut repo = TestRepo::empty();
        repo.commit(Commit::on(target).file("README.md", "x"));
        repo.git(&["switch", "-q", target]);
        install(&repo);
        for branch in [target, "people/fix", "agent/core"] {
            repo.git(&["switch", "-q", "-C", branch]);
            staged(&repo, branch);
            repo.git(&["commit", "-q", "-m", "work"]);
        }
        repo.git(&["checkout", "-q", "--detach"]);
        repo.gate(&["check", "staged"]).expect(0);
    }
}

#[test]
fn a_manifest_whose_target_is_not_found_lets_nobody_pass_unjudged() {
    let mut repo = TestRepo::empty();
    let manifest = format!("{MANIFEST}target: master\n");
    repo.commit(Commit::on("master").file("ownership.yaml", &manifest));
    repo.git(&["switch", "-q", "master"]);
    repo.git(&["switch", "-q", "-c", "agent/core"]);
    repo.gate(&["check", "staged", "--format", "concise"])
        .expect(2)
        .says("[no-target]");
}

#[test]
fn a_broken_manifest_can_be_mended_on_the_target() {
    let repo = TestRepo::new("version: 7\n", &[]);
    install(&repo);
    repo.write("ownership.yaml", MANIFEST);
    repo.git(&["commit", "-q", "-a", "-m", "mend it"]);
}

#[test]
fn a_rebase_is_the_work_of_the_branch_that_it_moves() {
    let mut repo = TestRepo::new(MANIFEST, &[("core/a.rs", "a"), ("README.md", "a")]);
    install(&repo);
    for branch in ["agent/core", "people/fix"] {
        repo.commit(Commit::on(branch).from("main").file("core/b.rs", "b"));
        repo.commit(Commit::on(branch).file("core/c.rs", "c"));
        repo.git(&["switch", "-q", branch]);
        let edit = "sequence.editor=sed -i -e '1s/^pick/edit/'";
        repo.git(&["-c", edit, "rebase", "-q", "-i", "main"]);
        staged(&repo, "core/b.rs");
        repo.git(&["commit", "-q", "--amend", "--no-edit"]);
        staged(&repo, "README.md");
        let passes = repo.try_git(&["commit", "-q", "--amend", "--no-edit"]);
        assert_eq!(passes, branch == "people/fix", "{branch}");
        repo.git(&["reset", "-q", "--hard"]);
        repo.git(&["rebase", "--continue"]);
    }
}

#[test]
fn whoever_commits_without_a_branch_is_told_to_switch() {
    let repo = TestRepo::new(MANIFEST, &[]);
    repo.git(&["checkout", "-q", "--detach"]);
    repo.gate(&["check", "staged"])
        .expect(3)
        .says("switch to the branch that the work is for, then commit");
    repo.gate(&["check", "branch"])
        .expect(3)
        .says("gate check branch BRANCH");
}

#[test]
fn a_commit_of_a_person_costs_one_line() {
    let repo = TestRepo::new(MANIFEST, &[]);
    repo.git(&["switch", "-q", "-c", "people/fix"]);
    for format in ["full", "concise", "github"] {
        let run = repo
            .gate(&["check", "staged", "--format", format])
            .expect(0);
        assert_eq!(
            run.stdout,
            "people/fix belongs to no agent: there is nothing to judge\n"
        );
    }
}

#[test]
fn a_bare_repository_has_nothing_staged() {
    let mut repo = TestRepo::new(MANIFEST, &[("core/a.rs", "a")]);
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    repo.git(&["clone", "-q", "--bare", ".", "bare.git"]);
    let bare = repo.path().join("bare.git");
    repo.git(&[
        "-C",
        "bare.git",
        "symbolic-ref",
        "HEAD",
        "refs/heads/agent/core",
    ]);
    repo.gate_in(&bare, &["check", "staged", "--format", "concise"])
        .expect(2)
        .says("a bare repository has no index");
}

#[test]
fn the_hook_says_how_to_install_gate_as_the_readme_does() {
    let readme = include_str!("../README.md");
    let hook = include_str!("../hooks/pre-commit");
    let install = "cargo install --path .";
    assert!(readme.contains(install) && hook.contains(install));
    assert!(!hook.contains("cargo install git-gate"));
}
