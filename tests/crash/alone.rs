//! gate is killed alone, and what it started lives on; and locks of others.

use crate::support::{Commit, TestRepo};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

const MANIFEST: &str = "\
version: 1
agents:
  core:
    branch: agent/core
    owns: [\"core/\"]
";

fn repo() -> TestRepo {
    let mut repo = TestRepo::new(MANIFEST, &[("core/a", "old\n")]);
    repo.commit(
        Commit::on("agent/core")
            .from("main")
            .file("core/a", "new\n"),
    );
    repo
}

#[test]
fn the_next_gate_waits_for_a_git_that_lives_on() {
    let repo = repo();
    // Waits in the middle of the transaction until it is told to go on.
    let hook = repo.path().join(".git/hooks/reference-transaction");
    let wait = "#!/bin/sh\n[ \"$1\" = prepared ] || exit 0\necho >> \"$HOME/waiting\"\n\
                until [ -e \"$HOME/go\" ]; do sleep 0.01; done\n";
    repo.write(".git/hooks/reference-transaction", wait);
    fs::set_permissions(hook, PermissionsExt::from_mode(0o755)).unwrap();
    let home = repo.path().parent().unwrap().to_owned();
    let land = || {
        let mut gate = repo.gate_command(&repo.path(), &["integrate", "--land"]);
        gate.stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let mut first = land();
    let deadline = Instant::now() + Duration::from_secs(20);
    while !home.join("waiting").exists() {
        assert!(Instant::now() < deadline, "the hook is not run");
        std::thread::sleep(Duration::from_millis(5));
    }
    first.kill().unwrap();
    first.wait().unwrap();
    let before = repo.id("main");
    let mut second = land();
    std::thread::sleep(Duration::from_millis(100));
    assert_eq!(second.try_wait().unwrap(), None, "it does not wait");
    assert_eq!(repo.id("main"), before);
    fs::write(home.join("go"), "").unwrap();
    assert!(second.wait().unwrap().success());
    assert_eq!(repo.git(&["show", "main:core/a"]), "new");
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    // It had nothing left to do: the first git went on to its end.
    assert_eq!(repo.git(&["rev-list", "--count", "--merges", "main"]), "1");
}

#[test]
fn locks_and_temporary_objects_of_others_are_left_alone() {
    let refuses = |lock: &str| {
        let repo = repo();
        if lock.contains("reftable") {
            fs::remove_dir_all(repo.path().join(".git/logs")).unwrap();
            if !repo.try_git(&["refs", "migrate", "--ref-format=reftable"]) {
                return; // This git is too old to know them.
            }
        }
        let before = repo.refs();
        for mine in [
            lock,
            "objects/tmp_objdir-other/aa/tmp_obj_1",
            "objects/pack/tmp_pack_1",
        ] {
            repo.write(&format!(".git/{mine}"), "");
        }
        let run = repo
            .gate(&["integrate", "--land", "--format", "json"])
            .expect(3);
        assert!(run.stdout.contains(lock), "{}", run.stdout);
        assert_eq!(repo.refs(), before);
        assert_eq!(repo.git(&["status", "--porcelain"]), "");
        fs::remove_file(repo.path().join(".git").join(lock)).expect("left alone");
        repo.gate(&["integrate", "--land"]).expect(0);
        for mine in [
            "objects/tmp_objdir-other/aa/tmp_obj_1",
            "objects/pack/tmp_pack_1",
        ] {
            assert!(repo.path().join(".git").join(mine).exists(), "{mine}");
        }
    };
    // Each waits for a second: all at once.
    std::thread::scope(|scope| {
        for lock in [
            "refs/heads/main.lock",
            "refs/heads/gate/integration.lock",
            "HEAD.lock",
            "packed-refs.lock",
            "packed-refs.new",
            "index.lock",
            "reftable/tables.list.lock",
        ] {
            scope.spawn(move || refuses(lock));
        }
    });
}
