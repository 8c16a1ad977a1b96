//! A target that is not up to date: what it lacks is blamed on the branch, and the advice says why.

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
const ADVICE: &str = "git switch main && git merge --ff-only origin/main";

/// `agent/core` on top of `origin/main`, which is ahead of `main`.
fn behind() -> TestRepo {
    let mut repo = TestRepo::new(MANIFEST, &[("core/a", "a"), ("ui/a", "a")]);
    repo.git(&["remote", "add", "origin", "nowhere"]);
    repo.git(&["config", "branch.main.remote", "origin"]);
    repo.git(&["config", "branch.main.merge", "refs/heads/main"]);
    let newer = repo.commit(Commit::on("newer").from("main").file("ui/a", "b"));
    repo.git(&["update-ref", "refs/remotes/origin/main", &newer]);
    let work = Commit::on("agent/core").from("newer");
    repo.commit(work.file("core/a", "b"));
    repo
}

#[test]
fn what_only_the_upstream_of_the_target_has_is_answered_with_an_update() {
    let mut repo = behind();
    let check = ["check", "branch", "agent/core"];
    let run = repo.gate(&check).expect(1);
    run.says("owned-by-another")
        .says("update main:")
        .says(ADVICE);
    // What the branch did itself is not excused.
    repo.commit(Commit::on("agent/core").file("ui/b", "b"));
    let run = repo.gate(&check).expect(1);
    assert_eq!(
        run.stdout.matches("update main:").count(),
        1,
        "{}",
        run.stdout
    );
    run.says("rewrite agent/core without it");
    // The advice helps.
    repo.git(&["update-ref", "refs/heads/agent/core", "agent/core~1"]);
    repo.git(&["reset", "-q", "--hard"]);
    repo.git(&["merge", "-q", "--ff-only", "origin/main"]);
    repo.gate(&check).expect(0);
}

#[test]
fn what_is_staged_is_answered_so_too() {
    let repo = behind();
    repo.git(&["switch", "-q", "agent/core"]);
    let run = repo.gate(&["check", "staged"]).expect(1);
    run.says("update main:");
}

#[test]
fn nobody_is_sent_to_an_upstream_that_does_not_help() {
    let repo = behind();
    repo.git(&["config", "--unset", "branch.main.merge"]);
    let check = ["check", "branch", "agent/core"];
    let run = repo.gate(&check).expect(1);
    assert!(!run.stdout.contains("update main"), "{}", run.stdout);
    repo.git(&["config", "branch.main.merge", "refs/heads/main"]);
    repo.git(&["update-ref", "refs/remotes/origin/main", "main"]);
    let run = repo.gate(&check).expect(1);
    assert!(!run.stdout.contains("update main"), "{}", run.stdout);
}
