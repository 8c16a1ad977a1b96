//! Landing while the target is checked out: all of it or nothing, whatever is in the way.

use crate::support::{Commit, TestRepo, clean_command};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const MANIFEST: &str = "\
version: 1
agents:
  core:
    branch: agent/core
    owns: [\"core/\", \".gitignore\"]
";

fn repo() -> TestRepo {
    let files = [
        ("core/a", "old\n"),
        ("core/gone/b", "old\n"),
        ("core/kind", "a file\n"),
        ("core/folder/c", "in a folder\n"),
    ];
    let mut repo = TestRepo::new(MANIFEST, &files);
    repo.commit(
        Commit::on("agent/core")
            .from("main")
            .file("core/a", "new\n")
            .delete("core/gone/b")
            .delete("core/kind")
            .file("core/kind/now", "a folder\n")
            .delete("core/folder/c")
            .file("core/folder", "a file\n")
            .file("core/new/d", "new\n")
            .entry("core/link", "120000", b"a")
            .entry("core/run", "100755", b"#!/bin/sh\n"),
    );
    repo
}

fn status(repo: &TestRepo, tree: &Path) -> String {
    repo.git(&["-C", &tree.display().to_string(), "status", "--porcelain"])
}

#[test]
fn every_kind_of_change_is_brought_along() {
    let repo = repo();
    let linked = repo.path().parent().unwrap().join("linked");
    let place = linked.display().to_string();
    repo.git(&["checkout", "-q", "--detach"]);
    repo.git(&["worktree", "add", "-q", &place, "main"]);
    repo.gate(&["integrate", "--land"]).expect(0);
    assert_eq!(status(&repo, &linked), "");
    let read = |path: &str| fs::read_to_string(linked.join(path)).unwrap();
    assert_eq!(read("core/kind/now"), "a folder\n");
    assert_eq!(read("core/folder"), "a file\n");
    assert_eq!(
        fs::read_link(linked.join("core/link")).unwrap(),
        Path::new("a")
    );
    assert!(!linked.join("core/gone").exists());
    let mode = fs::metadata(linked.join("core/run")).unwrap().permissions();
    assert_eq!(mode.mode() & 0o100, 0o100);
}

#[test]
fn a_work_tree_that_cannot_be_written_changes_nothing() {
    let repo = repo();
    // A filter that must succeed and does not, for one file out of several.
    repo.write(".git/info/attributes", "core/new/d filter=broken\n");
    repo.git(&["config", "filter.broken.smudge", "false"]);
    repo.git(&["config", "filter.broken.required", "true"]);
    let before = repo.refs();
    let run = repo.gate(&["integrate", "--land"]).expect(3);
    assert!(run.stdout.contains("nothing landed"), "{}", run.stdout);
    assert_eq!(repo.refs(), before);
    assert_eq!(status(&repo, &repo.path()), "");
    repo.git(&["config", "--unset", "filter.broken.required"]);
    repo.gate(&["integrate", "--land"]).expect(0);
    assert_eq!(status(&repo, &repo.path()), "");
}

#[test]
fn a_disk_that_is_full_while_the_files_are_written_changes_nothing() {
    let mut repo = repo();
    let disk = repo.path().parent().unwrap().join("disk");
    fs::create_dir(&disk).unwrap();
    let place = disk.display().to_string();
    let mut mount = clean_command("mount");
    mount.args(["-t", "tmpfs", "-o", "size=256k", "tmpfs", &place]);
    if !mount.output().is_ok_and(|output| output.status.success()) {
        // Only root may mount: the test of a broken filter stands for the rest.
        return;
    }
    let large = "x".repeat(1 << 20);
    repo.commit(Commit::on("agent/core").file("core/z-large", &large));
    repo.git(&["checkout", "-q", "--detach"]);
    let tree = disk.join("tree");
    repo.git(&["worktree", "add", "-q", &tree.display().to_string(), "main"]);
    let before = repo.refs();
    let run = repo.gate(&["integrate", "--land"]);
    let after = (repo.refs(), status(&repo, &tree));
    unmount(&disk);
    assert_eq!(run.code, 3, "{}", run.stdout);
    assert_eq!(after, (before, String::new()));
}

fn unmount(disk: &Path) {
    let mut umount = clean_command("umount");
    assert!(umount.arg(disk).status().unwrap().success());
}

#[test]
fn a_repository_that_cannot_be_written_is_judged_all_the_same() {
    let mut repo = repo();
    // Both sides have moved, so that there is something to merge.
    repo.commit(Commit::on("main").file("README.md", "more\n"));
    let disk = repo.path().parent().unwrap().join("disk");
    fs::create_dir(&disk).unwrap();
    let place = disk.display().to_string();
    let mount = |options: &[&str]| {
        let mut mount = clean_command("mount");
        mount.args(options).arg(&place);
        mount.output().is_ok_and(|output| output.status.success())
    };
    if !mount(&["-t", "tmpfs", "tmpfs"]) {
        // Only root may mount, and root may write everywhere else.
        return;
    }
    let clone = disk.join("clone");
    repo.git(&["clone", "-q", "--mirror", ".", &clone.display().to_string()]);
    assert!(mount(&["-o", "remount,ro"]));
    let runs = [
        &["check", "branch", "--all"][..],
        &["integrate", "--dry-run"],
    ];
    let runs = runs.map(|arguments| repo.gate_in(&clone, arguments).code);
    let landing = repo.gate_in(&clone, &["integrate"]).code;
    unmount(&disk);
    assert_eq!((runs, landing), ([0, 0], 3));
}

#[test]
fn what_is_ignored_is_somebodys_too() {
    let repo = repo();
    repo.write(".git/info/exclude", "core/new/\n");
    repo.write("core/new/d", "mine\n");
    let before = repo.refs();
    let run = repo.gate(&["integrate", "--land"]).expect(3);
    assert!(run.stdout.contains("core/new/d"), "{}", run.stdout);
    assert_eq!(repo.refs(), before);
    assert_eq!(
        fs::read_to_string(repo.path().join("core/new/d")).unwrap(),
        "mine\n"
    );
}

#[test]
fn a_work_tree_elsewhere_is_found() {
    let repo = repo();
    let elsewhere = repo.path().parent().unwrap().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    repo.git(&["config", "core.worktree", &elsewhere.display().to_string()]);
    repo.git(&["reset", "-q", "--hard"]);
    let file = elsewhere.join("core/a");
    fs::write(&file, "mine\n").unwrap();
    repo.gate(&["integrate", "--land"]).expect(3);
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine\n");
    fs::write(&file, "old\n").unwrap();
    repo.gate(&["integrate", "--land"]).expect(0);
    assert_eq!(fs::read_to_string(&file).unwrap(), "new\n");
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
}

#[test]
fn a_git_directory_elsewhere_is_no_obstacle() {
    let repo = repo();
    let moved = repo.path().parent().unwrap().join("moved.git");
    repo.git(&[
        "init",
        "-q",
        "--separate-git-dir",
        &moved.display().to_string(),
    ]);
    repo.gate(&["integrate", "--land"]).expect(0);
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
}

#[test]
fn several_at_once_land_one_after_the_other() {
    let repo = repo();
    let codes = std::thread::scope(|scope| {
        let land = || repo.gate(&["integrate", "--land"]);
        let runs = [(); 3].map(|()| scope.spawn(land));
        runs.map(|run| run.join().unwrap().code)
    });
    assert_eq!(codes, [0, 0, 0]);
    assert_eq!(status(&repo, &repo.path()), "");
    let merges = repo.git(&["rev-list", "--count", "--first-parent", "main"]);
    assert_eq!(merges, "2", "the manifest and one merge");
}

#[test]
fn a_hook_of_a_landing_may_ask_gate() {
    let repo = repo();
    let hook = repo.path().join(".git/hooks/reference-transaction");
    let gate = env!("CARGO_BIN_EXE_gate");
    // What it asks takes a quarantine. It would wait for the landing that waits for it.
    let script = format!("#!/bin/sh\ntimeout 20 {gate} integrate --dry-run > asked 2>&1\n");
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, script).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    repo.git(&["checkout", "-q", "--detach"]);
    repo.gate(&["integrate", "--land"]).expect(0);
    let asked = fs::read_to_string(repo.path().join("asked")).unwrap();
    assert!(asked.contains("dry run: nothing was written"), "{asked}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_landing_whose_report_cannot_be_written_has_landed() {
    let repo = repo();
    let into_full = |arguments: &[&str]| {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let mut gate = repo.gate_command(&repo.path(), arguments);
        let output = gate.stdout(full).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        let last = said.lines().last().unwrap_or_default().to_owned();
        (output.status.code().unwrap(), last)
    };
    let unsaid = |(code, last): (i32, String)| {
        assert!(
            last.starts_with("gate: cannot write the result: "),
            "{last}"
        );
        code
    };
    let before = repo.id("main");
    // What was not said, nobody knows.
    assert_eq!(unsaid(into_full(&["check", "branch", "--all"])), 3);
    assert_eq!(unsaid(into_full(&["integrate", "--dry-run"])), 3);
    assert_eq!(repo.id("main"), before);
    let (code, last) = into_full(&["integrate", "--land"]);
    assert_eq!(code, 0, "{last}");
    let said = "gate: what was asked for is done, but the result cannot be written: ";
    assert!(last.starts_with(said), "{last}");
    assert_ne!(repo.id("main"), before);
}

#[test]
fn what_a_sparse_checkout_leaves_out_is_left_out() {
    for (sparse_index, patterns) in [
        ("--no-sparse-index", &["--cone", "b"][..]),
        ("--sparse-index", &["--cone", "b"]),
        ("--no-sparse-index", &["--no-cone", "/b/"]),
    ] {
        let manifest = MANIFEST.replace("\"core/\"", "\"a/\", \"b/\", \"c/\"");
        let files = [("a/old", "old\n"), ("a/gone", "old\n"), ("b/old", "old\n")];
        let mut repo = TestRepo::new(&manifest, &files);
        repo.git(&[&["sparse-checkout", "set", sparse_index], patterns].concat());
        let core = Commit::on("agent/core").from("main").delete("a/gone");
        let core = core.file("a/old", "new\n").file("a/new", "new\n");
        repo.commit(core.file("b/new", "new\n").file("c/d/new", "new\n"));
        repo.gate(&["integrate", "--land"]).expect(0);
        let seen = repo.git(&["ls-files", "-t"]);
        assert_eq!(
            seen.replace("S ownership.yaml", "H ownership.yaml"),
            "S a/new\nS a/old\nH b/new\nH b/old\nS c/d/new\nH ownership.yaml"
        );
        assert_eq!(status(&repo, &repo.path()), "");
        for absent in ["a", "c"] {
            assert!(!repo.path().join(absent).exists(), "{absent}");
        }
        assert!(repo.path().join("b/new").exists());
    }
}

#[test]
fn a_checkout_that_is_not_sparse_any_longer_leaves_nothing_out() {
    let file = ".git/info/sparse-checkout";
    let spoil: [fn(&TestRepo); 2] = [
        |repo| repo.write(".git/info/sparse-checkout", "/b/\n"),
        |repo| drop(repo.git(&["config", "core.sparseCheckout", "true"])),
    ];
    for spoil in spoil {
        let repo = repo();
        assert!(!repo.path().join(file).exists());
        spoil(&repo);
        repo.gate(&["integrate", "--land"]).expect(0);
        assert!(repo.path().join("core/new/d").exists());
        assert_eq!(status(&repo, &repo.path()), "");
    }
}
