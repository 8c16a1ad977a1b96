//! `gate status`: where everybody stands, by what git holds.

use crate::support::{Commit, Run, TestRepo};
use gate::engine::System;
use serde_json::{Value, json};

fn runebook() -> TestRepo {
    let system = System::named("runebook").unwrap();
    let repo = TestRepo::unmade();
    system.build(&repo.path(), &[system.failure]).unwrap();
    repo
}

fn status(repo: &TestRepo) -> Value {
    let run = repo.gate(&["status", "--format", "json"]).expect(0);
    run.json()
}

fn agent<'a>(document: &'a Value, name: &str) -> &'a Value {
    let mut agents = document["agents"].as_array().unwrap().iter();
    agents.find(|agent| agent["agent_id"] == name).unwrap()
}

#[test]
fn where_everybody_stands_in_80_columns() {
    let repo = runebook();
    repo.gate(&["integrate", "--land"]).expect(1);
    let run = repo.gate(&["status"]).expect(0);
    insta::assert_snapshot!(run.stdout, @r"
    agent         status       goals  branch                commits  standing
    analysis      completed    2/2    analysis@suggestions  +0 -17   landed
                                      agent/3-analysis      +0 -16   landed
    capture       completed    1/1    agent/1-capture       +0 -17   landed
    finalisation  in progress  0/1    agent/6-finalisation  +0 -19   landed
    nix-ci        in progress  0/1    agent/5-nix-ci        +0 -17   landed
    orchestrator  completed    1/1    agent/orchestrator    +0 -19   landed
    storage       in progress  1/2    storage@api           +0 -18   landed
                                      agent/2-storage       +2 -18   ready
        agent/2-storage was ejected by the last run (verify-failed), and is as it
        was then
    surfaces      completed    1/1    agent/4-surfaces      +0 -15   landed

    the last run, 1da0634397, landed: main 599c48a5ea..025173ae50
    merged: agent/orchestrator, agent/1-capture, agent/5-nix-ci, storage@api,
      analysis@suggestions, agent/3-analysis, agent/4-surfaces, agent/6-finalisation
    ejected: agent/2-storage (verify-failed)
    7 agents on main (025173ae50): 4 completed, 3 in progress
    ");
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80));
}

/// What is below the table, in so many columns.
fn below(repo: &TestRepo, columns: &str) -> String {
    let mut command = repo.gate_command(&repo.path(), &["status"]);
    let run = Run::of(command.env("COLUMNS", columns)).expect(0);
    run.stdout.split_once("\n\n").unwrap().1.to_owned()
}

#[test]
fn the_last_run_is_told_whether_it_landed_or_not() {
    let mut repo = repo();
    repo.gate(&["integrate"]).expect(1);
    insta::assert_snapshot!(below(&repo, "80"), @r"
    the last run, b25e4a920a, ended at a76bb828bf, and main stayed at 95e1e46ae6
    merged: agent/base
    waiting: agent/user, agent/absent (nothing-delivered)
    held: agent/held
    ejected: agent/bad (unowned)
    5 agents on main (95e1e46ae6): 2 in progress, 1 waiting, 2 blocked
    ");
    repo.gate(&["integrate", "--land", "--all-or-nothing"])
        .expect(1);
    insta::assert_snapshot!(below(&repo, "120"), @r"
    the last run, b25e4a920a, ended at a76bb828bf, and did not land (not-everybody): main stayed at 95e1e46ae6
    merged: agent/base
    waiting: agent/user, agent/absent (nothing-delivered)
    held: agent/held
    ejected: agent/bad (unowned)
    5 agents on main (95e1e46ae6): 2 in progress, 1 waiting, 2 blocked
    ");
    repo.gate(&["integrate", "--land"]).expect(1);
    repo.commit(Commit::on("agent/base").file("bad/c", "x"));
    repo.gate(&["integrate", "--land"]).expect(1);
    insta::assert_snapshot!(below(&repo, "120"), @r"
    the last run that landed, b25e4a920a, ended at a76bb828bf and merged base
    the last run, 51040fd374, merged nothing: main stayed at a76bb828bf
    waiting: agent/user, agent/absent (nothing-delivered)
    held: agent/held
    ejected: agent/bad (unowned), agent/base (owned-by-another)
    5 agents on main (a76bb828bf): 1 in progress, 1 waiting, 3 blocked
    ");
    let report = &status(&repo)["report"];
    assert_eq!(report["landing"], "nothing-to-do");
    let bad = &report["branches"][0];
    assert_eq!(bad["branch"], "agent/bad");
    assert_eq!(bad["standing"], "ejected");
    assert_eq!(bad["reasons"], json!(["unowned"]));
}

#[test]
fn a_last_run_that_cannot_be_told_hides_nobody() {
    let repo = repo();
    repo.git(&["update-ref", "refs/gate/last-run", "main"]);
    let run = repo.gate(&["status"]).expect(3);
    let run = run.says("undecided[bad-record]").says("agent/base");
    run.says("`gate integrate` writes it anew");
    let all = ["status", "--format", "json"];
    let document: Value = serde_json::from_str(&repo.gate(&all).expect(3).stdout).unwrap();
    assert_eq!(document["report"], Value::Null);
    assert_eq!(document["exit_code"], 3);
    repo.gate(&["integrate"]).expect(1);
    repo.gate(&["status"]).expect(0);
}

const MANIFEST: &str = r#"version: 1
agents:
  absent: { branch: agent/absent, owns: ["absent/"] }
  base: { branch: agent/base, owns: ["base/"] }
  bad: { branch: agent/bad, owns: ["bad/"] }
  held: { branch: agent/held, owns: ["held/"], depends_on: [bad] }
  user: { branch: agent/user, owns: ["user/"], depends_on: ["base@api", absent] }
"#;

fn repo() -> TestRepo {
    let mut repo = TestRepo::new(MANIFEST, &[("base/a", "a")]);
    for (name, path) in [
        ("base", "base/b"),
        ("bad", "README"),
        ("held", "held/a"),
        ("user", "user/a"),
    ] {
        let branch = format!("agent/{name}");
        repo.commit(Commit::on(&branch).from("main").file(path, "x"));
    }
    repo
}

#[test]
fn every_status_has_its_reasons() {
    let repo = repo();
    let before = repo.refs();
    let document = status(&repo);
    for (name, status, goals, waits_for) in [
        ("absent", "in_progress", (0, 1), json!([])),
        ("base", "in_progress", (0, 2), json!([])),
        ("bad", "blocked", (0, 1), json!([])),
        ("held", "blocked", (0, 1), json!(["bad"])),
        (
            "user",
            "waiting_for_dependencies",
            (0, 1),
            json!(["absent", "base@api"]),
        ),
    ] {
        let agent = agent(&document, name);
        assert_eq!(agent["status"], status, "{name}");
        let found = (&agent["completed_goals"], &agent["total_goals"]);
        assert_eq!(found, (&json!(goals.0), &json!(goals.1)), "{name}");
        assert_eq!(agent["completion_percentage"], 0, "{name}");
        assert_eq!(agent["waits_for"], waits_for, "{name}");
    }
    let branch = |name: &str| &agent(&document, name)["branches"][0];
    let stands = |name: &str| {
        (
            branch(name)["verdict"].clone(),
            branch(name)["standing"].clone(),
        )
    };
    assert_eq!(stands("absent"), (Value::Null, "absent".into()));
    assert_eq!(stands("base"), ("accepted".into(), "ready".into()));
    assert_eq!(stands("bad"), ("refused".into(), "ejected".into()));
    assert_eq!(stands("held"), ("accepted".into(), "held".into()));
    assert_eq!(stands("user"), ("accepted".into(), "waiting".into()));
    assert_eq!(agent(&document, "absent")["timestamp"], Value::Null);
    assert_eq!(
        agent(&document, "base")["timestamp"],
        "2023-11-14T22:15:20Z"
    );
    assert_eq!(
        (&branch("base")["ahead"], &branch("base")["behind"]),
        (&json!(1), &json!(0))
    );
    let notes = agent(&document, "user")["notes"].to_string();
    assert!(
        notes.contains("user waits for absent, which has not delivered yet"),
        "{notes}"
    );
    assert_eq!(document["last_run"], Value::Null);
    assert_eq!(repo.refs(), before);
}

#[test]
fn goals_are_reached_by_publishing_and_by_landing() {
    let mut repo = repo();
    let goals = |repo: &TestRepo, name: &str| {
        let document = status(repo);
        let agent = agent(&document, name);
        (
            agent["status"].clone(),
            agent["completion_percentage"].clone(),
            agent["goals"].clone(),
        )
    };
    let done = |goal: &str, completed: bool| json!({"goal": goal, "completed": completed});
    repo.gate(&["publish", "base", "--milestone", "api"])
        .expect(0);
    // Others may be published, too.
    repo.gate(&["publish", "base", "--milestone", "more"])
        .expect(0);
    let (status, percentage, of_base) = goals(&repo, "base");
    assert_eq!((status, percentage), ("in_progress".into(), json!(66)));
    assert_eq!(
        of_base,
        json!([
            done("api", true),
            done("more", true),
            done("finished", false)
        ])
    );
    // Nobody waits for what would be in, were it integrated now.
    let document = self::status(&repo);
    assert_eq!(agent(&document, "user")["waits_for"], json!(["absent"]));
    repo.gate(&["publish", "base"]).expect(0);
    assert_eq!(goals(&repo, "base").0, "completed");
    repo.git(&["update-ref", "-d", "refs/gate/finished/base"]);
    repo.gate(&["integrate", "--land"]).expect(1);
    assert_eq!(goals(&repo, "base").0, "completed");
    // Another clone has the same history, and no refs of gate.
    repo.git(&["update-ref", "-d", "refs/gate/milestones/base/api"]);
    assert_eq!(goals(&repo, "base").2[0], done("api", true));
    repo.commit(Commit::on("agent/base").file("base/c", "x"));
    assert_eq!(goals(&repo, "base").0, "in_progress");
    repo.commit(Commit::on("agent/base").file("README", "x"));
    assert_eq!(goals(&repo, "base").0, "blocked");
}

#[test]
fn a_conflict_is_seen_and_no_command_runs() {
    let manifest = MANIFEST.replace(
        "owns: [\"base/\"]",
        "owns: [\"base/\"], verify: [\"touch $HOME/ran\"]",
    );
    let mut repo = TestRepo::new(&manifest, &[("base/a", "a")]);
    repo.commit(Commit::on("agent/base").from("main").file("base/a", "b"));
    repo.gate(&["status"]).expect(0).says("ready");
    assert!(!repo.path().join("../ran").exists());
    repo.commit(Commit::on("main").file("base/a", "c"));
    repo.git(&["reset", "-q", "--hard"]);
    let document = status(&repo);
    let base = agent(&document, "base");
    assert_eq!(base["status"], "blocked");
    assert_eq!(base["branches"][0]["verdict"], "accepted");
    assert_eq!(base["branches"][0]["findings"][0]["code"], "conflict");
    let line = repo.gate(&["status", "--format", "concise"]).expect(0);
    line.says(
        "base: blocked, 0/2 goals; agent/base: ejected, +1 -1; agent/base conflicts with main",
    );
}

#[test]
fn a_log_of_findings_is_no_place_for_it() {
    let repo = repo();
    let run = repo.gate(&["status", "--format", "sarif"]).expect(2);
    assert!(
        run.stdout.contains("nothing is looked for"),
        "{}",
        run.stdout
    );
    let log = repo.gate(&["status", "--format", "github"]).expect(0);
    log.says("bad: blocked, 0/1 goals; agent/bad: ejected, +1 -0");
}

#[test]
fn where_there_is_no_agent_there_is_nothing_to_say() {
    let repo = TestRepo::new("version: 1\nagents: {}\n", &[]);
    repo.gate(&["status"]).expect(0).says("0 agents on main (");
    let unruled = TestRepo::empty();
    unruled.gate(&["status"]).expect(2).says("error[no-target]");
}
