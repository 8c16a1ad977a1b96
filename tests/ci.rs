//! `hooks/ci`: requests and merge groups, as GitHub brings them.

use crate::support::{Commit, Run, TestRepo};
use std::path::{Path, PathBuf};

const MANIFEST: &str = r#"version: 1
agents:
  core:
    branch: agent/core
    owns: ["core/"]
"#;

/// The repository that requests are made to, and a clone of it with `main` checked out, as in CI.
fn origin() -> (TestRepo, PathBuf) {
    let origin = TestRepo::new(MANIFEST, &[("core/a.rs", "a"), ("README.md", "a")]);
    origin.git(&["clone", "-q", ".", "../clone"]);
    let clone = origin.path().join("../clone");
    (origin, clone)
}

fn ci(origin: &TestRepo, clone: &Path, event: &[(&str, &str)]) -> Run {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/hooks/ci");
    // For the environment that a command gets in tests.
    let mut command = origin.gate_command(clone, &[]);
    let environment: Vec<_> = command
        .get_envs()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
        .collect();
    command = std::process::Command::new("bash");
    command
        .arg(script)
        .current_dir(clone)
        .env_clear()
        .envs(environment)
        .env("GATE", env!("CARGO_BIN_EXE_gate"))
        .env("HEAD_IS_FORK", "false")
        .envs(event.iter().copied());
    Run::of(&mut command)
}

/// The request to merge `branch` into `base`.
fn request(origin: &TestRepo, clone: &Path, branch: &str, base: &str) -> Run {
    let head = origin.id(branch);
    let event = [
        ("EVENT", "pull_request"),
        ("BASE", base),
        ("HEAD_BRANCH", branch),
        ("HEAD_COMMIT", &head),
        ("NUMBER", "7"),
    ];
    ci(origin, clone, &event)
}

/// Puts a request with this number at the commit of `branch`.
fn number(origin: &TestRepo, number: u32, branch: &str) {
    origin.git(&["update-ref", &format!("refs/pull/{number}/head"), branch]);
}

/// The merge group for request 7, whose head is `head`, on top of `base`.
fn group(origin: &TestRepo, clone: &Path, base: &str, head: &str, more: &[(&str, &str)]) -> Run {
    let queue = format!("refs/heads/gh-readonly-queue/main/pr-7-{}", origin.id(base));
    origin.git(&["update-ref", &queue, head]);
    let (base, head) = (origin.id(base), origin.id(head));
    let mut event = vec![
        ("EVENT", "merge_group"),
        ("BASE", "refs/heads/main"),
        ("BASE_COMMIT", &base),
        ("HEAD_COMMIT", &head),
        ("HEAD_REF", &queue),
        ("REPOSITORY", "house/home"),
    ];
    event.extend(more);
    ci(origin, clone, &event)
}

/// A merge of `branch` into `main`, as a queue makes it; what is in it is said again.
fn merged<'a>(branch: &'a str, path: &'a str) -> Commit<'a> {
    Commit::on("queued")
        .from("main")
        .merging(branch)
        .file(path, "b")
}

#[test]
fn requests_into_the_target_are_judged() {
    let (mut origin, clone) = origin();
    origin.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    origin.commit(Commit::on("people/fix").from("main").file("README.md", "b"));
    request(&origin, &clone, "agent/core", "main").expect(0);
    let run = request(&origin, &clone, "people/fix", "main").expect(0);
    assert!(!run.stdout.contains("::"), "{}", run.stdout);
    origin.commit(Commit::on("agent/core").file("README.md", "b"));
    request(&origin, &clone, "agent/core", "refs/heads/main").expect(1);
}

#[test]
fn a_persons_request_into_another_base_passes_and_an_agents_is_judged() {
    for others in ["allow", "deny"] {
        let (mut origin, clone) = origin();
        let manifest = format!("{MANIFEST}others: {others}\n");
        origin.commit(Commit::on("main").file("ownership.yaml", &manifest));
        origin.commit(Commit::on("release/1").from("main").file("README.md", "1"));
        origin.commit(Commit::on("people/fix").from("release/1").file("x", "b"));
        request(&origin, &clone, "people/fix", "release/1")
            .expect(0)
            .says("goes into release/1, which is not the target");
        origin.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
        request(&origin, &clone, "agent/core", "release/1").expect(0);
        origin.commit(Commit::on("agent/core").file("README.md", "b"));
        request(&origin, &clone, "agent/core", "release/1")
            .expect(1)
            .says("[unowned]");
    }
}

#[test]
fn the_target_is_the_one_that_the_manifest_of_the_base_names() {
    let mut origin = TestRepo::empty();
    let manifest = format!("{MANIFEST}target: master\n");
    origin.commit(Commit::on("master").file("ownership.yaml", &manifest));
    origin.git(&["switch", "-q", "master"]);
    origin.git(&["clone", "-q", ".", "../clone"]);
    let clone = origin.path().join("../clone");
    origin.commit(
        Commit::on("agent/core")
            .from("master")
            .file("README.md", "b"),
    );
    request(&origin, &clone, "agent/core", "master")
        .expect(1)
        .says("[unowned]");
    origin.commit(Commit::on("master").file("ownership.yaml", "version: 7\n"));
    request(&origin, &clone, "agent/core", "master").expect(2);
}

#[test]
fn a_group_is_judged_by_the_requests_in_it() {
    let (mut origin, clone) = origin();
    origin.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    origin.commit(merged("agent/core", "core/b.rs"));
    number(&origin, 7, "agent/core");
    group(&origin, &clone, "main", "queued", &[])
        .expect(0)
        .says("agent/core: accepted");
    // A queue that squashes brings a commit that nobody else has.
    origin.commit(Commit::on("squashed").from("main").file("core/b.rs", "b"));
    group(&origin, &clone, "main", "squashed", &[])
        .expect(0)
        .says("agent/core: accepted");

    origin.commit(Commit::on("agent/core").from("main").file("README.md", "b"));
    origin.commit(merged("agent/core", "README.md"));
    number(&origin, 7, "agent/core");
    group(&origin, &clone, "main", "queued", &[]).expect(1);
    origin.commit(Commit::on("squashed").from("main").file("README.md", "b"));
    group(&origin, &clone, "main", "squashed", &[]).expect(1);
}

#[test]
fn a_group_of_several_requests_is_judged_by_all_of_them() {
    let (mut origin, clone) = origin();
    origin.commit(Commit::on("people/fix").from("main").file("docs", "b"));
    origin.commit(Commit::on("agent/core").from("main").file("README.md", "b"));
    number(&origin, 6, "people/fix");
    number(&origin, 7, "agent/core");
    origin.commit(merged("people/fix", "docs"));
    let first = "refs/heads/gh-readonly-queue/main/pr-6-0123456789";
    origin.git(&["update-ref", first, "queued"]);
    origin.commit(
        Commit::on("queued")
            .merging("agent/core")
            .file("README.md", "b"),
    );
    group(&origin, &clone, "main", "queued", &[])
        .expect(1)
        .says("people/fix: not judged")
        .says("agent/core: refused");
}

#[test]
fn people_pass_through_the_queue() {
    let (mut origin, clone) = origin();
    origin.commit(Commit::on("people/fix").from("main").file("README.md", "b"));
    origin.commit(merged("people/fix", "README.md"));
    number(&origin, 7, "people/fix");
    group(&origin, &clone, "main", "queued", &[]).expect(0);
    origin.commit(Commit::on("main").file("ownership.yaml", &format!("{MANIFEST}others: deny\n")));
    origin.commit(merged("people/fix", "README.md"));
    group(&origin, &clone, "main", "queued", &[])
        .expect(1)
        .says("[others-denied]");
}

#[test]
fn a_group_whose_branch_is_gone_or_has_moved_does_not_pass() {
    let (mut origin, clone) = origin();
    origin.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    origin.commit(merged("agent/core", "core/b.rs"));
    number(&origin, 7, "agent/core");
    // Pushed to since: the request is at the new commit, the group holds the old one.
    origin.commit(Commit::on("agent/core").file("core/c.rs", "c"));
    number(&origin, 7, "agent/core");
    let run = group(&origin, &clone, "main", "queued", &[]).expect(3);
    assert!(
        run.stderr.contains("holds something else"),
        "{}",
        run.stderr
    );
    // Deleted since.
    number(&origin, 7, "agent/core~1");
    origin.git(&["update-ref", "-d", "refs/heads/agent/core"]);
    origin.git(&["update-ref", "-d", "refs/heads/queued"]);
    let head = origin.git(&[
        "for-each-ref",
        "--format=%(objectname)",
        "refs/heads/gh-readonly-queue",
    ]);
    let run = group(&origin, &clone, "main", &head, &[]).expect(3);
    assert!(
        run.stderr.contains("which branch request 7"),
        "{}",
        run.stderr
    );
}

#[test]
fn github_knows_whose_a_deleted_branch_was_and_which_is_a_fork() {
    let (mut origin, clone) = origin();
    origin.commit(Commit::on("work").from("main").file("README.md", "b"));
    origin.commit(merged("work", "README.md"));
    number(&origin, 7, "work");
    let programs = origin.path().join("../programs");
    std::fs::create_dir(&programs).unwrap();
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", programs.display());
    for (branch, repository, code) in [
        ("agent/core", "house/home", 1),
        ("agent/core", "fork/home", 0),
        ("agent/core", "", 0),
        ("people/fix", "house/home", 0),
    ] {
        let answer = format!("#!/bin/sh\nprintf '{branch}\\t{repository}\\n'\n");
        let gh = programs.join("gh");
        std::fs::write(&gh, answer).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&gh, mode).unwrap();
        group(&origin, &clone, "main", "queued", &[("PATH", &path)]).expect(code);
    }
}

#[test]
fn a_group_that_brings_more_than_its_requests_does_not_pass() {
    let (mut origin, clone) = origin();
    origin.commit(Commit::on("people/fix").from("main").file("README.md", "b"));
    number(&origin, 7, "people/fix");
    origin.commit(merged("people/fix", "README.md").file("core/a.rs", "smuggled"));
    group(&origin, &clone, "main", "queued", &[]).expect(3);
}
