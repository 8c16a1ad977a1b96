//! A run is replayed from its record alone.

use super::{MANIFEST, document, integrate, replay, repo};
use crate::support::{Commit, TestRepo};

#[test]
fn a_replay_comes_to_the_same_wherever_refs_stand() {
    let mut repo = repo();
    let first = repo.id("main");
    let outcome = integrate(&repo, &["--land"], 1);
    let run = outcome["run"].as_str().unwrap();
    let same = |repo: &TestRepo| {
        let before = repo.refs();
        let answer = replay(repo, run, 0);
        assert_eq!(answer["kind"], "replay");
        assert_eq!(answer["same"], true);
        assert_eq!(answer["merges"], 3);
        assert_eq!(answer["commit"], outcome["commit"]);
        assert_eq!(answer["record"], outcome["record"]);
        assert_eq!(answer["basis"]["target_commit"], first.as_str());
        assert_eq!(repo.refs(), before);
    };
    same(&repo);
    repo.commit(Commit::on("main").file("ownership.yaml", "version: 1\nagents: {}\n"));
    same(&repo);
    repo.commit(
        Commit::on("agent/base")
            .from("main")
            .file("base/other", "x"),
    );
    repo.git(&["branch", "-D", "agent/core", "agent/top", "agent/docs"]);
    repo.git(&["update-ref", "-d", "refs/gate/milestones/base/api"]);
    repo.git(&["update-ref", "refs/heads/main", &first]);
    repo.git(&["branch", "-D", "gate/integration"]);
    repo.git(&["reflog", "expire", "--expire=now", "--all"]);
    repo.git(&["gc", "-q", "--prune=now"]);
    same(&repo);
}

#[test]
fn no_command_runs_in_a_replay() {
    let manifest = MANIFEST.replace("verify: [\"true\"]", "verify: [\"test ! -e $HOME/there\"]");
    let mut repo = TestRepo::new(&manifest, &[]);
    repo.commit(Commit::on("agent/base").from("main").file("base/b", "b"));
    integrate(&repo, &[], 0);
    std::fs::write(repo.path().join("../there"), "").unwrap();
    let answer = replay(&repo, "last", 0);
    assert_eq!(answer["verifications"], 2);
}

#[test]
fn a_run_is_called_by_its_name_or_how_that_begins() {
    let repo = repo();
    let outcome = integrate(&repo, &[], 1);
    let run = outcome["run"].as_str().unwrap();
    let full = format!("refs/gate/runs/{run}");
    for name in [run, &run[..4], &run[..12].to_uppercase(), &full, "last"] {
        replay(&repo, name, 0);
    }
    let nothing = if run.starts_with('0') { "1234" } else { "0123" };
    for name in [
        &run[..3],
        nothing,
        "last-run",
        "refs/gate/runs/x",
        "",
        "-",
        "*",
    ] {
        let all = ["integrate", &format!("--replay={name}")];
        repo.gate(&all).expect(2);
    }
    let other = format!(
        "refs/gate/runs/{}{}",
        &run[..39],
        i32::from(run.ends_with('0'))
    );
    repo.git(&["update-ref", &other, &full]);
    let ambiguous = repo.gate(&["integrate", "--replay", &run[..8]]).expect(2);
    ambiguous.says("several runs are called").says(&run[..39]);
    replay(&repo, run, 0);
}

#[test]
fn a_clone_that_has_fetched_the_records_replays_them() {
    let repo = repo();
    integrate(&repo, &["--land"], 1);
    let run = integrate(&repo, &[], 1)["run"].clone();
    repo.git(&["init", "-q", "other"]);
    for arguments in [
        &["fetch", "-q", "..", "refs/gate/*:refs/gate/*"][..],
        // Nothing but the records.
        &["symbolic-ref", "HEAD", "refs/heads/nothing"],
    ] {
        repo.git(&[&["-C", "other"], arguments].concat());
    }
    let other = repo.path().join("other");
    for name in ["last", run.as_str().unwrap()] {
        let all = ["integrate", "--replay", name];
        let answer = repo.gate_in(&other, &all).expect(0);
        answer.says("the same: it comes to");
    }
}

#[test]
fn a_failure_that_stops_everybody_is_replayed() {
    let manifest = format!("{MANIFEST}on_failure: stop\n");
    let mut repo = TestRepo::new(&manifest, &[("core/a", "a")]);
    repo.commit(Commit::on("agent/base").from("main").file("base/b", "b"));
    repo.commit(
        Commit::on("agent/core")
            .from("main")
            .file("core/a", "BROKEN"),
    );
    repo.commit(
        Commit::on("agent/nobody")
            .from("main")
            .file("nobody/a", "a"),
    );
    integrate(&repo, &["--land"], 1);
    let record = document(&repo, "refs/gate/last-run");
    assert_eq!(
        (&record["landing"], &record["withheld"]),
        (&"withheld".into(), &"stopped".into())
    );
    replay(&repo, "last", 0);
}

#[test]
fn a_tag_and_an_outage_are_replayed() {
    let manifest = MANIFEST.replace("! grep -rq BROKEN core", "exit 127");
    let mut repo = TestRepo::new(&manifest, &[]);
    repo.commit(Commit::on("agent/core").from("main").file("core/a", "a"));
    integrate(&repo, &["--land"], 1);
    let record = document(&repo, "refs/gate/last-run");
    assert_eq!(record["outcomes"][0]["findings"][0], "verify-not-started");
    assert_eq!(record["verifications"][0]["failure"]["exit_code"], 127);
    replay(&repo, "last", 0);
    let manifest =
        "version: 1\ntag: v1\nagents: { core: { branch: agent/core, owns: ['core/'] } }\n";
    let mut repo = TestRepo::new(manifest, &[]);
    repo.commit(Commit::on("agent/core").from("main").file("core/a", "a"));
    integrate(&repo, &["--land", "--tag"], 0);
    assert_eq!(document(&repo, "refs/gate/last-run")["tag"], "v1");
    replay(&repo, "last", 0);
}

#[test]
fn every_way_to_fail_is_replayed() {
    for (command, code) in [
        (
            "{ run: \"true\", expect: { stdout: x } }",
            "verify-expectation",
        ),
        ("\"echo No space left on device; false\"", "disk-full"),
        ("{ run: \"sleep 9\", timeout: 1s }", "verify-timeout"),
        ("\"kill -9 $$\"", "verify-failed"),
    ] {
        let manifest = format!(
            "version: 1
agents:
  core: {{ branch: agent/core, owns: [\"core/\"], verify: [{command}] }}
"
        );
        let mut repo = TestRepo::new(&manifest, &[("README", "a")]);
        repo.commit(Commit::on("agent/core").from("main").file("core/a", "a"));
        integrate(&repo, &["--land"], 1);
        let recorded = document(&repo, "refs/gate/last-run");
        assert_eq!(recorded["verifications"][0]["failure"]["code"], code);
        replay(&repo, "last", 0);
        repo.gate(&["status"]).expect(0);
    }
}

#[test]
fn a_branch_that_could_not_be_read_is_replayed() {
    let mut repo = repo();
    repo.git(&["symbolic-ref", "refs/heads/agent/nobody", "refs/heads/main"]);
    repo.git(&["update-ref", "refs/gate/finished/top", "main^{tree}"]);
    integrate(&repo, &[], 1);
    let record = document(&repo, "refs/gate/last-run");
    assert_eq!(record["branches"][5]["error"], "symbolic-branch");
    assert_eq!(record["published"][1]["error"], "not-a-commit");
    repo.git(&["symbolic-ref", "-d", "refs/heads/agent/nobody"]);
    repo.commit(
        Commit::on("agent/nobody")
            .from("main")
            .file("nobody/a", "a"),
    );
    replay(&repo, "last", 0);
}

#[test]
fn both_hash_algorithms_have_records() {
    let mut repo = TestRepo::of_format("sha256", MANIFEST, &[]);
    repo.commit(Commit::on("agent/base").from("main").file("base/b", "b"));
    integrate(&repo, &["--land"], 0);
    replay(&repo, "last", 0);
}

#[test]
fn where_an_object_is_missing_nothing_is_compared() {
    let repo = repo();
    integrate(&repo, &[], 1);
    for revision in ["agent/clash", "agent/clash^{tree}", "agent/clash:clash/b"] {
        let id = repo.git(&["rev-parse", revision]);
        let object = repo
            .path()
            .join(".git/objects")
            .join(&id[..2])
            .join(&id[2..]);
        let away = repo.path().join("away");
        std::fs::rename(&object, &away).unwrap();
        let run = repo.gate(&["integrate", "--replay", "last"]).expect(3);
        run.says("undecided[missing-object]");
        std::fs::rename(&away, &object).unwrap();
    }
    replay(&repo, "last", 0);
}

#[test]
fn a_replay_is_nothing_but_a_replay() {
    let repo = repo();
    for flag in [
        "--land",
        "--dry-run",
        "--tag",
        "--push=x",
        "--all-or-nothing",
        "--target=x",
        "--remote=x",
    ] {
        let run = repo
            .gate(&["integrate", "--replay", "last", flag])
            .expect(2);
        assert!(
            run.stderr.contains("cannot be used with"),
            "{flag}: {}",
            run.stderr
        );
    }
}

#[test]
fn a_run_on_the_branches_of_a_remote_is_replayed() {
    let repo = repo();
    repo.git(&["clone", "-q", ".", "other"]);
    let other = repo.path().join("other");
    let gate = |arguments: &[&str], code| repo.gate_in(&other, arguments).expect(code);
    gate(&["integrate", "--remote", "origin"], 1);
    repo.git(&["-C", "other", "remote", "remove", "origin"]);
    gate(&["integrate", "--replay", "last"], 0).says("the same: it comes to");
}
