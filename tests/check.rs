//! `gate check branch`: what a branch is refused for, and what it is not.

use crate::support::{Commit, TestRepo};

const MANIFEST: &str = r#"version: 1
agents:
  core:
    branch: agent/core
    owns: ["core/"]
  ui:
    branch: agent/ui
    owns: ["ui/"]
    forbids: ["shared/secret.txt"]
    depends_on: [core]
  docs:
    branch: agent/docs
    owns: ["docs/"]
    trusted_with: [".github/workflows/"]
shared:
  - paths: ["shared/"]
    agents: [core, ui]
"#;

fn repo() -> TestRepo {
    TestRepo::new(
        MANIFEST,
        &[
            ("core/a.rs", "a"),
            ("ui/a.rs", "a"),
            ("docs/a.md", "a"),
            ("shared/list.txt", "1\n2\n3\n"),
            ("README.md", "read"),
        ],
    )
}

#[track_caller]
fn refused(repo: &TestRepo, branch: &str, code: &str, path: &str) {
    let run = repo
        .gate(&["check", "branch", branch, "--format", "concise"])
        .expect(1);
    run.says(&format!("[{code}]")).says(path);
}

#[track_caller]
fn accepted(repo: &TestRepo, branch: &str) {
    repo.gate(&["check", "branch", branch]).expect(0);
}

#[test]
fn a_branch_that_keeps_to_its_claims_is_accepted() {
    let mut repo = repo();
    repo.commit(
        Commit::on("agent/core")
            .from("main")
            .file("core/b.rs", "b")
            .delete("core/a.rs"),
    );
    accepted(&repo, "agent/core");
}

#[test]
fn every_kind_of_refusal_has_its_code() {
    for (path, code) in [
        ("ui/a.rs", "owned-by-another"),
        ("docs/new.md", "owned-by-another"),
        ("README.md", "unowned"),
        ("ownership.yaml", "protected"),
        ("core/.gitattributes", "protected"),
        (".github/workflows/ci.yml", "protected"),
    ] {
        let mut repo = repo();
        repo.commit(Commit::on("agent/core").from("main").file(path, "x"));
        refused(&repo, "agent/core", code, path);
    }
    let mut repo = repo();
    repo.commit(
        Commit::on("agent/ui")
            .from("main")
            .file("shared/secret.txt", "x"),
    );
    refused(&repo, "agent/ui", "forbidden", "shared/secret.txt");
    repo.commit(
        Commit::on("agent/docs")
            .from("main")
            .file("shared/list.txt", "x"),
    );
    refused(&repo, "agent/docs", "shared-by-others", "shared/list.txt");
}

#[test]
fn a_trusted_agent_may_change_a_protected_path() {
    let mut repo = repo();
    repo.commit(
        Commit::on("agent/docs")
            .from("main")
            .file(".github/workflows/ci.yml", "on: push"),
    );
    accepted(&repo, "agent/docs");
}

#[test]
fn a_rename_needs_both_sides() {
    let mut repo = repo();
    repo.commit(
        Commit::on("agent/ui")
            .from("main")
            .file("ui/core.rs", "a")
            .delete("core/a.rs"),
    );
    refused(&repo, "agent/ui", "owned-by-another", "core/a.rs");
}

#[test]
fn a_submodule_needs_trust() {
    let mut repo = repo();
    let id = repo.id("main");
    repo.commit(
        Commit::on("agent/core")
            .from("main")
            .entry("core/lib", "160000", id.as_bytes()),
    );
    refused(&repo, "agent/core", "submodule", "core/lib");
}

#[test]
fn a_touch_that_was_reverted_is_seen_unless_only_the_net_counts() {
    let mut repo = repo();
    repo.commit(
        Commit::on("agent/core")
            .from("main")
            .file("ui/a.rs", "changed"),
    );
    repo.commit(
        Commit::on("agent/core")
            .file("ui/a.rs", "a")
            .file("core/b.rs", "b"),
    );
    refused(&repo, "agent/core", "owned-by-another", "ui/a.rs");

    let net = MANIFEST.replace("version: 1", "version: 1\nhistory: net");
    repo.commit(Commit::on("main").file("ownership.yaml", &net));
    accepted(&repo, "agent/core");
}

#[test]
fn the_work_of_a_dependency_is_not_blamed_on_who_builds_on_it() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    repo.commit(
        Commit::on("agent/ui")
            .from("agent/core")
            .file("ui/b.rs", "b"),
    );
    accepted(&repo, "agent/ui");
    // The same work on the branch of somebody who does not depend on it is refused.
    repo.commit(
        Commit::on("agent/docs")
            .from("agent/core")
            .file("docs/b.md", "b"),
    );
    refused(&repo, "agent/docs", "owned-by-another", "core/b.rs");
}

#[test]
fn a_refused_dependency_makes_its_dependents_refused() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").from("main").file("README.md", "x"));
    repo.commit(
        Commit::on("agent/ui")
            .from("agent/core")
            .file("ui/b.rs", "b"),
    );
    refused(&repo, "agent/ui", "dependency-refused", "core");
}

#[test]
fn a_dependency_that_was_rewritten_is_told_with_the_rebase_that_mends_it() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "1"));
    let former = repo.commit(Commit::on("agent/core").file("core/c.rs", "1"));
    let dependent = Commit::on("agent/ui").from("agent/core");
    repo.commit(dependent.file("ui/b.rs", "b"));
    accepted(&repo, "agent/ui");
    let again = Commit::on("agent/core").from("main");
    repo.commit(again.file("core/b.rs", "2"));
    let rebase = format!("git rebase --onto agent/core {} agent/ui", &former[..10]);
    refused(
        &repo,
        "agent/ui",
        "dependency-rewritten",
        "carries 2 commits",
    );
    let run = repo.gate(&["check", "branch", "agent/ui"]).expect(1);
    run.says(&rebase);
    let words: Vec<_> = rebase.split(' ').skip(1).collect();
    repo.git(&words);
    accepted(&repo, "agent/ui");
}

#[test]
fn a_dependent_that_does_the_work_of_its_dependency_is_not_told_of_a_rewrite() {
    let told = |repo: &TestRepo| {
        let run = repo.gate(&["check", "branch", "agent/ui"]).expect(1);
        run.stdout.contains("dependency-rewritten")
    };
    // On top of the dependency as it is.
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    let work = Commit::on("agent/ui").from("agent/core");
    repo.commit(work.file("core/b.rs", "mine"));
    assert!(!told(&repo));
    // On top of work of its own, which a rebase would take away.
    let mut repo = self::repo();
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    repo.commit(Commit::on("agent/ui").from("main").file("ui/b.rs", "b"));
    repo.commit(Commit::on("agent/ui").file("core/a.rs", "mine"));
    assert!(!told(&repo));
}

#[test]
fn a_carried_merge_of_the_target_is_nobodys_fault() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    repo.commit(
        Commit::on("main")
            .file("README.md", "moved on")
            .file("docs/a.md", "moved on"),
    );
    repo.commit(
        Commit::on("agent/core")
            .merging("main")
            .file("README.md", "moved on")
            .file("docs/a.md", "moved on"),
    );
    accepted(&repo, "agent/core");
}

#[test]
fn an_evil_merge_is_seen() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    repo.commit(Commit::on("main").file("README.md", "moved on"));
    repo.commit(
        Commit::on("agent/core")
            .merging("main")
            .file("README.md", "moved on")
            .file("ui/a.rs", "evil"),
    );
    repo.commit(Commit::on("agent/core").file("ui/a.rs", "a"));
    refused(&repo, "agent/core", "owned-by-another", "ui/a.rs");
}

#[test]
fn rules_come_from_the_target_and_never_from_the_branch() {
    let mut repo = repo();
    let generous = MANIFEST.replace(r#"owns: ["ui/"]"#, r#"owns: ["ui/", "docs/"]"#);
    repo.commit(
        Commit::on("agent/ui")
            .from("main")
            .file("ownership.yaml", &generous)
            .file("docs/a.md", "x"),
    );
    refused(&repo, "agent/ui", "protected", "ownership.yaml");
    refused(&repo, "agent/ui", "owned-by-another", "docs/a.md");
    // The work tree has no say either.
    repo.write("ownership.yaml", &generous);
    refused(&repo, "agent/ui", "owned-by-another", "docs/a.md");
}

#[test]
fn a_branch_that_deletes_or_breaks_the_manifest_is_refused_even_with_trust() {
    let mut repo = repo();
    let trusting = MANIFEST.replace(
        r#"trusted_with: [".github"#,
        r#"trusted_with: ["ownership.yaml", ".github"#,
    );
    repo.commit(Commit::on("main").file("ownership.yaml", &trusting));
    repo.commit(
        Commit::on("agent/docs")
            .from("main")
            .delete("ownership.yaml"),
    );
    refused(&repo, "agent/docs", "manifest-refused", "deletes it");
    repo.commit(
        Commit::on("agent/docs")
            .from("main")
            .file("ownership.yaml", "version: 2\nagents: {}\n"),
    );
    refused(&repo, "agent/docs", "manifest-refused", "agent/docs");
}

#[test]
fn all_judges_every_branch_of_every_agent_and_leaves_out_the_rest() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    repo.commit(Commit::on("agent/docs").from("main").file("core/b.rs", "b"));
    repo.commit(
        Commit::on("somebody/else")
            .from("main")
            .file("core/b.rs", "b"),
    );
    let run = repo
        .gate(&["check", "branch", "--all", "--format", "concise"])
        .expect(1);
    assert!(!run.stdout.contains("somebody/else"), "{}", run.stdout);
    run.says("agent/core").says("agent/docs").says("agent/ui");
}

#[test]
fn the_branches_of_a_remote_are_another_set() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").from("main").file("README.md", "x"));
    repo.git(&["update-ref", "refs/remotes/origin/main", "main"]);
    repo.git(&["update-ref", "refs/remotes/origin/agent/core", "main"]);
    repo.gate(&["check", "branch", "agent/core", "--remote", "origin"])
        .expect(0);
    repo.gate(&["check", "branch", "agent/core"]).expect(1);
}

#[test]
fn a_branch_that_merged_crosswise_with_the_target_is_judged_by_the_merge_of_the_bases() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    let ours = repo.id("agent/core");
    let theirs = repo.commit(Commit::on("main").file("README.md", "moved on"));
    repo.commit(
        Commit::on("agent/core")
            .merging(&theirs)
            .file("README.md", "moved on"),
    );
    repo.commit(Commit::on("main").merging(&ours).file("core/b.rs", "b"));
    repo.commit(Commit::on("agent/core").file("core/c.rs", "c"));
    repo.commit(Commit::on("main").file("docs/a.md", "moved on"));
    let bases = repo.git(&["merge-base", "--all", "main", "agent/core"]);
    assert_eq!(bases.lines().count(), 2);
    accepted(&repo, "agent/core");
    repo.commit(Commit::on("agent/core").file("ui/a.rs", "not mine"));
    refused(&repo, "agent/core", "owned-by-another", "ui/a.rs");
}

/// Where a process takes longer than judging a branch, their number is what a user waits for.
#[test]
fn git_is_started_for_what_only_git_knows_however_many_branches_there_are() {
    let mut repo = repo();
    for part in ["core", "ui", "docs"] {
        let (branch, path) = (format!("agent/{part}"), format!("{part}/new"));
        repo.commit(Commit::on(&branch).from("main").file(&path, "b"));
    }
    let log = repo.path().join("../git.log");
    let log = log.to_str().expect("a path");
    repo.git(&["config", "--global", "trace2.normalTarget", log]);
    let count = |arguments: &[&str], code| {
        std::fs::write(log, "").expect("an empty log");
        repo.gate(arguments).expect(code);
        let text = std::fs::read_to_string(log).expect("the log");
        text.lines().filter(|line| line.contains(" start ")).count()
    };
    let counts = |more| {
        assert_eq!(count(&["check", "branch", "--all"], 0), 1 + more);
        // Where somebody depends on others, all branches are listed.
        assert_eq!(count(&["check", "branch", "agent/ui"], 0), 1 + more);
        assert_eq!(count(&["check", "branch", "agent/docs"], 0), more);
        assert_eq!(count(&["who", "docs/a.md"], 0), more);
        assert_eq!(count(&["check", "staged"], 0), more);
    };
    counts(0);
    // What a file includes is for git to say, and with it all the rest.
    repo.git(&["config", "include.path", "nowhere"]);
    counts(2);
}

/// A command that lists few branches must see what the others mean for them.
#[test]
fn one_branch_alone_is_judged_as_among_all() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").from("main").file("docs/a.md", "b"));
    repo.commit(Commit::on("agent/ui").from("main").file("ui/new", "b"));
    repo.commit(Commit::on("agent/docs").from("main").file("docs/a.md", "b"));
    for pack in [false, true] {
        if pack {
            repo.git(&["pack-refs", "--all"]);
        }
        let alone = |branch, code| {
            let run = repo.gate(&["check", "branch", branch, "--format", "concise"]);
            run.expect(code).stdout
        };
        assert!(alone("agent/core", 1).contains("[owned-by-another]"));
        assert!(alone("agent/ui", 1).contains("[dependency-refused]"));
        alone("agent/docs", 0);
        alone("refs/heads/agent/docs", 0);
        alone("agent/none", 2);
        repo.git(&["symbolic-ref", "HEAD", "refs/heads/agent/ui"]);
        repo.gate(&["check", "branch"])
            .expect(1)
            .says("[dependency-refused]");
        repo.git(&["symbolic-ref", "HEAD", "refs/heads/main"]);
    }
}
