//! Milestones: what is published, what it means for those who wait for it, and how it is merged.

mod merged;
mod published;

use crate::support::{Commit, Run, TestRepo};
use serde_json::Value;
use std::collections::BTreeMap;

const MANIFEST: &str = r#"version: 1
agents:
  user:
    branch: agent/user
    owns: ["user/"]
    depends_on: ["storage@api"]
    priority: 5
  storage:
    branch: agent/storage
    owns: ["storage/"]
    verify: ["! grep -rqs BROKEN storage"]
  whole:
    branch: agent/whole
    owns: ["whole/"]
    depends_on: [storage]
"#;

const FILES: &[(&str, &str)] = &[("storage/a", "a"), ("user/a", "a"), ("whole/a", "a")];

/// Storage has two commits, of which the first is its API; the others build on that.
fn repo() -> TestRepo {
    let mut repo = TestRepo::new(MANIFEST, FILES);
    let api = Commit::on("agent/storage").from("main");
    repo.commit(api.file("storage/api", "1"));
    let user = Commit::on("agent/user").from("agent/storage");
    repo.commit(user.file("user/b", "b"));
    repo.commit(Commit::on("agent/storage").file("storage/rest", "2"));
    let whole = Commit::on("agent/whole").from("agent/storage");
    repo.commit(whole.file("whole/b", "b"));
    repo
}

#[track_caller]
fn publish(repo: &TestRepo, agent: &str, milestone: &str, commit: &str) -> Run {
    let milestone = ["--milestone", milestone, "--commit", commit];
    repo.gate(&[&["publish", agent][..], &milestone].concat())
        .expect(0)
}

/// What a command says of each branch and milestone, and the branches in its order.
fn standings(repo: &TestRepo, arguments: &[&str], code: i32) -> (BTreeMap<String, String>, String) {
    let run = repo.gate(&[arguments, &["--format", "json"]].concat());
    let document = run.expect(code).json();
    let branches = document["branches"].as_array().unwrap();
    let text = |branch: &Value, key: &str| branch[key].as_str().unwrap().to_owned();
    let pairs = branches
        .iter()
        .map(|branch| (text(branch, "branch"), text(branch, "standing")));
    let names: Vec<_> = branches.iter().map(|one| text(one, "branch")).collect();
    (pairs.collect(), names.join(" "))
}

#[track_caller]
fn integrated(repo: &TestRepo, code: i32, expected: &[(&str, &str)]) {
    let (found, _) = standings(repo, &["integrate", "--land"], code);
    let expected = expected.iter().map(|(name, standing)| (*name, *standing));
    let found: BTreeMap<_, _> = found
        .iter()
        .map(|(k, v)| (k.as_str(), v.as_str()))
        .collect();
    assert_eq!(found, expected.collect());
}
