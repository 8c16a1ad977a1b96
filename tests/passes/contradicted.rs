//! What passed before and fails by now, through something that is in no tree: nobody is blamed for it.

use super::{counted, integrate, ran};
use crate::support::{Commit, TestRepo};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

fn beside(repo: &TestRepo, name: &str) -> PathBuf {
    repo.path().parent().unwrap().join(name)
}

/// What gate says of a run, and of the same run where nothing is remembered.
#[track_caller]
fn same_as_fresh(repo: &TestRepo, code: i32) -> String {
    let run = |arguments: &[&str]| {
        let command = [&["integrate", "--dry-run", "--format", "json"], arguments].concat();
        // Logs are numbered by run.
        let text = repo.gate(&command).expect(code).stdout;
        let mut document: serde_json::Value = serde_json::from_str(&text).unwrap();
        for branch in document["branches"].as_array_mut().unwrap() {
            for finding in branch["findings"].as_array_mut().unwrap() {
                finding["output"] = serde_json::Value::Null;
            }
        }
        document.to_string()
    };
    let said = run(&[]);
    assert_eq!(said, run(&["--fresh"]));
    said
}

#[test]
fn the_target_is_tried_itself_before_a_branch_is_blamed() {
    let whole = counted("whole", "test ! -e \\\"$HOME/broken\\\"");
    let manifest = format!(
        "version: 1
agents:
  core: {{ branch: agent/core, owns: [core/] }}
  ui: {{ branch: agent/ui, owns: [ui/] }}
verify: [\"{whole}\"]
"
    );
    let mut repo = TestRepo::new(&manifest, &[("README", "text\n")]).without_sandbox();
    repo.commit(
        Commit::on("agent/core")
            .from("main")
            .file("core/a", "new\n"),
    );
    integrate(&repo, &["--land"], 0);
    // What landed has passed. Now the machine is broken.
    repo.commit(Commit::on("agent/ui").from("main").file("ui/a", "new\n"));
    fs::write(beside(&repo, "broken"), "").unwrap();
    ran(&repo);
    let said = same_as_fresh(&repo, 3);
    assert!(said.contains("target-fails"), "{said}");
    fs::remove_file(beside(&repo, "broken")).unwrap();
    integrate(&repo, &["--land"], 0);
}

#[test]
fn a_program_that_went_missing_is_an_outage() {
    let manifest = "version: 1
agents:
  core: { branch: agent/core, owns: [core/], verify: ['\"$HOME/tool\"'] }
  ui: { branch: agent/ui, owns: [ui/], verify: ['\"$HOME/tool\"'] }
";
    let mut repo = TestRepo::new(manifest, &[("README", "text\n")]);
    repo.commit(
        Commit::on("agent/core")
            .from("main")
            .file("core/a", "new\n"),
    );
    let tool = beside(&repo, "tool");
    fs::write(&tool, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    integrate(&repo, &["--dry-run"], 0);
    fs::remove_file(&tool).unwrap();
    // Nothing has changed, and what passed need not be run.
    integrate(&repo, &["--dry-run"], 0);
    repo.commit(Commit::on("agent/ui").from("main").file("ui/a", "new\n"));
    let said = same_as_fresh(&repo, 1);
    assert!(!said.contains("\"blame\":\"branch\""), "{said}");
    assert_eq!(said.matches("verify-not-started").count(), 2, "{said}");
}

#[test]
fn who_is_to_blame_is_blamed_on_what_was_seen() {
    let manifest = format!(
        "version: 1
agents:
  core: {{ branch: agent/core, owns: [core/] }}
  ui: {{ branch: agent/ui, owns: [ui/] }}
verify: [\"{}\"]
",
        counted("whole", "! grep -rq BAD ui")
    );
    let mut repo = TestRepo::new(&manifest, &[("README", "text\n")]).without_sandbox();
    repo.commit(
        Commit::on("agent/core")
            .from("main")
            .file("core/a", "new\n"),
    );
    integrate(&repo, &["--land"], 0);
    repo.commit(Commit::on("agent/ui").from("main").file("ui/a", "BAD\n"));
    ran(&repo);
    let said = same_as_fresh(&repo, 1);
    assert!(said.contains("agent/ui breaks the verification"), "{said}");
    // The whole, then the target itself, although that is known to pass: once each, and the same afresh.
    assert_eq!(ran(&repo), ["whole"; 4]);
    // The record has each verification once, and what was run after all is not said to be known.
    let run = integrate(&repo, &[], 1);
    assert_eq!(ran(&repo), ["whole"; 2]);
    assert!(!run.stdout.contains("not run"), "{}", run.stdout);
    repo.gate(&["integrate", "--replay", "last"]).expect(0);
}
