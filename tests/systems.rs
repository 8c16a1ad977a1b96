//! The five systems, end to end: who should pass passes, an intruder is refused for the right
//! reason, integration goes in a right order, and one failing agent stops nobody but its dependents, or everybody
//! where the plan says so.

use crate::support::TestRepo;
use gate::engine::System;
use serde_json::Value;
use std::collections::BTreeMap;

/// What is to be seen of a system.
struct Story {
    name: &'static str,
    /// A right order of the plan: the agents and milestones as they are merged.
    order: &'static [&'static str],
    /// Who intrudes, with the code and the path of the refusal.
    intruder: (&'static str, &'static str, &'static str),
    /// Who is held if the intruder is ejected.
    held_with_intruder: &'static [&'static str],
    /// Who fails, and who is held then.
    failure: (&'static str, &'static [&'static str]),
    /// Whether a failure stops everybody.
    stops: bool,
}

const STORIES: &[Story] = &[
    Story {
        name: "tusklang",
        order: &[
            "a2-errors",
            "a3-crypto",
            "a4-imports",
            "a5-types",
            "a6-testing",
        ],
        intruder: ("a3-crypto", "shared-by-others", "src/operators/strings.rs"),
        held_with_intruder: &["a4-imports", "a5-types", "a6-testing"],
        failure: ("a5-types", &["a6-testing"]),
        stops: true,
    },
    Story {
        name: "nofx",
        order: &["alpha", "beta", "gamma"],
        intruder: (
            "beta",
            "owned-by-another",
            "migrations/20240311_trackA_template_tags.sql",
        ),
        held_with_intruder: &[],
        failure: ("alpha", &[]),
        stops: false,
    },
    Story {
        name: "bulletproof",
        order: &["performance", "architecture", "errors", "testing"],
        intruder: ("errors", "forbidden", "docs/error-codes.md"),
        held_with_intruder: &[],
        failure: ("performance", &["architecture", "errors"]),
        stops: false,
    },
    Story {
        name: "runebook",
        order: &[
            "orchestrator",
            "capture",
            "nix-ci",
            "storage@api",
            "storage",
            "analysis@suggestions",
            "analysis",
            "surfaces",
            "finalisation",
        ],
        intruder: ("analysis", "protected", ".github/workflows/ci.yml"),
        // Whoever waits for what was published before goes on.
        held_with_intruder: &[],
        failure: ("storage", &[]),
        stops: false,
    },
    Story {
        name: "fleet",
        order: &[
            "schema",
            "db-performance",
            "analytics",
            "typescript",
            "caching",
            "backend-api@vehicles",
            "backend-api",
            "frontend",
            "security",
            "websocket",
            "deployment",
        ],
        intruder: ("analytics", "owned-by-another", "api/db/history.sql"),
        held_with_intruder: &["deployment"],
        failure: (
            "caching",
            &[
                "backend-api@vehicles",
                "backend-api",
                "deployment",
                "frontend",
                "websocket",
            ],
        ),
        stops: false,
    },
];

/// A system's repository, with further streams on top.
fn build(name: &str, extra: &[&str]) -> (TestRepo, &'static System) {
    let system = System::named(name).unwrap();
    let repo = TestRepo::unmade();
    system.build(&repo.path(), extra).unwrap();
    (repo, system)
}

fn json(repo: &TestRepo, arguments: &[&str], code: i32) -> Value {
    let run = repo
        .gate(&[arguments, &["--format", "json"]].concat())
        .expect(code);
    run.json()
}

/// The standing of each agent and each milestone, and all of them in the order of the document.
fn standings_of(document: &Value) -> (BTreeMap<String, String>, Vec<String>) {
    let text = |branch: &Value, key: &str| branch[key].as_str().unwrap_or("").to_owned();
    let name = |branch: &Value| match branch["milestone"].as_str() {
        Some(milestone) => format!("{}@{milestone}", text(branch, "agent")),
        None => text(branch, "agent"),
    };
    let branches = document["branches"].as_array().unwrap();
    let order = branches.iter().map(name).collect();
    let map = branches
        .iter()
        .map(|branch| (name(branch), text(branch, "standing")));
    (map.collect(), order)
}

#[test]
fn every_system_has_its_story() {
    let systems: Vec<_> = gate::engine::SYSTEMS
        .iter()
        .map(|system| system.name)
        .collect();
    let stories: Vec<_> = STORIES.iter().map(|story| story.name).collect();
    assert_eq!(systems, stories);
}

#[test]
fn who_should_pass_passes_and_lands_in_a_right_order() {
    for story in STORIES {
        let (repo, _) = build(story.name, &[]);
        let checked = json(&repo, &["check", "branch", "--all"], 0);
        let (standings, _) = standings_of(&checked);
        assert!(
            standings.values().all(|standing| standing == "accepted"),
            "{standings:?}"
        );
        let landed = json(&repo, &["integrate", "--land"], 0);
        let (standings, order) = standings_of(&landed);
        assert!(
            standings.values().all(|standing| standing == "merged"),
            "{standings:?}"
        );
        assert_eq!(order, story.order, "{}", story.name);
        assert_eq!(landed["commit"].as_str().unwrap(), repo.id("main"));
        assert_eq!(repo.git(&["status", "--porcelain"]), "");
    }
}

#[test]
fn an_intruder_is_refused_for_the_right_reason_and_the_rest_lands() {
    for story in STORIES {
        let (agent, code, path) = story.intruder;
        let system = System::named(story.name).unwrap();
        let (repo, _) = build(story.name, &[system.intruder]);
        let checked = json(&repo, &["check", "branch", "--all"], 1);
        let branches = checked["branches"].as_array().unwrap();
        let intruder = branches
            .iter()
            .find(|branch| branch["agent"] == agent && branch["milestone"].is_null())
            .unwrap();
        assert_eq!(intruder["standing"], "refused", "{}", story.name);
        assert_eq!(intruder["findings"][0]["code"], code, "{}", story.name);
        assert_eq!(intruder["findings"][0]["path"], path, "{}", story.name);
        one_is_ejected(&repo, story, agent, story.held_with_intruder);
    }
}

#[test]
fn one_failing_agent_is_ejected_its_dependents_are_held_and_the_rest_lands() {
    for story in STORIES {
        let (agent, held) = story.failure;
        let system = System::named(story.name).unwrap();
        let (repo, _) = build(story.name, &[system.failure]);
        json(&repo, &["check", "branch", "--all"], 0);
        one_is_ejected(&repo, story, agent, held);
    }
}

#[track_caller]
fn one_is_ejected(repo: &TestRepo, story: &Story, ejected: &str, held: &[&str]) {
    let main = repo.id("main");
    let landed = json(repo, &["integrate", "--land"], 1);
    let (standings, _) = standings_of(&landed);
    for (agent, standing) in &standings {
        let expected = match agent.as_str() {
            agent if agent == ejected => "ejected",
            agent if held.contains(&agent) => "held",
            _ => "merged",
        };
        assert_eq!(standing, expected, "{}: {agent}", story.name);
    }
    let (landing, commit) = (&landed["landing"], landed["commit"].as_str().unwrap());
    if story.stops {
        assert_eq!((landing, repo.id("main")), (&"withheld".into(), main));
        assert_eq!(landed["findings"][0]["code"], "stopped");
        assert_eq!(commit, repo.id("gate/integration"));
    } else {
        assert_eq!(
            (landing, repo.id("main")),
            (&"landed".into(), commit.into())
        );
    }
    // Without what was wrong with it everybody goes on.
    let branch = branch_of(&landed, ejected);
    repo.git(&["branch", "-q", "-f", &branch, &format!("{branch}~1")]);
    json(repo, &["integrate", "--land", "--all-or-nothing"], 0);
}

/// The branch of an agent.
fn branch_of(document: &Value, agent: &str) -> String {
    let mut branches = document["branches"].as_array().unwrap().iter();
    let is_its = |branch: &&Value| branch["agent"] == agent && branch["milestone"].is_null();
    let branch = branches.find(is_its).unwrap();
    branch["branch"].as_str().unwrap().to_owned()
}

#[test]
fn commit_ids_are_stable() {
    for story in STORIES {
        let ids = |repo: &TestRepo| (repo.refs(), json(repo, &["integrate"], 0)["commit"].clone());
        let ((one, _), (other, _)) = (build(story.name, &[]), build(story.name, &[]));
        assert_eq!(ids(&one), ids(&other), "{}", story.name);
    }
}
