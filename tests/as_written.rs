//! The plans that contradict themselves, as they were written: what gate says of them.

use crate::support::{Commit, TestRepo};
use gate::engine::System;
use serde_json::Value;
use std::path::PathBuf;

/// The repository of a system, and where its plan lies as it was written.
fn build(system: &str) -> (TestRepo, String) {
    let repo = TestRepo::unmade();
    System::named(system)
        .unwrap()
        .build(&repo.path(), &[])
        .unwrap();
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let plan = root.join("fixtures").join(system).join("as-written.yaml");
    (repo, plan.display().to_string())
}

/// What `gate check manifest` finds in the plan: code, path and message of each finding.
fn findings(repo: &TestRepo, plan: &str) -> Vec<(String, String, String)> {
    let run = repo
        .gate(&["check", "manifest", plan, "--format", "json"])
        .expect(2);
    let document = run.json();
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or("").to_owned();
    let findings = document["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| {
            (
                text(finding, "code"),
                text(finding, "path"),
                text(finding, "message"),
            )
        })
        .collect()
}

/// The witnesses of all overlaps, each with what is said of it.
fn overlaps(findings: &[(String, String, String)]) -> Vec<(&str, &str)> {
    let overlaps = findings.iter().filter(|(code, ..)| code == "overlap");
    overlaps
        .map(|(_, path, message)| (path.as_str(), message.as_str()))
        .collect()
}

#[test]
fn a_migration_may_bear_the_marks_of_two_tracks() {
    let (repo, plan) = build("nofx");
    assert_eq!(
        overlaps(&findings(&repo, &plan)),
        [
            (
                "migrations/_trackA_trackB_",
                "alpha and beta could both own `migrations/_trackA_trackB_`"
            ),
            (
                "migrations/_trackA_trackC_",
                "alpha and gamma could both own `migrations/_trackA_trackC_`"
            ),
            (
                "migrations/_trackB_trackC_",
                "beta and gamma could both own `migrations/_trackB_trackC_`"
            ),
        ]
    );
}

#[test]
fn tests_in_the_sources_belong_to_two_and_prohibitions_prohibit_nothing() {
    let (repo, plan) = build("bulletproof");
    let findings = findings(&repo, &plan);
    let said = overlaps(&findings);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said[0]
            .1
            .starts_with("architecture and testing could both own `src/bootstrap/")
    );
    assert!(
        said[1]
            .1
            .starts_with("errors and testing could both own `src/providers/")
    );
    for prohibition in ["providers/", "tools/"] {
        let message = format!("`{prohibition}` matches nothing in the target");
        assert!(
            findings
                .iter()
                .any(|(code, _, said)| code == "matches-nothing" && said.starts_with(&message)),
            "{prohibition}: {findings:#?}"
        );
    }
}

#[test]
fn a_folder_that_nobody_owns_can_be_created_by_nobody() {
    let (mut repo, plan) = build("bulletproof");
    let text = std::fs::read_to_string(plan).unwrap();
    // Only the claim that overlaps is taken back: what is left of the plan can be judged.
    let text = text.replace(", \"src/**/tests/\"]", "]");
    let path = "src/daemon/monitoring/health.py";
    repo.commit(Commit::on("main").file("ownership.yaml", &text));
    repo.commit(
        Commit::on("agent/1-performance")
            .from("main")
            .file(path, "HEALTHY = True\n"),
    );
    let run = repo
        .gate(&["check", "branch", "agent/1-performance", "--format", "json"])
        .expect(1);
    let document = run.json();
    let finding = &document["branches"][0]["findings"][0];
    assert_eq!(finding["code"], "unowned");
    assert_eq!(finding["path"], path);
}
