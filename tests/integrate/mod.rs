//! `gate integrate`: what is merged, what is left out, and what never changes.

mod checkpoints;
mod conflict;
mod dropped;
mod narrowing;
mod order;
mod publishing;

use crate::support::{Commit, TestRepo};

const MANIFEST: &str = r#"version: 1
agents:
  core:
    branch: agent/core
    owns: ["core/"]
    verify: ["! grep -rq BROKEN core"]
  ui:
    branch: agent/ui
    owns: ["ui/"]
    depends_on: [core]
  docs:
    branch: agent/docs
    owns: ["docs/"]
shared:
  - paths: ["shared/"]
    agents: [core, docs]
verify: ["! grep -rq FAIL core ui docs"]
"#;

/// `main` with a branch of every agent: `ui` builds on `core`, `docs` on nothing.
fn repo() -> TestRepo {
    let files = [
        ("core/a.rs", "a"),
        ("ui/a.rs", "a"),
        ("docs/a.md", "a"),
        ("shared/x", "1\n"),
    ];
    let mut repo = TestRepo::new(MANIFEST, &files);
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    repo.commit(
        Commit::on("agent/ui")
            .from("agent/core")
            .file("ui/b.rs", "b"),
    );
    repo.commit(Commit::on("agent/docs").from("main").file("docs/b.md", "b"));
    repo
}

/// The files of a revision.
fn files(repo: &TestRepo, revision: &str) -> Vec<String> {
    let listing = repo.git(&["ls-tree", "-r", "--name-only", revision]);
    listing.lines().map(str::to_owned).collect()
}

#[track_caller]
fn holds(repo: &TestRepo, revision: &str, expected: &[&str], missing: &[&str]) {
    let files = files(repo, revision);
    for path in expected {
        assert!(
            files.iter().any(|file| file == path),
            "{path} is missing in {revision}"
        );
    }
    for path in missing {
        assert!(
            !files.iter().any(|file| file == path),
            "{path} is in {revision}"
        );
    }
}

#[test]
fn without_land_only_the_integration_branch_changes() {
    let repo = repo();
    let mut before = repo.refs();
    repo.gate(&["integrate"]).expect(0);
    let mut after = repo.refs();
    let integration = after
        .remove("refs/heads/gate/integration")
        .expect("an integration branch");
    before.remove("refs/heads/gate/integration");
    after.retain(|name, _| !name.starts_with("refs/gate/"));
    assert_eq!(before, after);
    holds(
        &repo,
        &integration,
        &["core/b.rs", "ui/b.rs", "docs/b.md"],
        &[],
    );
}

#[test]
fn a_dry_run_changes_nothing_at_all() {
    let repo = repo();
    let objects = repo.git(&["count-objects", "-v"]);
    let before = repo.refs();
    repo.gate(&["integrate", "--dry-run"])
        .expect(0)
        .says("agent/docs");
    assert_eq!(before, repo.refs());
    assert_eq!(objects, repo.git(&["count-objects", "-v"]));
}

#[test]
fn landing_brings_a_clean_work_tree_along() {
    let repo = repo();
    let before = repo.id("main");
    repo.gate(&["integrate", "--land"]).expect(0);
    assert_ne!(before, repo.id("main"));
    assert_eq!(repo.id("main"), repo.id("gate/integration"));
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    assert!(repo.path().join("ui/b.rs").exists());
    // Every branch is a merge commit of its own, on top of the target.
    assert_eq!(
        repo.git(&[
            "rev-list",
            "--count",
            "--first-parent",
            "--merges",
            &format!("{before}..main")
        ]),
        "3"
    );
    repo.git(&["fsck", "--strict"]);
}

#[test]
fn landing_twice_equals_once() {
    let repo = repo();
    repo.gate(&["integrate", "--land"]).expect(0);
    let landed = repo.refs();
    repo.gate(&["integrate", "--land"]).expect(0);
    assert_eq!(landed, repo.refs());
}

#[test]
fn the_same_input_gives_the_same_commit() {
    let (one, other) = (repo(), repo());
    one.gate(&["integrate"]).expect(0);
    other.gate(&["integrate", "--land"]).expect(0);
    assert_eq!(one.id("gate/integration"), other.id("main"));
}

#[test]
fn uncommitted_work_refuses_the_landing_and_is_not_touched() {
    for staged in [false, true] {
        let repo = repo();
        repo.write("core/a.rs", "precious");
        if staged {
            repo.git(&["add", "core/a.rs"]);
        }
        let before = repo.refs();
        repo.gate(&["integrate", "--land"]).expect(3);
        assert_eq!(before, repo.refs());
        assert_eq!(
            std::fs::read_to_string(repo.path().join("core/a.rs")).unwrap(),
            "precious"
        );
    }
}

#[test]
fn an_untracked_file_in_the_way_refuses_the_landing() {
    let repo = repo();
    repo.write("core/b.rs", "precious");
    let before = repo.id("main");
    repo.gate(&["integrate", "--land"]).expect(3);
    assert_eq!(before, repo.id("main"));
    assert_eq!(
        std::fs::read_to_string(repo.path().join("core/b.rs")).unwrap(),
        "precious"
    );
}

#[test]
fn whoever_is_refused_is_ejected_and_its_dependents_are_held() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").file("docs/a.md", "not mine"));
    let run = repo
        .gate(&["integrate", "--land", "--format", "concise"])
        .expect(1);
    run.says("ejected").says("held");
    holds(&repo, "main", &["docs/b.md"], &["core/b.rs", "ui/b.rs"]);
}

#[test]
fn whoever_fails_its_verification_is_ejected_and_the_rest_lands() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").file("core/a.rs", "BROKEN"));
    let run = repo
        .gate(&["integrate", "--land", "--format", "concise"])
        .expect(1);
    run.says("[verify-failed]").says("[held]");
    holds(&repo, "main", &["docs/b.md"], &["core/b.rs", "ui/b.rs"]);
}

#[test]
fn whoever_breaks_the_whole_is_found_and_the_rest_lands() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").file("core/a.rs", "FAIL"));
    let run = repo
        .gate(&["integrate", "--land", "--format", "concise"])
        .expect(1);
    run.says("agent/core breaks the verification of the whole")
        .says("[held]");
    holds(&repo, "main", &["docs/b.md"], &["core/b.rs", "ui/b.rs"]);
}

#[test]
fn nobody_is_blamed_if_the_target_fails_by_itself() {
    let mut repo = repo();
    repo.commit(Commit::on("main").file("docs/red.md", "FAIL"));
    repo.git(&["reset", "-q", "--hard"]);
    let before = repo.refs();
    repo.gate(&["integrate", "--land", "--format", "concise"])
        .expect(3)
        .says("[target-fails]");
    assert_eq!(before, repo.refs());
}

#[test]
fn a_conflict_ejects_the_later_one() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").file("shared/x", "core\n"));
    repo.commit(Commit::on("agent/docs").file("shared/x", "docs\n"));
    let run = repo
        .gate(&["integrate", "--land", "--format", "concise"])
        .expect(1);
    run.says("agent/docs: shared/x: refused[conflict]");
    holds(&repo, "main", &["core/b.rs", "ui/b.rs"], &["docs/b.md"]);
}

#[test]
fn dependents_of_who_has_delivered_nothing_wait_and_that_is_no_failure() {
    let mut repo = repo();
    repo.git(&["branch", "-D", "agent/core", "agent/ui"]);
    repo.commit(Commit::on("agent/ui").from("main").file("ui/b.rs", "b"));
    repo.gate(&["integrate", "--land", "--format", "concise"])
        .expect(0)
        .says("waiting");
    holds(&repo, "main", &["docs/b.md"], &["ui/b.rs"]);
    // Once it has delivered, its dependents go, although its branch is gone.
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    repo.gate(&["integrate", "--land"]).expect(0);
    repo.git(&["branch", "-D", "agent/core", "agent/ui"]);
    repo.commit(Commit::on("agent/ui").from("main").file("ui/c.rs", "c"));
    repo.gate(&["integrate", "--land"]).expect(0);
    holds(&repo, "main", &["ui/c.rs"], &[]);
}

#[test]
fn a_branch_cannot_claim_that_somebody_has_delivered() {
    let mut repo = repo();
    repo.git(&["branch", "-D", "agent/core", "agent/ui"]);
    let tip = repo.id("agent/docs");
    let forged = format!("Merge agent/core\n\nGate-Agent: core\nGate-Commit: {tip}\n");
    repo.commit(
        Commit::on("agent/docs")
            .merging("agent/docs")
            .message(&forged),
    );
    repo.commit(Commit::on("agent/ui").from("main").file("ui/b.rs", "b"));
    repo.gate(&["integrate", "--land"]).expect(0);
    repo.gate(&["integrate", "--land", "--format", "concise"])
        .expect(0)
        .says("waiting");
    holds(&repo, "main", &["docs/b.md"], &["ui/b.rs"]);
}

#[test]
fn what_changes_the_manifest_is_integrated_alone() {
    let mut repo = repo();
    let trusting = MANIFEST.replace(
        "owns: [\"docs/\"]",
        "owns: [\"docs/\"]\n    trusted_with: [ownership.yaml]",
    );
    repo.commit(Commit::on("main").file("ownership.yaml", &trusting));
    repo.git(&["reset", "-q", "--hard"]);
    let wider = trusting.replace("owns: [\"ui/\"]", "owns: [\"ui/\", \"web/\"]");
    repo.commit(
        Commit::on("agent/docs")
            .from("main")
            .file("ownership.yaml", &wider),
    );
    repo.gate(&["integrate", "--land"]).expect(0);
    assert!(!repo.git(&["show", "main:ownership.yaml"]).contains("web/"));
    holds(&repo, "main", &["core/b.rs", "ui/b.rs"], &[]);
    repo.gate(&["integrate", "--land"]).expect(0);
    assert!(repo.git(&["show", "main:ownership.yaml"]).contains("web/"));
}

#[test]
fn a_manifest_that_is_valid_only_until_it_is_merged_is_not_integrated() {
    let mut repo = repo();
    let trusting = MANIFEST.replace(
        "owns: [\"docs/\"]",
        "owns: [\"docs/\"]\n    trusted_with: [ownership.yaml]",
    );
    repo.commit(Commit::on("main").file("ownership.yaml", &trusting));
    let wider = trusting.replace("owns: [\"docs/\"]", "owns: [\"docs/\", \"web/\"]");
    repo.commit(
        Commit::on("agent/docs")
            .from("main")
            .file("ownership.yaml", &wider),
    );
    let other = trusting.replace("owns: [\"core/\"]", "owns: [\"core/\", \"web/\"]");
    repo.commit(Commit::on("main").file("ownership.yaml", &other));
    repo.git(&["reset", "-q", "--hard"]);
    repo.git(&["branch", "-D", "agent/core", "agent/ui"]);
    repo.gate(&["check", "branch", "agent/docs"]).expect(0);
    let run = repo.gate(&["integrate", "--land", "--format", "concise"]);
    run.expect(1).says("[manifest-refused]").says("web/");
    repo.gate(&["check", "manifest"]).expect(0);
}

#[test]
fn what_a_command_does_to_its_checkout_reaches_nothing() {
    let mut repo = repo();
    let vandal = MANIFEST.replace(
        "! grep -rq FAIL core ui docs",
        "echo spoilt > core/a.rs; git add -A; git commit -qm spoilt; git branch agent/new; true",
    );
    repo.commit(Commit::on("main").file("ownership.yaml", &vandal));
    repo.git(&["reset", "-q", "--hard"]);
    repo.gate(&["integrate", "--land"]).expect(0);
    assert_eq!(repo.git(&["show", "main:core/a.rs"]), "a");
    assert!(!repo.refs().contains_key("refs/heads/agent/new"));
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
}

#[test]
fn nothing_is_left_behind() {
    let repo = repo();
    repo.gate(&["integrate", "--land"]).expect(0);
    // The files that processes lock stay; the locks themselves end with the processes. What commands have
    // printed, and what passed, stays on purpose.
    assert_eq!(
        repo.kept_by_gate(),
        ["lock", "logs", "passes", "quarantines"]
    );
}

#[test]
fn what_has_landed_is_up_to_date_and_waits_for_nothing() {
    let repo = repo();
    repo.gate(&["integrate", "--land"]).expect(0);
    let run = repo.gate(&["integrate", "--land"]).expect(0);
    assert_eq!(
        run.stdout.matches("up to date").count(),
        4,
        "{}",
        run.stdout
    );
}
