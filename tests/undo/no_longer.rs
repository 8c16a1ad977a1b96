//! What has landed of an agent that the manifest does not have any longer is taken back all the same.

use super::{landed, merge, undo};
use crate::support::{Commit, TestRepo};
use serde_json::json;

/// What is left of the manifest without `core`.
const WITHOUT_CORE: &str = r#"version: 1
agents:
  ui:
    branch: agent/ui
    owns: ["ui/"]
  docs:
    branch: agent/docs
    owns: ["docs/", "shared/"]
"#;

fn without_core() -> TestRepo {
    let mut repo = landed();
    repo.commit(Commit::on("main").file("ownership.yaml", WITHOUT_CORE));
    repo.git(&["reset", "-q", "--hard"]);
    repo
}

#[test]
fn its_merges_are_taken_back_and_whoever_built_on_it_is_named() {
    let repo = without_core();
    let merges = ["main~3", "main~1", "main~2"].map(|merge| json!(repo.id(merge)));
    let found = undo(&repo, &["core"], 0);
    assert_eq!(
        (&found["part"], &found["preparation"]),
        (&json!("core"), &json!("prepared"))
    );
    assert_eq!(found["merges"][0]["commit"], merges[0]);
    // By the manifest that it was merged by.
    assert_eq!(
        found["dependents"],
        json!([{"agent": "ui", "branch": "agent/ui", "merge": merges[1]}])
    );
    assert_eq!(found["same_paths"][0]["merge"], merges[2]);
    let changes = repo.git(&["diff", "--name-status", "main", "gate/undo/core"]);
    assert_eq!(changes, "A\tcore/a.rs\nD\tcore/b.rs\nM\tshared/list");
    merge(&repo, "gate/undo/core");
    repo.gate(&["undo", "core"])
        .expect(1)
        .says("there is nothing of core to take back: main has none of its merges left");
}

#[test]
fn who_has_never_landed_anything_is_unknown() {
    let repo = without_core();
    let run = repo.gate(&["undo", "croe"]).expect(2);
    run.says("error[unknown-agent]")
        .says("there is no agent croe, and main has no merge of gate that names one");
    repo.gate(&["undo", "core", "--milestone", "api"])
        .expect(1)
        .says("nothing of core@api to take back: main has no merge of such a")
        .says("milestone\n");
}

#[test]
fn its_milestones_are_taken_back_too() {
    let manifest = "version: 1\nagents:\n  core:\n    branch: agent/core\n    owns: [core/]\n";
    let mut repo = TestRepo::new(manifest, &[("core/a", "1\n")]);
    repo.commit(Commit::on("agent/core").from("main").file("core/b", "b"));
    repo.gate(&["publish", "core", "--milestone", "api"])
        .expect(0);
    repo.gate(&["integrate", "--land"]).expect(0);
    repo.commit(Commit::on("main").file("ownership.yaml", WITHOUT_CORE));
    let found = undo(&repo, &["core", "--milestone", "api"], 0);
    assert_eq!(found["branch"], "gate/undo/core@api");
    assert_eq!(found["merges"][0]["branch"], "core@api");
    assert_eq!(found["dependents"][0]["agent"], "core");
}
