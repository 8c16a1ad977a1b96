//! Results that are good and do not land, or not as was asked for.

use super::Scene;
use crate::support::{Commit, TestRepo};
use gate::words::Code;

const MANIFEST: &str = r#"version: 1
agents:
  core:
    branch: agent/core
    owns: ["core/"]
  ui:
    branch: agent/ui
    owns: ["ui/"]
tag: v1.0
"#;
const FILES: &[(&str, &str)] = &[("core/a.rs", "a"), ("ui/a.rs", "a")];

/// `agent/core` with good work, and `agent/ui` with a change of this path.
fn both(manifest: &str, ui: &str) -> TestRepo {
    let mut repo = TestRepo::new(manifest, FILES);
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    repo.commit(Commit::on("agent/ui").from("main").file(ui, "b"));
    repo.with_origin(".git/remote.git");
    repo
}

/// `agent/ui` builds on `agent/core`, and changes again what that has changed in what they share.
fn on_top() -> TestRepo {
    let shared = "shared:\n  - { paths: [\"shared/\"], agents: [core, ui] }\n";
    let manifest = MANIFEST.replace("[\"ui/\"]\n", "[\"ui/\"]\n    depends_on: [core]\n") + shared;
    let mut repo = TestRepo::new(&manifest, &[("shared/list.txt", "1\n2\n")]);
    let list = |branch, from, content| {
        let commit = Commit::on(branch).from(from);
        commit.file("shared/list.txt", content)
    };
    repo.commit(list("agent/core", "main", "1\ncore\nmore\n2\n"));
    repo.commit(list("agent/ui", "agent/core", "1\nui\n2\n"));
    repo
}

const PUSH: &[&str] = &["integrate", "--land", "--push", "origin"];

pub(super) fn scene(code: Code) -> Option<Scene> {
    let land = |extra: &'static [&'static str], repo| Scene::new(repo, extra);
    Some(match code {
        Code::WorkDropped => land(&["integrate"], on_top()),
        Code::NothingToUndo => land(&["undo", "core"], both(MANIFEST, "ui/b.rs")),
        Code::BranchExists => {
            let repo = both(MANIFEST, "ui/b.rs");
            repo.gate(&["integrate", "--land"]).expect(0);
            repo.git(&["branch", "gate/undo/core", "agent/core"]);
            land(&["undo", "core"], repo)
        }
        Code::Stopped => land(
            &["integrate", "--land", "--format", "concise"],
            both(&format!("{MANIFEST}on_failure: stop\n"), "core/a.rs"),
        ),
        Code::NotEverybody => land(
            &[
                "integrate",
                "--land",
                "--all-or-nothing",
                "--format",
                "concise",
            ],
            both(MANIFEST, "core/a.rs"),
        ),
        Code::NotTagged => land(
            &["integrate", "--land", "--tag", "--format", "concise"],
            both(MANIFEST, "core/a.rs"),
        ),
        Code::TagExists => {
            let repo = both(MANIFEST, "ui/b.rs");
            repo.git(&["tag", "v1.0", "agent/ui"]);
            land(&["integrate", "--land", "--tag"], repo)
        }
        Code::RemoteMoved => {
            let repo = both(MANIFEST, "ui/b.rs");
            repo.git(&["push", "-q", "origin", "agent/ui:main"]);
            land(PUSH, repo)
        }
        Code::PushRefused => {
            let repo = both(MANIFEST, "ui/b.rs");
            repo.git(&["push", "-q", "origin", "main"]);
            let hook = repo.path().join(".git/remote.git/hooks/pre-receive");
            std::fs::write(&hook, "#!/bin/sh\necho main is protected\nexit 1\n").unwrap();
            let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            std::fs::set_permissions(&hook, mode).unwrap();
            land(PUSH, repo)
        }
        Code::BadRecord => {
            let repo = both(MANIFEST, "ui/b.rs");
            repo.git(&["update-ref", "refs/gate/last-run", "main"]);
            land(REPLAY, repo)
        }
        Code::ReplayDiffers => land(REPLAY, forged()),
        _ => return None,
    })
}

const REPLAY: &[&str] = &["integrate", "--replay", "last"];

/// A run whose record says that the branch of `ui` itself is its merge.
fn forged() -> TestRepo {
    let repo = both(MANIFEST, "ui/b.rs");
    repo.gate(&["integrate"]).expect(0);
    let text = repo.git(&["cat-file", "blob", "refs/gate/last-run:record.json"]);
    let merge = repo.id("gate/integration");
    let merge = format!("\"merge\": \"{merge}\"");
    let text = text.replace(&merge, &format!("\"merge\": \"{}\"", repo.id("agent/ui")));
    let text = text + "\n";
    let blob = repo.git_with_input(&["hash-object", "-w", "--stdin"], text.as_bytes());
    let entry = format!("100644 blob {blob}\trecord.json\n");
    let tree = repo.git_with_input(&["mktree"], entry.as_bytes());
    let record = repo.git(&["commit-tree", &tree, "-m", "Record a run"]);
    repo.git(&["update-ref", "refs/gate/last-run", &record]);
    repo
}
