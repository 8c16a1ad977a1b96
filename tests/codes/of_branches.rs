//! Branches that are refused, undecided, waiting or ejected.

use super::{Scene, change};
use crate::support::{Commit, TestRepo};
use gate::words::Code;
use std::os::unix::fs::PermissionsExt;

const MANIFEST: &str = r#"version: 1
protected: ["tools/"]
agents:
  core:
    branch: agent/core
    owns: ["core/"]
    forbids: ["core/generated/"]
  ui:
    branch: agent/ui
    owns: ["ui/"]
    depends_on: [core]
  docs:
    branch: agent/docs
    owns: ["docs/"]
    trusted_with: [ownership.yaml]
    priority: 1
shared:
  - paths: ["shared/"]
    agents: [ui, docs]
verify:
  - "! grep -rq FAIL core ui docs"
"#;
const FILES: &[(&str, &str)] = &[
    ("core/a.rs", "a"),
    ("ui/a.rs", "a"),
    ("docs/a.md", "a"),
    ("shared/list.txt", "1\n2\n3\n4\n5\n6\n"),
];
const CHECK: &[&str] = &["check", "branch", "agent/core"];
const CHECK_UI: &[&str] = &["check", "branch", "agent/ui"];
const CHECK_UI_CONCISE: &[&str] = &["check", "branch", "agent/ui", "--format", "concise"];
const PUBLISH_ELSEWHERE: &[&str] = &[
    "publish",
    "core",
    "--milestone",
    "api",
    "--commit",
    "agent/ui",
];
const PUBLISH_BACK: &[&str] = &[
    "publish",
    "core",
    "--milestone",
    "api",
    "--commit",
    "agent/core~1",
];
const STAGED: &[&str] = &["check", "staged"];
const INTEGRATE: &[&str] = &["integrate"];
const INTEGRATE_CONCISE: &[&str] = &["integrate", "--format", "concise"];
const LAND_WITHOUT_SANDBOX: &[&str] = &[
    "integrate",
    "--land",
    "--sandbox",
    "off",
    "--format",
    "concise",
];

// One arm for each code.
pub(super) fn scene(code: Code) -> Option<Scene> {
    let on_path = |path| Scene::new(change(MANIFEST, FILES, path), CHECK);
    Some(match code {
        Code::Protected => on_path("tools/build.sh"),
        Code::Forbidden => on_path("core/generated/api.rs"),
        Code::SharedByOthers => on_path("shared/list.txt"),
        Code::OwnedByAnother => on_path("ui/a.rs"),
        Code::Unowned => on_path("README.md"),
        Code::UnownedWarning => {
            let lenient = MANIFEST.replace("version: 1", "version: 1\nunowned: warn");
            Scene::new(change(&lenient, FILES, "README.md"), CHECK)
        }
        Code::AppendOnly => {
            let manifest = shared_under("append-only");
            Scene::new(change(&manifest, FILES, "shared/list.txt"), CHECK)
        }
        Code::Submodule => submodule(),
        Code::OlderCommit => older_commit(),
        Code::DependencyRefused => Scene::new(dependent("README.md"), CHECK_UI),
        Code::DependencyRewritten => {
            let mut repo = dependent("core/b.rs");
            let again = Commit::on("agent/core").from("main");
            repo.commit(again.file("core/b.rs", "other"));
            Scene::new(repo, CHECK_UI)
        }
        Code::OthersDenied => {
            let strict = MANIFEST.replace("version: 1", "version: 1\nothers: deny");
            Scene::new(
                of_nobody(&strict),
                &[
                    "check",
                    "branch",
                    "topic",
                    "--if-agent",
                    "--format",
                    "github",
                ],
            )
        }
        Code::LinkLeaves => {
            let mut repo = TestRepo::new(MANIFEST, FILES);
            let link = Commit::on("agent/core").from("main");
            repo.commit(link.entry("core/link", "120000", b"../docs/a.md"));
            Scene::new(repo, CHECK)
        }
        Code::UnrelatedHistory => {
            let mut repo = TestRepo::new(MANIFEST, FILES);
            repo.commit(Commit::on("agent/core").file("core/b.rs", "b"));
            Scene::new(repo, CHECK)
        }
        Code::UnportableName => Scene::new(change(MANIFEST, FILES, "core/aux.rs"), CHECK),
        Code::NameCollision => Scene::new(change(MANIFEST, FILES, "core/A.rs"), CHECK),
        Code::BranchOfNobody => Scene::new(of_nobody(MANIFEST), &["check", "branch", "topic"]),
        Code::NothingToJudge => Scene {
            mark: Some("there is nothing to judge"),
            ..Scene::new(
                of_nobody(MANIFEST),
                &["check", "branch", "topic", "--if-agent"],
            )
        },
        Code::DetachedHead => {
            let scene = Scene::new(TestRepo::new(MANIFEST, FILES), STAGED);
            scene.repo.git(&["checkout", "-q", "--detach"]);
            scene
        }
        Code::ManifestRefused => manifest_refused(),
        _ => return integration(code),
    })
}

fn integration(code: Code) -> Option<Scene> {
    Some(match code {
        Code::CommitElsewhere => Scene::new(published(), PUBLISH_ELSEWHERE),
        Code::TakenBack => Scene::new(published(), PUBLISH_BACK),
        Code::Waiting => {
            let repo = dependent("core/b.rs");
            repo.git(&["update-ref", "refs/heads/agent/core", "main"]);
            Scene::new(repo, CHECK_UI_CONCISE)
        }
        Code::NothingDelivered => {
            let all = &["check", "branch", "--all", "--format", "concise"];
            Scene::new(change(MANIFEST, FILES, "core/b.rs"), all)
        }
        Code::Held => Scene::new(dependent("README.md"), INTEGRATE_CONCISE),
        Code::Conflict => Scene::new(both_write("shared/list.txt", "one\n"), INTEGRATE),
        Code::DisjointLines => Scene::new(neighbours(), INTEGRATE),
        Code::StrayMerge => Scene::new(renamed(), INTEGRATE),
        Code::VerifyFailed => verifying("test -e core/tests"),
        Code::VerifyTimeout => verifying("{ run: sleep 60, timeout: 1s }"),
        Code::VerifyLeftProcesses => verifying("sleep 60 & true"),
        Code::VerifyExpectation => verifying("{ run: echo True, expect: { stdout: \"False\" } }"),
        Code::NoSandbox => Scene {
            command: &["integrate", "--sandbox", "require"],
            is_bare: true,
            ..verifying("test -e core/tests")
        },
        // Where its log is depends on the clone.
        Code::VerifyFlaky => Scene {
            command: INTEGRATE_CONCISE,
            ..verifying(
                "{ run: \"test -e $GATE_CACHE_DIR/once || ! touch $GATE_CACHE_DIR/once\", retries: 1 }",
            )
        },
        Code::DiskFull => Scene {
            command: INTEGRATE_CONCISE,
            ..verifying("echo No space left on device; exit 1")
        },
        // In a sandbox nobody could.
        Code::Interrupted => Scene {
            command: &["integrate", "--sandbox", "off"],
            ..verifying("kill -TERM $(ps -o ppid= -p $PPID); sleep 60")
        },
        // What the shell itself says of it differs from shell to shell.
        Code::VerifyNotStarted => Scene {
            command: INTEGRATE_CONCISE,
            ..verifying("core/check.sh")
        },
        Code::TargetFails => {
            let mut repo = change(MANIFEST, FILES, "core/b.rs");
            repo.commit(Commit::on("main").file("docs/a.md", "FAIL"));
            repo.git(&["reset", "-q", "--hard"]);
            Scene::new(repo, INTEGRATE)
        }
        Code::WorkTreeDirty => {
            let repo = change(MANIFEST, FILES, "core/b.rs");
            repo.write("docs/a.md", "not committed");
            Scene::new(repo, &["integrate", "--land", "--format", "concise"])
        }
        Code::WorkTreeBehind => work_tree_behind(),
        Code::TargetMoved => target_moved(),
        _ => return None,
    })
}

/// The manifest where `core` has its part in what is shared, under this rule.
fn shared_under(rule: &str) -> String {
    MANIFEST.replace(
        "agents: [ui, docs]",
        &format!("agents: [core, docs]\n    rule: {rule}"),
    )
}

/// Two branches that change lines next to each other.
fn neighbours() -> TestRepo {
    let mut repo = TestRepo::new(&shared_under("disjoint-lines"), FILES);
    for (branch, line, other) in [("agent/core", "3", "three"), ("agent/docs", "4", "four")] {
        let content = FILES[3].1.replace(line, other);
        let commit = Commit::on(branch).from("main");
        repo.commit(commit.file("shared/list.txt", &content));
    }
    repo
}

fn submodule() -> Scene {
    let mut repo = TestRepo::new(MANIFEST, FILES);
    let id = repo.id("main");
    let add = Commit::on("agent/core").from("main");
    repo.commit(add.entry("core/lib", "160000", id.as_bytes()));
    Scene::new(repo, CHECK)
}

fn older_commit() -> Scene {
    let mut repo = change(MANIFEST, FILES, "ui/a.rs");
    repo.commit(Commit::on("agent/core").file("ui/a.rs", "a"));
    repo.git(&["switch", "-q", "agent/core"]);
    Scene::new(repo, STAGED)
}

/// `agent/ui` on top of an `agent/core` that changes `path`.
fn dependent(path: &str) -> TestRepo {
    let mut repo = change(MANIFEST, FILES, path);
    repo.commit(
        Commit::on("agent/ui")
            .from("agent/core")
            .file("ui/b.rs", "b"),
    );
    repo
}

fn of_nobody(manifest: &str) -> TestRepo {
    let mut repo = TestRepo::new(manifest, FILES);
    repo.commit(Commit::on("topic").from("main").file("README.md", "new"));
    repo
}

/// `agent/core` has two commits, the second of which is published.
fn published() -> TestRepo {
    let mut repo = dependent("core/b.rs");
    repo.commit(Commit::on("agent/core").file("core/c.rs", "c"));
    repo.gate(&["publish", "core", "--milestone", "api"])
        .expect(0);
    repo
}

fn manifest_refused() -> Scene {
    let mut repo = TestRepo::new(MANIFEST, FILES);
    let broken = MANIFEST.replace("owns: [\"ui/\"]", "owns: [\"core/ui/\"]");
    let change = Commit::on("agent/docs").from("main");
    repo.commit(change.file("ownership.yaml", &broken));
    Scene::new(repo, &["check", "branch", "agent/docs"])
}

/// `agent/docs` and `agent/ui`, both of which may write `path`, and do.
fn both_write(path: &str, content: &str) -> TestRepo {
    let manifest = MANIFEST.replace("    depends_on: [core]\n", "");
    let mut repo = TestRepo::new(&manifest, FILES);
    repo.commit(Commit::on("agent/docs").from("main").file(path, content));
    repo.commit(Commit::on("agent/ui").from("main").file(path, "other\n"));
    repo
}

/// `agent/docs` renames what `agent/ui` edits: git puts the edit where the file went.
fn renamed() -> TestRepo {
    let manifest = MANIFEST.replace("    depends_on: [core]\n", "");
    let mut repo = TestRepo::new(&manifest, FILES);
    repo.commit(
        Commit::on("agent/docs")
            .from("main")
            .delete("shared/list.txt")
            .file("shared/names.txt", "1\n2\n3\n4\n5\n6\n"),
    );
    let edit = Commit::on("agent/ui").from("main");
    repo.commit(edit.file("shared/list.txt", "1\n2\n3\n4\n5\n7\n"));
    repo
}

fn verifying(command: &str) -> Scene {
    let manifest = MANIFEST.replace("\"! grep -rq FAIL core ui docs\"", command);
    let manifest = manifest.replace("\nverify:", "\nverify: []\nx:");
    let (before, commands) = manifest.split_once("x:\n  - ").unwrap();
    let manifest = before.replace(
        "    owns: [\"core/\"]\n",
        &format!("    owns: [\"core/\"]\n    verify:\n      - {commands}"),
    );
    Scene::new(change(&manifest, FILES, "core/b.rs"), INTEGRATE)
}

/// The target moves whenever gate verifies what is to land on it.
/// A hook puts a folder where the new index is to be written, once the target has moved.
fn work_tree_behind() -> Scene {
    let repo = change(MANIFEST, FILES, "core/b.rs");
    let hook = repo.path().join(".git/hooks/reference-transaction");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    let obstacle = repo.path().join(".git/index.gate");
    let script = format!("#!/bin/sh\nmkdir -p {}\n", obstacle.display());
    std::fs::write(&hook, script).unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    Scene::new(repo, &["integrate", "--land", "--format", "concise"])
}

fn target_moved() -> Scene {
    let mut repo = change(MANIFEST, FILES, "core/b.rs");
    let ada = "-c user.name=Ada -c user.email=ada@example.org";
    let git = format!("git -C {} {ada}", repo.path().display());
    // A new folder each time: what has passed need not run again.
    let tree =
        format!("({git} ls-tree main; {git} ls-tree main core | sed s,core,x$$,) | {git} mktree");
    let moves =
        format!("{git} update-ref refs/heads/main $({git} commit-tree $( {tree}) -p main -m more)");
    let manifest = MANIFEST.replace("! grep -rq FAIL core ui docs", &moves);
    repo.commit(Commit::on("main").file("ownership.yaml", &manifest));
    repo.git(&["reset", "-q", "--hard"]);
    repo.git(&["switch", "-q", "--detach"]);
    // In a sandbox no command could move it.
    Scene::new(repo, LAND_WITHOUT_SANDBOX)
}
