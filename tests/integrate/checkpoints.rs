//! What several branches have to pass together on the way, and what a failure means for the rest.

use crate::support::{Commit, Run, TestRepo};

/// `one`, `two` and `three` in this order, and a checkpoint after the first two.
const MANIFEST: &str = r#"version: 1
agents:
  one:
    branch: agent/one
    owns: ["one/"]
    priority: 3
  three:
    branch: agent/three
    owns: ["three/"]
    priority: 1
  two:
    branch: agent/two
    owns: ["two/"]
    priority: 2
  user:
    branch: agent/user
    owns: ["user/"]
    depends_on: [two]
checkpoints:
  - after: [two, one]
    verify: ["echo checkpoint >> \"$CARGO_HOME/log\"; ! grep -rqs CLASH one && ! grep -rqs CLASH two"]
verify: ["echo whole >> \"$CARGO_HOME/log\"; ! grep -rqs BROKEN one two three user"]
"#;

fn repo(manifest: &str) -> TestRepo {
    TestRepo::new(manifest, &[("README", "a")])
}

fn work(repo: &mut TestRepo, agent: &str, content: &str) {
    let (branch, file) = (format!("agent/{agent}"), format!("{agent}/file"));
    repo.commit(Commit::on(&branch).from("main").file(&file, content));
}

/// Integrates, and returns what commands wrote into their log.
#[track_caller]
fn integrate(repo: &TestRepo, arguments: &[&str], code: i32) -> (Run, String) {
    let log = repo.path().join("log");
    let _ = std::fs::remove_file(&log);
    let arguments = [
        &["integrate", "--sandbox", "off", "--format", "concise"],
        arguments,
    ]
    .concat();
    let mut command = repo.gate_command(&repo.path(), &arguments);
    let run = Run::of(command.env("CARGO_HOME", repo.path())).expect(code);
    let log = std::fs::read_to_string(&log).unwrap_or_default();
    (run, log.replace('\n', " "))
}

#[test]
fn a_checkpoint_is_verified_once_all_of_its_group_had_their_turn() {
    let mut repo = repo(MANIFEST);
    for agent in ["one", "two", "three"] {
        work(&mut repo, agent, "good");
    }
    let (_, log) = integrate(&repo, &[], 0);
    assert_eq!(log, "checkpoint whole ");
    // Without anybody of its group it has nothing to say.
    repo.git(&["branch", "-q", "-D", "agent/one", "agent/two"]);
    let (_, log) = integrate(&repo, &[], 0);
    assert_eq!(log, "whole ");
}

#[test]
fn the_culprit_is_the_first_whose_prefix_fails_and_the_rest_carries_on() {
    let mut repo = repo(MANIFEST);
    for (agent, content) in [
        ("one", "good"),
        ("two", "CLASH"),
        ("three", "good"),
        ("user", "good"),
    ] {
        work(&mut repo, agent, content);
    }
    let (run, _) = integrate(&repo, &["--land"], 1);
    run.says("agent/one: merged")
        .says("agent/two: refused[verify-failed]: agent/two breaks the checkpoint after two, one")
        .says("agent/two: ejected")
        .says("agent/user: held")
        .says("agent/three: merged");
    repo.git(&["cat-file", "-e", "main:three/file"]);
    assert!(!repo.try_git(&["cat-file", "-e", "main:two/file"]));
}

#[test]
fn a_target_that_fails_a_checkpoint_is_nobodys_fault() {
    let mut repo = TestRepo::new(MANIFEST, &[("one/old", "CLASH")]);
    for agent in ["one", "two", "three"] {
        work(&mut repo, agent, "good");
    }
    let before = repo.refs();
    let (run, _) = integrate(&repo, &["--land"], 3);
    run.says("undecided[target-fails]")
        .says("agent/three: waiting");
    assert_eq!(repo.refs(), before);
}

#[test]
fn a_failure_stops_everybody_where_the_manifest_says_so() {
    let mut repo = repo(&format!("{MANIFEST}on_failure: stop\n"));
    for (agent, content) in [("one", "good"), ("two", "CLASH"), ("three", "good")] {
        work(&mut repo, agent, content);
    }
    let main = repo.id("main");
    let (run, log) = integrate(&repo, &["--land"], 1);
    run.says("agent/one: merged")
        .says("agent/two: ejected")
        .says("agent/three: held")
        .says("refused[stopped]: nothing lands: agent/two failed")
        .says("nothing landed: main stays at");
    assert_eq!(repo.id("main"), main);
    // The last good tree is proven good, and kept.
    assert!(log.ends_with("whole "), "{log}");
    repo.git(&["cat-file", "-e", "gate/integration:one/file"]);
    assert!(!repo.try_git(&["cat-file", "-e", "gate/integration:three/file"]));
    // Refused work stops as well, wherever it stands.
    repo.commit(Commit::on("agent/two").from("main").file("one/mine", "x"));
    integrate(&repo, &["--land"], 1).0.says("agent/three: held");
    assert_eq!(repo.id("main"), main);
    // Mended, everything goes.
    work(&mut repo, "two", "good");
    integrate(&repo, &["--land"], 0);
    repo.git(&["cat-file", "-e", "main:three/file"]);
}

#[test]
fn all_or_nothing_lands_only_a_full_house() {
    let mut repo = repo(MANIFEST);
    let main = repo.id("main");
    let arguments = ["--land", "--all-or-nothing"];
    work(&mut repo, "one", "good");
    work(&mut repo, "two", "good");
    let (run, _) = integrate(&repo, &arguments, 1);
    run.says("not everybody is in, agent/three, agent/user are out");
    work(&mut repo, "three", "good");
    let (run, _) = integrate(&repo, &arguments, 1);
    run.says("refused[not-everybody]: nothing lands: not everybody is in, agent/user is out");
    assert_eq!(repo.id("main"), main);
    work(&mut repo, "user", "good");
    integrate(&repo, &arguments, 0);
    assert_ne!(repo.id("main"), main);
    repo.gate(&["integrate", "--all-or-nothing"]).expect(2);
}

#[test]
fn what_a_checkpoint_runs_is_protected() {
    let manifest = MANIFEST.replace("echo checkpoint", "sh one/check.sh; echo checkpoint");
    let mut repo = repo(&manifest);
    repo.commit(
        Commit::on("agent/one")
            .from("main")
            .file("one/check.sh", "true"),
    );
    let run = repo.gate(&["check", "branch", "agent/one", "--format", "concise"]);
    run.expect(1).says("refused[protected]");
}
