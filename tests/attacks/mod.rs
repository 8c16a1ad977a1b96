//! Ways around the gate, each named after the attack, and honest work that looks like one. What is
//! tried for names is in `names.rs`, for what cannot be read in `unreadable.rs`, for hooks and CI in
//! `hooks.rs` and `ci.rs`.

mod control;
mod history;
mod honest;
mod hooks;
mod identity;
mod manifest;
mod moves;
mod names;
mod objects;

use crate::support::{Commit, Run, TestRepo};

/// `core` is who attacks; `ui` builds on `docs`, and both are whom it would wrong.
const MANIFEST: &str = r#"version: 1
agents:
  core:
    branch: agent/core
    owns: ["core/"]
    verify: ["sh tools/check.sh"]
  docs:
    branch: agent/docs
    owns: ["docs/"]
  ui:
    branch: agent/ui
    owns: ["ui/"]
    depends_on: [docs]
"#;

/// A repository with that manifest and a file or two for everybody.
fn repo() -> TestRepo {
    repo_with(MANIFEST)
}

/// The same with another manifest.
fn repo_with(manifest: &str) -> TestRepo {
    let files = [
        ("core/a.rs", "one\ntwo\nthree\n"),
        ("core/lib/b.rs", "b\n"),
        ("docs/a.md", "a\n"),
        ("ui/a.rs", "one\ntwo\nthree\n"),
        ("ui/lib/b.rs", "c\n"),
        ("tools/check.sh", "true\n"),
        ("README.md", "read\n"),
    ];
    TestRepo::new(manifest, &files)
}

/// A repository where `agent/core` and the target have merged each other's work crosswise.
fn criss_cross() -> TestRepo {
    let mut repo = repo();
    let ours = repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    let theirs = repo.commit(Commit::on("main").file("docs/b.md", "b"));
    let merge = Commit::on("agent/core").merging(&theirs);
    repo.commit(merge.file("docs/b.md", "b"));
    repo.commit(Commit::on("main").merging(&ours).file("core/b.rs", "b"));
    repo
}

/// What `check branch` says of a branch, in lines.
#[track_caller]
fn check(repo: &TestRepo, branch: &str) -> Run {
    repo.gate(&["check", "branch", "--format", "concise", "--", branch])
}

/// Fails unless the branch is refused with this code, and stays out of an integration.
#[track_caller]
fn refused(repo: &TestRepo, branch: &str, code: &str) {
    check(repo, branch)
        .expect(1)
        .says(&format!("refused[{code}]"));
    stays_out(repo, branch);
}

/// Fails unless the branch is undecided with this code, and stays out of an integration.
#[track_caller]
fn undecided(repo: &TestRepo, branch: &str, code: &str) {
    check(repo, branch)
        .expect(3)
        .says(&format!("undecided[{code}]"));
    stays_out(repo, branch);
}

/// Fails unless the branch is accepted, and merged by an integration.
#[track_caller]
fn accepted(repo: &TestRepo, branch: &str) {
    check(repo, branch).expect(0);
    repo.gate(&["integrate"]).expect(0);
    let range = format!("gate/integration..refs/heads/{branch}");
    assert_eq!(repo.git(&["rev-list", "--count", &range]), "0", "{branch}");
}

/// Fails if an integration takes anything of the branch along.
#[track_caller]
fn stays_out(repo: &TestRepo, branch: &str) {
    let target = repo.id("main");
    let run = repo.gate(&["integrate", "--land", "--format", "concise"]);
    assert_ne!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let branch = format!("refs/heads/{branch}");
    if repo.try_git(&[
        "rev-parse",
        "-q",
        "--verify",
        &format!("{branch}^{{commit}}"),
    ]) {
        let landed = repo.try_git(&["merge-base", "--is-ancestor", &branch, "main"]);
        assert!(!landed, "{}", run.stdout);
    }
    assert_eq!(repo.id("main"), target, "{}", run.stdout);
}
