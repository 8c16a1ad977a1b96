//! What was not run and who says that it passes; the steps of an integration, and what became of them.

use super::samples::{self, basis, id};
use super::*;
use crate::engine::{
    Isolation, KnownPass, PlannedStep, StepsOutcome, TrustedPass, VerifiedStep, VerifyOutcome,
};
use crate::words::{Code, Finding};
use insta::assert_snapshot;

/// Verifications that were not run: of those that passed here, so many.
fn known(here: usize) -> Vec<KnownPass> {
    let pass = |subject: String, trusted| KnownPass {
        subject,
        tree: id(0xee),
        trusted,
    };
    let trusted = TrustedPass {
        remote: "origin".into(),
        reference: format!("refs/gate/passes/{}/{}", id(0xee), id(0xdd)),
    };
    let here = (0..here).map(|number| pass(format!("agent/{number}"), None));
    here.chain([pass("the whole".into(), Some(trusted))])
        .collect()
}

fn steps(number: usize) -> StepsOutcome {
    let step = |number: usize| PlannedStep {
        name: format!("agent-{number}-0123456789"),
        subject: format!("agent/{number}"),
        tree: id(0xee),
        commands: vec!["cargo test".into(), "./check \u{1b}[2J".into()],
    };
    StepsOutcome {
        basis: basis(),
        steps: (0..number).map(step).collect(),
    }
}

/// One step that passed, one that had passed before, one that needed another attempt, and one that failed.
fn verified() -> VerifyOutcome {
    let step = |name: &str| VerifiedStep {
        name: format!("agent-{name}-0123456789"),
        subject: format!("agent/{name}"),
        tree: id(0xee),
        passed: true,
        remembered: false,
        reference: Some(format!("refs/gate/passes/{name}")),
        pushed_to: None,
        findings: Vec::new(),
    };
    let flaky = Finding::new(Code::VerifyFlaky, "agent/flaky: `x` is flaky");
    let failed = Finding::new(
        Code::VerifyFailed,
        "agent/bad does not pass: `x` ended with 1",
    );
    VerifyOutcome {
        isolation: Isolation::Bubblewrap,
        basis: basis(),
        steps: vec![
            step("good"),
            VerifiedStep {
                remembered: true,
                pushed_to: Some("origin".into()),
                ..step("known")
            },
            VerifiedStep {
                reference: None,
                findings: vec![flaky],
                ..step("flaky")
            },
            VerifiedStep {
                passed: false,
                reference: None,
                findings: vec![failed],
                ..step("bad")
            },
        ],
    }
}

#[test]
fn what_was_not_run_is_said_with_who_says_that_it_passes() {
    let mut outcome = samples::integrate();
    let text = |outcome: &crate::engine::IntegrateOutcome| {
        let text = show(&Report::Integrate(outcome), Format::Full, PLAIN);
        let (_, closing) = text.split_once("integrated 5").unwrap();
        closing.to_owned()
    };
    outcome.known = known(2);
    assert_snapshot!(text(&outcome), @r"
     branches on main (1a1a1a1a1a), run 9f9f9f9f9f: 2 merged, 1 waiting,
      1 held, 1 ejected
    2 verifications not run again, passed before on the same tree: agent/0, agent/1
    1 verification not run, trusted to have passed by what origin says: the whole
    sandbox of verify commands: Landlock
    landed: main 1a1a1a1a1a..d0d0d0d0d0
    ");
    outcome.known = known(7);
    let many = text(&outcome);
    assert!(many.contains("agent/4 and 2 more\n"), "{many}");
}

#[test]
fn the_document_names_only_what_a_remote_says() {
    let mut outcome = samples::integrate();
    outcome.known = known(7);
    let line = show(&Report::Integrate(&outcome), Format::Json, PLAIN);
    let document: serde_json::Value = serde_json::from_str(&line).unwrap();
    let expected = serde_json::json!([{
        "subject": "the whole",
        "tree": id(0xee).to_string(),
        "remote": "origin",
        "ref": format!("refs/gate/passes/{}/{}", id(0xee), id(0xdd)),
    }]);
    assert_eq!(document["trusted"], expected);
}

#[test]
fn steps_for_people() {
    let text = show(&Report::Steps(&steps(2)), Format::Full, PLAIN);
    assert_snapshot!(text, @r"
    agent-0-0123456789: agent/0, tree eeeeeeeeee: `cargo test`, `./check \x1b[2J`
    agent-1-0123456789: agent/1, tree eeeeeeeeee: `cargo test`, `./check \x1b[2J`
    2 steps on main (1a1a1a1a1a)
    ");
    let outcome = verified();
    assert_eq!(Report::Verify(&outcome).exit_code(), 1);
    // GitHub shows the same below its annotations.
    let github = show(&Report::Verify(&outcome), Format::Github, PLAIN);
    assert!(github.contains("\nagent-bad-0123456789: failed on the tree eeeeeeeeee\n"));
    assert_snapshot!(show(&Report::Verify(&outcome), Format::Concise, PLAIN), @r"
    agent/flaky: warning[verify-flaky]: agent/flaky: `x` is flaky
    agent/bad: refused[verify-failed]: agent/bad does not pass: `x` ended with 1
    agent-good-0123456789: passed on the tree eeeeeeeeee, published as refs/gate/passes/good
    agent-known-0123456789: passed on the tree eeeeeeeeee before, published as refs/gate/passes/known, here and on origin
    agent-flaky-0123456789: passed on the tree eeeeeeeeee, not published, since it passed only when it was tried again
    agent-bad-0123456789: failed on the tree eeeeeeeeee
    verified 4 steps on main (1a1a1a1a1a): 3 passed, 1 failed; sandbox of verify commands: bubblewrap
    ");
}

#[test]
fn a_matrix_has_no_more_jobs_than_github_makes() {
    for (number, jobs, first) in [
        (0, 0, 0),
        (1, 1, 1),
        (256, 256, 1),
        (257, 129, 2),
        (1000, 250, 4),
    ] {
        let line = show(&Report::Steps(&steps(number)), Format::GithubMatrix, PLAIN);
        let matrix: serde_json::Value = serde_json::from_str(&line).unwrap();
        let include = matrix["include"].as_array().unwrap();
        assert_eq!(include.len(), jobs, "{number}");
        let names: Vec<_> = include
            .iter()
            .flat_map(|job| job["steps"].as_str().unwrap().split(' '))
            .collect();
        assert_eq!(names.len(), number);
        if let Some(job) = include.first() {
            assert_eq!(job["steps"].as_str().unwrap().split(' ').count(), first);
        }
    }
}

#[test]
fn every_field_of_the_json_is_documented() {
    let page = include_str!("../../../docs/json.md");
    let (check, mut integrate) = (samples::check(), samples::integrate());
    integrate.known = known(1);
    let (manifest, failure) = (samples::manifest(), samples::failure());
    let (publish, status) = (samples::publish(), samples::status());
    for report in [
        Report::Publish(&publish),
        Report::Undo(&samples::undo()),
        Report::Status(&status),
        Report::Steps(&steps(1)),
        Report::Verify(&verified()),
        Report::Replay(&samples::replay()),
        Report::Check(&check),
        Report::Integrate(&integrate),
        Report::Manifest(&manifest),
        Report::Failure(&failure),
    ] {
        let line = show(&report, Format::Json, PLAIN);
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        for key in keys(&value) {
            assert!(page.contains(&format!("`{key}`")), "{key}");
        }
    }
}

fn keys(value: &serde_json::Value) -> Vec<String> {
    match value {
        serde_json::Value::Object(fields) => fields
            .iter()
            .flat_map(|(key, value)| std::iter::once(key.clone()).chain(keys(value)))
            .collect(),
        serde_json::Value::Array(values) => values.iter().flat_map(keys).collect(),
        _ => Vec::new(),
    }
}
