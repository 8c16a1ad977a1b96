//! What gate promises whatever happens, each with a test that fails where the promise is broken.
//! Others are kept elsewhere: rules never come from the branch (`check`), what a command does to its
//! checkout reaches nothing (`integrate`), no text forges output (`report::escape`).

use crate::support::{Commit, Run, TestRepo, clean_command};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

const MANIFEST: &str = r#"version: 1
agents:
  core:
    branch: agent/core
    owns: ["core/"]
  ui:
    branch: agent/ui
    owns: ["ui/"]
    depends_on: [core]
  docs:
    branch: agent/docs
    owns: ["docs/", "*.md"]
shared:
  - paths: ["shared/"]
    agents: [core, docs, ui]
verify: ["VERIFY"]
"#;

/// A file that `main` and `agent/core` both change, so that git has to merge it.
const SHARED: &str = "1\n2\n3\n4\n5\n6\n7\n";

/// A repository in which `agent/core` and `agent/ui` pass and `agent/docs` is refused; the whole is
/// verified by `verify`, a command without double quotes. `main` has moved on since.
fn repo(verify: &str) -> TestRepo {
    let manifest = MANIFEST.replace("VERIFY", verify);
    let files = [
        ("core/a.rs", "a\n"),
        ("ui/a.rs", "b\n"),
        ("docs/a", "c\n"),
        ("shared/list", SHARED),
    ];
    let mut repo = TestRepo::new(&manifest, &files);
    repo.commit(
        Commit::on("agent/core")
            .from("main")
            .file("core/b.rs", "a\n")
            .delete("core/a.rs")
            .file("shared/list", &SHARED.replace('7', "seven"))
            .entry("core/run", "100755", b"#!/bin/sh\n")
            .entry("core/link", "120000", b"b.rs"),
    );
    repo.commit(
        Commit::on("agent/ui")
            .from("agent/core")
            .file("ui/b.rs", "b\n"),
    );
    repo.commit(Commit::on("agent/docs").from("main").file("ui/a.rs", "c\n"));
    repo.commit(Commit::on("main").file("shared/list", &SHARED.replace('1', "one")));
    repo.git(&["reset", "-q", "--hard"]);
    repo
}

/// A folder beside the work tree, for what a test wants to hear from a command.
fn beside(repo: &TestRepo) -> PathBuf {
    repo.path().parent().unwrap().join("heard")
}

#[test]
fn the_tree_that_lands_is_the_tree_that_was_verified() {
    let mut repo = repo("true");
    let heard = beside(&repo);
    let verify = format!("git rev-parse HEAD^{{tree}} >> {}", heard.display());
    let manifest = MANIFEST.replace("VERIFY", &verify);
    repo.commit(Commit::on("main").file("ownership.yaml", &manifest));
    repo.git(&["reset", "-q", "--hard"]);
    repo.gate(&["integrate", "--land", "--sandbox", "off"])
        .expect(1);
    let verified = fs::read_to_string(heard).unwrap();
    let landed = repo.git(&["rev-parse", "main^{tree}"]);
    assert_eq!(verified.lines().last(), Some(landed.as_str()));
}

/// What `check branch --all` says, with the exit code.
fn verdict(repo: &TestRepo, folder: &Path) -> (i32, String) {
    let arguments = ["check", "branch", "--all", "--format", "json"];
    let Run { code, stdout, .. } = repo.gate_in(folder, &arguments);
    (code, stdout)
}

/// The verdict, and what an integration would make, after `change` was made to the commands.
fn results(repo: &TestRepo, change: impl Fn(&mut Command)) -> [(i32, String); 2] {
    [
        &["check", "branch", "--all"][..],
        &["integrate", "--dry-run"],
    ]
    .map(|arguments| {
        let arguments = [arguments, &["--format", "json"]].concat();
        let mut command = repo.gate_command(&repo.path(), &arguments);
        change(&mut command);
        let Run { code, stdout, .. } = Run::of(&mut command);
        (code, stdout)
    })
}

#[test]
fn the_verdict_depends_on_commit_ids_alone() {
    let repo = repo("true");
    let expected = results(&repo, |_| {});
    assert_eq!([expected[0].0, expected[1].0], [1, 1]);
    for variables in [
        &[("RAYON_NUM_THREADS", "1")][..],
        &[("RAYON_NUM_THREADS", "7")],
        &[("LC_ALL", "tr_TR.UTF-8"), ("TZ", "Asia/Tokyo")],
        &[("GIT_DIFF_OPTS", "-u0"), ("GIT_EXTERNAL_DIFF", "false")],
        &[("GIT_LITERAL_PATHSPECS", "1"), ("GIT_OPTIONAL_LOCKS", "0")],
        &[
            ("GIT_NO_REPLACE_OBJECTS", "0"),
            ("GIT_REPLACE_REF_BASE", "refs/heads/"),
        ],
    ] {
        let seen = results(&repo, |command| {
            command.envs(variables.iter().copied());
        });
        assert_eq!(seen, expected, "{variables:?}");
    }
    for (key, value) in [
        ("diff.renames", "copies"),
        ("merge.renames", "false"),
        ("merge.directoryRenames", "true"),
        ("core.ignoreCase", "true"),
        ("core.fileMode", "false"),
        ("core.autocrlf", "true"),
        ("core.quotePath", "false"),
        ("core.precomposeUnicode", "true"),
        ("diff.ignoreSubmodules", "all"),
        ("diff.external", "false"),
        ("merge.default", "binary"),
        ("core.attributesFile", "attributes"),
        ("core.useReplaceRefs", "true"),
        ("core.commitGraph", "false"),
    ] {
        repo.git(&["config", key, value]);
        assert_eq!(results(&repo, |_| {}), expected, "{key}");
    }
    fs::write(
        repo.path().join(".git/info/attributes"),
        "* -merge -diff filter=none text eol=crlf\n",
    )
    .unwrap();
    assert_eq!(results(&repo, |_| {}), expected, "attributes");
    // What git merges, replaced: the merge would come out differently.
    let blob = |revision| repo.git(&["rev-parse", revision]);
    let base = blob("main~1:shared/list");
    let other = blob("agent/core:shared/list");
    repo.git(&["replace", "-f", &base, &other]);
    assert_eq!(results(&repo, |_| {}), expected, "a replaced file");
    // A replaced commit, which would make the refused branch look as if it had done nothing.
    let (tip, target) = (repo.id("agent/docs"), repo.id("main"));
    repo.git(&["replace", "-f", &tip, &target]);
    assert_eq!(results(&repo, |_| {}), expected, "a replace ref");
    let graft = repo.path().join(".git/info/grafts");
    fs::write(graft, format!("{target} {tip}\n")).unwrap();
    assert_eq!(results(&repo, |_| {}), expected, "a graft");
}

#[test]
fn another_clone_comes_to_the_same_verdict() {
    let repo = repo("true");
    let expected = verdict(&repo, &repo.path());
    for options in [&["--mirror"][..], &["--mirror", "--no-local"]] {
        let clone = beside(&repo).join(options.len().to_string());
        let place = clone.display().to_string();
        repo.git(&[&["clone", "-q"], options, &[".", &place]].concat());
        repo.git(&["-C", &place, "gc", "-q"]);
        assert_eq!(verdict(&repo, &clone), expected);
    }
}

/// Every loose object of a repository.
fn objects(repo: &TestRepo) -> Vec<PathBuf> {
    let folders = fs::read_dir(repo.path().join(".git/objects")).unwrap();
    let folders = folders.map(|folder| folder.unwrap().path());
    let folders = folders.filter(|folder| folder.file_name().unwrap().len() == 2);
    let files = folders.flat_map(|folder| fs::read_dir(folder).unwrap());
    files.map(|file| file.unwrap().path()).collect()
}

#[test]
fn what_cannot_be_read_is_refused_in_every_format() {
    let repo = repo("true");
    // Loose objects, so that each can go on its own.
    let pack = repo.path().join(".git/objects/pack");
    for file in fs::read_dir(&pack)
        .unwrap()
        .map(|file| file.unwrap().path())
    {
        if file
            .extension()
            .is_some_and(|extension| extension == "pack")
        {
            let moved = beside(&repo);
            fs::rename(&file, &moved).unwrap();
            let mut unpack = clean_command("git");
            unpack
                .current_dir(repo.path())
                .args(["unpack-objects", "-q"]);
            unpack.stdin(fs::File::open(moved).unwrap());
            assert!(unpack.status().unwrap().success());
        }
    }
    let objects = objects(&repo);
    assert!(objects.len() > 15, "{objects:?}");
    let expected = verdict(&repo, &repo.path());
    for object in objects {
        let content = fs::read(&object).unwrap();
        fs::set_permissions(&object, fs::Permissions::from_mode(0o644)).unwrap();
        for damage in [None, Some(&b""[..]), Some(&content[..content.len() / 2])] {
            match damage {
                None => fs::remove_file(&object).unwrap(),
                Some(bytes) => fs::write(&object, bytes).unwrap(),
            }
            let (code, said) = verdict(&repo, &repo.path());
            let name = object.display();
            // Most blobs are never read: then nothing changes. Whatever is read must not pass.
            if (code, &said) != (expected.0, &expected.1) {
                assert!([2, 3].contains(&code), "{name}: {code}: {said}");
                for format in ["full", "concise", "github"] {
                    let arguments = ["check", "branch", "--all", "--format", format];
                    repo.gate(&arguments).expect(code);
                }
            }
            assert_ne!(repo.gate(&["integrate", "--dry-run"]).code, 0, "{name}");
            fs::write(&object, &content).unwrap();
        }
    }
    assert_eq!(verdict(&repo, &repo.path()), expected);
}

/// Starts a landing that is killed by what it starts itself; then lands in peace. The target is at
/// its old commit or at its new one after the first, and at the new one after the second.
#[track_caller]
fn killed_and_started_again(repo: &TestRepo, disarm: &dyn Fn()) {
    let before = repo.id("main");
    // In a sandbox no command could kill gate.
    let killed = repo.gate(&["integrate", "--land", "--sandbox", "off"]);
    assert_eq!(killed.code, -1, "not killed: {}", killed.stdout);
    let between = repo.id("main");
    disarm();
    repo.gate(&["integrate", "--land"]);
    let after = repo.id("main");
    assert!([&before, &after].contains(&&between));
    assert_ne!(before, after);
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    assert!(repo.try_git(&["merge-base", "--is-ancestor", "agent/core", "main"]));
    let mut kept = repo.kept_by_gate();
    // The logs of verify commands and what passed are kept.
    kept.retain(|name| !["logs", "passes"].contains(&name.as_str()));
    assert_eq!(kept, ["lock", "quarantines"], "left behind");
}

#[test]
fn killed_while_it_verifies_the_next_run_goes_through() {
    let mut repo = repo("true");
    let armed = beside(&repo);
    fs::write(&armed, "").unwrap();
    // The parent of the supervisor, which runs the command, is gate.
    let kill = format!(
        "test ! -e {} || kill -9 $(ps -o ppid= -p $PPID)",
        armed.display()
    );
    let manifest = MANIFEST.replace("VERIFY", &kill);
    repo.commit(Commit::on("main").file("ownership.yaml", &manifest));
    repo.git(&["reset", "-q", "--hard"]);
    killed_and_started_again(&repo, &|| fs::remove_file(&armed).unwrap());
}

#[test]
fn killed_while_it_writes_files_the_next_run_goes_through() {
    let repo = repo("true");
    let armed = beside(&repo);
    fs::write(&armed, "").unwrap();
    let attributes = "core/run filter=kill\nui/b.rs filter=kill\n";
    repo.write(".git/info/attributes", attributes);
    // git runs the filter, and gate runs git: both end, with half of the files written.
    let kill = format!(
        "test ! -e {} || kill -9 $(ps -o ppid= -p $PPID) $PPID; cat",
        armed.display()
    );
    repo.git(&["config", "filter.kill.smudge", &kill]);
    killed_and_started_again(&repo, &|| {
        assert!(
            repo.path().join("core/b.rs").exists(),
            "nothing was written yet"
        );
        fs::remove_file(&armed).unwrap();
    });
}

#[test]
fn killed_while_the_target_moves_the_next_run_goes_through() {
    for state in ["prepared", "committed"] {
        let repo = repo("true");
        let hook = repo.path().join(".git/hooks/reference-transaction");
        fs::create_dir_all(hook.parent().unwrap()).unwrap();
        // The parent of git, which runs the hook, is gate.
        let script = format!("#!/bin/sh\n[ $1 != {state} ] || kill -9 $(ps -o ppid= -p $PPID)\n");
        fs::write(&hook, script).unwrap();
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
        killed_and_started_again(&repo, &|| fs::remove_file(&hook).unwrap());
    }
}

#[test]
fn nobodys_commit_is_lost_and_nobodys_work_is_touched() {
    let repo = repo("true");
    repo.git(&["branch", "people/draft", "agent/docs"]);
    repo.write("core/a.rs", "not committed\n");
    repo.write("ui/new.rs", "not tracked\n");
    let branches = |repo: &TestRepo| {
        let mut refs = repo.refs();
        let of_gate = ["refs/heads/gate/", "refs/gate/runs/", "refs/gate/last-run"];
        refs.retain(|name, _| !of_gate.iter().any(|own| name.starts_with(own)));
        refs
    };
    let before = branches(&repo);
    let tree = |path: &str| fs::read_to_string(Path::new(&repo.path()).join(path)).unwrap();
    for arguments in [
        &["check", "branch", "--all"][..],
        &["check", "staged"],
        &["integrate", "--dry-run"],
        &["integrate"],
        &["integrate", "--land"],
    ] {
        repo.gate(arguments);
        assert_eq!(branches(&repo), before, "{arguments:?}");
        assert_eq!(tree("core/a.rs"), "not committed\n", "{arguments:?}");
        assert_eq!(tree("ui/new.rs"), "not tracked\n", "{arguments:?}");
    }
    repo.git(&["reset", "-q", "--hard"]);
    repo.gate(&["integrate", "--land"]).expect(1);
    let mut after = branches(&repo);
    let target = after.insert("refs/heads/main".into(), before["refs/heads/main"].clone());
    assert_eq!(after, before, "only the target moves");
    assert_ne!(target.as_ref(), before.get("refs/heads/main"));
    assert!(repo.try_git(&[
        "merge-base",
        "--is-ancestor",
        &before["refs/heads/main"],
        "main"
    ]));
    assert_eq!(tree("ui/new.rs"), "not tracked\n");
}
