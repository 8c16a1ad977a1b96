//! Refs that are no agent's branch, that go, or that are there before any rule.

use super::{FILES, MANIFEST, Server, flat, landed, two_branches};
use crate::support::{Commit, TestRepo};

#[test]
fn a_branch_is_kept_until_the_target_has_its_work() {
    let server = landed();
    server.refuses(&[":agent/core"], "refused[unmerged-deletion] agent/core");
    // git moves each ref for itself, and could fail to move the target.
    server.refuses(
        &["main", ":agent/core"],
        "refused[unmerged-deletion] agent/core",
    );
    server.accepts(&["main"]);
    server.accepts(&[":agent/core"]);
    assert!(!server.refs().contains("agent/core"));
    server.accepts(&["main:people/topic"]);
    server.accepts(&[":people/topic"]);
}

#[test]
fn replacements_and_records_of_gate_are_refused() {
    let server = landed();
    for name in [
        "refs/replace/",
        "refs/gate/runs/",
        "refs/Replace/",
        "refs/Heads/",
    ] {
        let id = server.clone.id("main");
        server.refuses(&[&format!("main:{name}{id}")], "refused[reserved-ref]");
    }
    server.git(&["update-ref", "refs/replace/1", "HEAD"]);
    server.refuses(&[":refs/replace/1"], "refused[reserved-ref] refs/replace/1");
}

#[test]
fn objects_that_are_replaced_on_the_server_are_judged_as_they_are() {
    let mut server = Server::new();
    let bad = Commit::on("agent/core").from("main");
    let bad = server.clone.commit(bad.file("ui/b.rs", "b"));
    let good = Commit::on("good").from("main");
    let good = server.clone.commit(good.file("core/b.rs", "b"));
    server.accepts(&["good:people/good"]);
    server.git(&["update-ref", &format!("refs/replace/{bad}"), &good]);
    server.refuses(&["agent/core"], "refused[owned-by-another] agent/core");
}

#[test]
fn a_branch_is_a_commit_and_stands_for_itself() {
    let server = landed();
    server
        .clone
        .git(&["tag", "-a", "-m", "a tag", "agent/core", "main~3"]);
    let tag = server.clone.git(&["rev-parse", "refs/tags/agent/core"]);
    server.refuses(
        &[&format!("+{tag}:refs/heads/agent/docs")],
        "undecided[not-a-commit]",
    );
    server.refuses(
        &[&format!("{tag}:refs/heads/people/x")],
        "undecided[not-a-commit]",
    );
    // A tag by the name of a branch is a tag.
    let said = server.accepts(&["refs/tags/agent/core"]);
    assert!(flat(&said).contains("there is nothing to judge"), "{said}");
    for to in ["refs/heads/main", "refs/heads/agent/new"] {
        server.git(&["symbolic-ref", "refs/heads/people/link", to]);
        server.refuses(&["+main:people/link"], "undecided[symbolic-branch]");
    }
    server.git(&["symbolic-ref", "refs/other/link", "refs/heads/main"]);
    server.refuses(&["main:refs/other/link"], "undecided[symbolic-branch]");
}

#[test]
fn branches_of_nobody_pass_unless_the_manifest_denies_them() {
    let mut server = Server::new();
    server
        .clone
        .commit(Commit::on("people/fix").from("main").file("core/x", "x"));
    let said = server.accepts(&["people/fix"]);
    assert!(
        flat(&said).contains("people/fix belongs to no agent"),
        "{said}"
    );
    server.accepts(&["main:refs/notes/x", "main:gate/integration"]);
    let strict = MANIFEST.replace("version: 1", "version: 1\nothers: deny");
    let mut server = Server::of(TestRepo::new(&strict, FILES));
    server
        .clone
        .commit(Commit::on("people/fix").from("main").file("core/x", "x"));
    server.refuses(&["people/fix"], "refused[others-denied] people/fix");
    server.accepts(&["people/fix:refs/tags/fix", "people/fix:gate/integration"]);
}

#[test]
fn names_that_some_systems_take_for_an_agents_are_refused() {
    let mut server = landed();
    for name in [
        "Agent/core",
        "agent/\u{200c}core",
        "MAIN",
        "Gate/Integration",
    ] {
        server.refuses(
            &[&format!("main~3:refs/heads/{name}")],
            "refused[name-collision]",
        );
    }
    server
        .clone
        .commit(Commit::on("agent/core").file("core/z", "z"));
    server.accepts(&["agent/core"]);
}

#[test]
fn the_first_push_is_possible_and_brings_the_first_rules() {
    let mut clone = TestRepo::empty();
    clone.commit(Commit::on("main").file("README.md", "a"));
    let branch = Commit::on("agent/core").from("main");
    clone.commit(branch.file("ui/x", "x"));
    let mut server = Server::of(clone);
    for branch in ["main", "agent/core"] {
        server.git(&["update-ref", "-d", &format!("refs/heads/{branch}")]);
    }
    let said = server.accepts(&["main", "agent/core"]);
    assert!(flat(&said).contains("there is no branch main yet, so everything"));
    let clone = &mut server.clone;
    let good = clone.commit(Commit::on("main").file("README.md", "b"));
    let said = server.accepts(&["main"]);
    assert!(flat(&said).contains("main has no ownership.yaml yet, so everything"));
    let clone = &mut server.clone;
    clone.commit(Commit::on("main").file("ownership.yaml", "version: 7\n"));
    server.refuses(&["main"], "refused[manifest-refused] main");
    let clone = &mut server.clone;
    let first = Commit::on("main").from(&good);
    clone.commit(first.file("ownership.yaml", MANIFEST));
    server.accepts(&["main"]);
    server.refuses(&["+main~1:main"], "refused[target-pushed] main");
}

#[test]
fn a_target_that_is_not_found_is_no_reason_to_let_anything_pass() {
    let mut clone = TestRepo::empty();
    let manifest = MANIFEST.replace("version: 1", "version: 1\ntarget: trunk");
    clone.commit(Commit::on("trunk").file("ownership.yaml", &manifest));
    clone.git(&["symbolic-ref", "HEAD", "refs/heads/trunk"]);
    clone.commit(Commit::on("agent/core").from("trunk").file("ui/x", "x"));
    let server = Server::of(clone);
    server.git(&["update-ref", "-d", "refs/heads/agent/core"]);
    let said = server.refuses(&["agent/core"], "error[no-target]");
    assert!(
        flat(&said).contains("git config gate.target trunk"),
        "{said}"
    );
    server.git(&["config", "gate.target", "trunk"]);
    server.refuses(&["agent/core"], "refused[owned-by-another] agent/core");
}

#[test]
fn a_manifest_that_is_broken_on_the_server_lets_nothing_pass() {
    let mut server = Server::of(TestRepo::new("version: 7\n", FILES));
    two_branches(&mut server.clone);
    server.refuses(&["agent/core"], "error[invalid-value]");
}

#[test]
fn refs_in_tables_are_judged_as_well() {
    let probe = TestRepo::unmade();
    let tables = "--ref-format=reftable";
    if !probe.try_git(&["init", "-q", "--bare", tables]) {
        return; // This git is too old to know them.
    }
    let clone = TestRepo::new(MANIFEST, FILES);
    let server = Server::called("server.git", clone, &["--bare", tables]);
    server.git(&["symbolic-ref", "refs/heads/link", "refs/heads/agent/core"]);
    server.refuses(&["main:link"], "undecided[symbolic-branch]");
    server.refuses(&["main~0:refs/replace/1"], "refused[reserved-ref]");
    server.accepts(&["main:people/fix"]);
}
