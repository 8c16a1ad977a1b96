//! Repositories, files and command lines that cannot be used.

use super::{Scene, change};
use crate::support::{Commit, TestRepo};
use gate::words::Code;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;

const MANIFEST: &str = "version: 1\nagents:\n  core: { branch: agent/core, owns: [core/] }\n";
const FILES: &[(&str, &str)] = &[("core/a.rs", "a")];
const CHECK: &[&str] = &["check", "branch", "agent/core"];
const MANIFEST_CONCISE: &[&str] = &["check", "manifest", "--format", "concise"];

// One arm for each code.
pub(super) fn scene(code: Code) -> Option<Scene> {
    let plain = |command| Scene::new(change(MANIFEST, FILES, "core/b.rs"), command);
    Some(match code {
        Code::SymbolicBranch => {
            let scene = plain(CHECK);
            let branch = "refs/heads/agent/core";
            scene.repo.git(&["update-ref", "-d", branch]);
            scene.repo.git(&["symbolic-ref", branch, "refs/heads/main"]);
            scene
        }
        Code::NotACommit => {
            let scene = plain(CHECK);
            let id = scene.repo.git(&["rev-parse", "main^{tree}"]);
            scene
                .repo
                .write(".git/refs/heads/agent/core", &format!("{id}\n"));
            scene
        }
        Code::MissingObject => shallow(),
        Code::BrokenObject => damaged(),
        Code::BadTree => bad_tree(),
        Code::TooLarge => too_deep(),
        Code::UnreadableIndex => in_conflict(),
        Code::Git => old_git(),
        Code::InputOutput => {
            let scene = plain(&["integrate"]);
            scene
                .repo
                .write(".git/gate", "a file where a folder must be");
            scene
        }
        Code::CodeownersLine => codeowners("docs/a.md", "docs/ @acme/docs @acme/web\n"),
        Code::CodeownersDiffers => codeowners("a\\b", "* @acme/core\n/a\\\\b @acme/docs\n"),
        Code::CodeownersUnsaid => {
            // Every rule meets every other one.
            let rules = (0..1_500).map(|n| format!("a{n}/ @acme/team-{n}\n"));
            codeowners("docs/a.md", &rules.collect::<String>())
        }
        Code::NotSupportedYet => plain(&["hooks", "install"]),
        Code::Usage => plain(&["demo", "tuskland"]),
        Code::NoRepository => Scene::new(TestRepo::unmade(), MANIFEST_CONCISE),
        Code::UnknownBranch => plain(&["check", "branch", "agent/cor"]),
        Code::NoTarget => plain(&["check", "branch", "--all", "--target", "trunk"]),
        Code::NoCommitGraph => long_history(),
        Code::NoManifest => {
            let mut repo = TestRepo::empty();
            repo.commit(Commit::on("main").file("a", "a"));
            Scene::new(repo, &["check", "manifest"])
        }
        Code::ManifestPreview => {
            let mut repo = TestRepo::empty();
            repo.commit(Commit::on("main").file("core/a.rs", "a"));
            repo.git(&["reset", "-q", "--hard"]);
            repo.write("ownership.yaml", MANIFEST);
            Scene::new(repo, &["check", "manifest"])
        }
        Code::OtherTarget => {
            let manifest = MANIFEST.replace("agents:", "target: main\nagents:");
            let repo = change(&manifest, FILES, "core/b.rs");
            repo.git(&["branch", "release"]);
            Scene::new(repo, &["check", "branch", "--all", "--target", "release"])
        }
        _ => return None,
    })
}

/// More commits than anybody wants to read one by one.
fn long_history() -> Scene {
    let repo = change(MANIFEST, FILES, "core/b.rs");
    let commit = |number: usize| {
        let from = if number == 0 {
            "from refs/heads/main^0\n"
        } else {
            ""
        };
        let date = 1_700_000_000 + number;
        format!(
            "commit refs/heads/main\ncommitter A <a@example.org> {date} +0000\ndata 0\n{from}\n"
        )
    };
    let stream: String = (0..6_000).map(commit).collect();
    repo.import(stream.as_bytes());
    Scene::new(repo, CHECK)
}

/// A clone without the commits that a verdict needs.
fn shallow() -> Scene {
    let mut repo = change(MANIFEST, FILES, "core/b.rs");
    for content in ["1", "2"] {
        repo.commit(Commit::on("main").file("README.md", content));
    }
    repo.commit(Commit::on("agent/core").file("core/c.rs", "c"));
    let url = format!("file://{}", repo.path().display());
    let clone = ["clone", "-q", "--depth=1", "--no-single-branch"];
    repo.git(&[&clone[..], &[&url, "shallow"]].concat());
    let check = &[
        "-C",
        "shallow",
        "check",
        "branch",
        "agent/core",
        "--remote",
        "origin",
    ];
    Scene::new(repo, check)
}

/// The file of a commit is overwritten.
fn damaged() -> Scene {
    let repo = change(MANIFEST, FILES, "core/b.rs");
    let id = repo.id("agent/core");
    let object = repo
        .path()
        .join(".git/objects")
        .join(&id[..2])
        .join(&id[2..]);
    std::fs::remove_file(&object).unwrap();
    std::fs::write(&object, "rubbish").unwrap();
    Scene::new(repo, CHECK)
}

/// A tree with an entry that would be written into the `.git` of whoever checks it out.
fn bad_tree() -> Scene {
    let repo = change(MANIFEST, FILES, "core/b.rs");
    let entry = [b"100644 .GIT\0".as_slice(), &[1; 20]].concat();
    std::fs::write(repo.path().join("tree"), entry).unwrap();
    let tree = repo.git(&["hash-object", "-t", "tree", "--literally", "-w", "tree"]);
    let commit = repo.git(&["commit-tree", &tree, "-p", "main", "-m", "Change something"]);
    repo.git(&["update-ref", "refs/heads/agent/core", &commit]);
    Scene::new(repo, CHECK)
}

fn too_deep() -> Scene {
    let path = format!("core/{}b.rs", "a/".repeat(256));
    Scene::new(change(MANIFEST, FILES, &path), CHECK)
}

fn in_conflict() -> Scene {
    let mut repo = change(MANIFEST, FILES, "core/a.rs");
    repo.commit(Commit::on("main").file("core/a.rs", "other"));
    repo.git(&["switch", "-q", "--force", "agent/core"]);
    assert!(!repo.try_git(&["merge", "-q", "main"]));
    Scene::new(repo, &["check", "staged"])
}

/// A git that says it is an old one.
fn old_git() -> Scene {
    let repo = change(MANIFEST, FILES, "core/b.rs");
    let programs = std::env::var("PATH").unwrap();
    let script = format!(
        "#!/bin/sh\nPATH='{programs}'\ncase \"$*\" in *version) echo git version 2.30.2;; *) exec git \"$@\";; esac\n"
    );
    repo.write("old/git", &script);
    let file = repo.path().join("old/git");
    std::fs::set_permissions(&file, Permissions::from_mode(0o755)).unwrap();
    Scene {
        programs: Some(format!("{}:{programs}", repo.path().join("old").display())),
        ..Scene::new(repo, &["integrate"])
    }
}

/// A repository without a manifest, with this file and these owners.
fn codeowners(file: &str, text: &str) -> Scene {
    let mut repo = TestRepo::empty();
    repo.commit(Commit::on("main").file(file, "a"));
    repo.write("CODEOWNERS", text);
    Scene::new(repo, &["init", "--from", "CODEOWNERS"])
}
