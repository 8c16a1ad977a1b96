//! Records of runs, and their replay.

mod forged;
mod replayed;

use crate::support::{Commit, Run, TestRepo};
use serde_json::Value;

const MANIFEST: &str = r#"version: 1
agents:
  base: { branch: agent/base, owns: ["base/"] }
  clash: { branch: agent/clash, owns: ["clash/"] }
  core: { branch: agent/core, owns: ["core/"], verify: ["! grep -rq BROKEN core"] }
  docs: { branch: agent/docs, owns: ["docs/"], depends_on: ["base@api"] }
  late: { branch: agent/late, owns: ["late/"], depends_on: [nobody] }
  nobody: { branch: agent/nobody, owns: ["nobody/"] }
  top: { branch: agent/top, owns: ["top/"], depends_on: [core] }
checkpoints:
  - { after: [base, clash], verify: ["! grep -rqs MORE base || ! grep -rqs MORE clash"] }
verify: ["true"]
tag: v1
"#;

/// A repository in which a run ejects `core` by its command and `clash` by the checkpoint, holds `top`,
/// lets `late` wait, and merges a milestone of `base`, the rest of it, and `docs`.
fn repo() -> TestRepo {
    let mut repo = TestRepo::new(MANIFEST, &[("core/a", "a"), ("README", "a")]);
    for (agent, path, content) in [
        ("base", "base/a", "a"),
        ("clash", "clash/b", "MORE"),
        ("core", "core/a", "BROKEN"),
        ("late", "late/a", "a"),
    ] {
        let branch = format!("agent/{agent}");
        repo.commit(Commit::on(&branch).from("main").file(path, content));
    }
    repo.commit(
        Commit::on("agent/top")
            .from("agent/core")
            .file("top/a", "a"),
    );
    repo.commit(
        Commit::on("agent/docs")
            .from("agent/base")
            .file("docs/a", "a"),
    );
    repo.gate(&["publish", "base", "--milestone", "api"])
        .expect(0);
    repo.commit(Commit::on("agent/base").file("base/b", "MORE"));
    repo
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap()
}

/// Integrates with these arguments and returns the document.
#[track_caller]
fn integrate(repo: &TestRepo, arguments: &[&str], code: i32) -> Value {
    let all = [&["integrate", "--format", "json"], arguments].concat();
    json(&repo.gate(&all).expect(code))
}

#[track_caller]
fn replay(repo: &TestRepo, run: &str, code: i32) -> Value {
    let all = ["integrate", "--replay", run, "--format", "json"];
    json(&repo.gate(&all).expect(code))
}

/// The document at a record.
fn document(repo: &TestRepo, record: &str) -> Value {
    let text = repo.git(&["cat-file", "blob", &format!("{record}:record.json")]);
    serde_json::from_str(&text).unwrap()
}

fn standings(document: &Value) -> Vec<(String, String)> {
    let outcomes = document["outcomes"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    outcomes
        .map(|piece| (text(&piece["branch"]), text(&piece["standing"])))
        .collect()
}

#[test]
fn a_run_leaves_a_record_of_all_that_went_into_it() {
    let repo = repo();
    let target = repo.id("main");
    let outcome = integrate(&repo, &["--land"], 1);
    let run = outcome["run"].as_str().unwrap();
    let record = repo.id(&format!("refs/gate/runs/{run}"));
    assert_eq!(outcome["record"], record.as_str());
    assert_eq!(repo.id("refs/gate/last-run"), record);
    let document = document(&repo, &record);
    assert_eq!(document["version"], 1);
    assert_eq!(document["run"], run);
    assert_eq!(document["target"]["commit"], target.as_str());
    assert_eq!(document["result"]["commit"], repo.id("main").as_str());
    assert_eq!(document["landing"], "landed");
    let blob = repo.git(&["rev-parse", &format!("{target}:ownership.yaml")]);
    assert_eq!(document["manifest"], blob.as_str());
    let named = |name: &str, standing: &str| (name.to_owned(), standing.to_owned());
    assert_eq!(
        standings(&document),
        [
            named("base@api", "merged"),
            named("agent/base", "merged"),
            named("agent/clash", "ejected"),
            named("agent/core", "ejected"),
            named("agent/docs", "merged"),
            named("agent/late", "waiting"),
            named("agent/top", "held"),
            named("agent/nobody", "waiting"),
        ]
    );
    let core = &document["outcomes"][3];
    assert_eq!(core["findings"][0], "verify-failed");
    let verifications = document["verifications"].as_array().unwrap();
    let of = |subject: &str| {
        let found = verifications.iter().find(|it| it["subject"] == subject);
        found.unwrap_or_else(|| panic!("{subject}: {verifications:#?}"))
    };
    assert_eq!(of("agent/core")["failure"]["exit_code"], 1);
    assert_eq!(of("agent/core")["failure"]["signal"], Value::Null);
    assert_eq!(of("the whole")["failure"], Value::Null);
    assert_eq!(of("the whole")["tree"], document["result"]["tree"]);
    // All that a replay needs is below the record, so nothing of it is ever collected as garbage.
    let below = repo.git(&["rev-list", &record]);
    for branch in ["base", "clash", "core", "docs", "late", "top"] {
        let tip = repo.id(&format!("agent/{branch}"));
        assert!(below.contains(&tip), "{branch}");
    }
    assert!(below.contains(&repo.id("main")));
    repo.git(&["fsck", "--strict"]);
}

#[test]
fn two_clones_write_the_same_record() {
    let records = [repo(), repo()].map(|repo| integrate(&repo, &["--land"], 1)["record"].clone());
    assert_eq!(records[0], records[1]);
}

#[test]
fn a_run_without_a_result_is_recorded_and_a_dry_one_is_not() {
    let mut repo = TestRepo::new(MANIFEST, &[]);
    repo.commit(Commit::on("agent/core").from("main").file("README", "x"));
    let before = repo.refs();
    integrate(&repo, &["--dry-run"], 1);
    assert_eq!(repo.refs(), before);
    for arguments in [&[][..], &["--land"], &["--land", "--all-or-nothing"]] {
        let outcome = integrate(&repo, arguments, 1);
        assert_eq!(outcome["landing"], "nothing-to-do");
        let mut after = repo.refs();
        let record = after.remove("refs/gate/last-run").unwrap();
        let run = format!("refs/gate/runs/{}", outcome["run"].as_str().unwrap());
        assert_eq!(after.remove(&run), Some(record.clone()));
        assert_eq!(after, before);
        assert_eq!(
            document(&repo, &record)["result"]["commit"],
            repo.id("main").as_str()
        );
        replay(&repo, "last", 0);
    }
    let outcome = document(&repo, "refs/gate/last-run");
    assert_eq!(outcome["withheld"], "not-everybody");
    assert_eq!(outcome["destination"], "target");
    assert_eq!(outcome["all_or_nothing"], true);
}

#[test]
fn where_there_is_nothing_to_do_the_last_run_stays_the_last() {
    let mut repo = TestRepo::new(MANIFEST, &[]);
    repo.commit(Commit::on("agent/base").from("main").file("base/b", "b"));
    integrate(&repo, &["--land"], 0);
    let before = repo.refs();
    for (arguments, code) in [
        (&[][..], 0),
        (&["--land"], 0),
        (&["--land", "--all-or-nothing"], 1),
    ] {
        let outcome = integrate(&repo, arguments, code);
        assert_eq!(outcome["landing"], "nothing-to-do");
        assert_eq!(outcome["record"], Value::Null);
        assert_eq!(repo.refs(), before);
    }
    replay(&repo, "last", 0);
}

#[test]
fn a_failed_landing_leaves_no_record() {
    let repo = repo();
    repo.write("README", "changed\n");
    let before = repo.refs();
    integrate(&repo, &["--land"], 3);
    repo.git(&["reset", "-q", "--hard"]);
    // Something is where the record is to be.
    repo.git(&["update-ref", "refs/gate/last-run/x", "main"]);
    integrate(&repo, &["--land"], 3);
    repo.git(&["update-ref", "-d", "refs/gate/last-run/x"]);
    assert_eq!(repo.refs(), before);
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    integrate(&repo, &["--land"], 1);
}

#[test]
fn merge_commits_say_what_they_are_made_of() {
    let repo = repo();
    let blob = repo.git(&["rev-parse", "main:ownership.yaml"]);
    let outcome = integrate(&repo, &["--land"], 1);
    let run = outcome["run"].as_str().unwrap();
    let merges = repo.git(&["rev-list", "--first-parent", "--merges", "main"]);
    assert_eq!(merges.lines().count(), 3);
    for merge in merges.lines() {
        let trailer = |key: &str| {
            let format = format!("--format=%(trailers:key={key},valueonly,separator=%x2C)");
            repo.git(&["log", "-1", &format, merge])
        };
        assert_eq!(trailer("Gate-Run"), run);
        assert_eq!(trailer("Gate-Manifest"), blob);
        assert_eq!(trailer("Gate-Commit"), repo.id(&format!("{merge}^2")));
        assert!(["base", "docs"].contains(&trailer("Gate-Agent").as_str()));
    }
}

#[test]
fn names_stand_in_a_record_as_ascii() {
    let manifest = "version: 1\nagents: { core: { branch: 'agent/*', owns: ['core/'] } }\n";
    let mut repo = TestRepo::new(manifest, &[]);
    let branch = "agent/\u{202e}gnp\u{1f600}é\"x";
    repo.commit(Commit::on(branch).from("main").file("core/a", "a"));
    integrate(&repo, &[], 0);
    let text = repo.git(&["cat-file", "blob", "refs/gate/last-run:record.json"]);
    assert!(text.is_ascii());
    assert_eq!(
        document(&repo, "refs/gate/last-run")["branches"][0]["name"],
        branch
    );
    replay(&repo, "last", 0);
}
