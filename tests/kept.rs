//! What a clone remembers of the target's manifest: it changes no answer, and outlives nothing that it was
//! made of.

use crate::support::{Commit, Run, TestRepo};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// Two agents, in a manifest that is long enough to be kept. Another text for `owns` must be as long.
pub(crate) fn manifest(owns: &str) -> String {
    let agents = format!(
        "version: 1\nagents:\n  a:\n    branch: agent/a\n    owns: [\"one/\"]\n  \
         b:\n    branch: agent/b\n    owns: [\"{owns}\"]\n"
    );
    format!("{agents}{}", "# Nothing is said here.\n".repeat(200))
}

pub(crate) fn repo() -> TestRepo {
    let mut repo = TestRepo::new(&manifest("two/"), &[("one/a", "a"), ("two/b", "b")]);
    repo.commit(
        Commit::on("agent/a")
            .from("main")
            .file("one/a", "A")
            .file("two/b", "B"),
    );
    repo
}

pub(crate) fn file(repo: &TestRepo) -> PathBuf {
    repo.path().join(".git/gate/manifest")
}

/// Says what is kept in other words, as if gate itself had: whoever can write there can do that.
fn forge(repo: &TestRepo, old: &[u8], new: &[u8]) {
    let sealed = fs::read(file(repo)).unwrap();
    let head = sealed.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    let mut kept = sealed[head..].to_vec();
    let place = kept.windows(old.len()).position(|found| found == old);
    let place = place.expect("the old words");
    kept.splice(place..place + old.len(), new.iter().copied());
    let digest = repo.git_with_input(&["hash-object", "--stdin"], &kept);
    let sealed = [format!("gate 1 {digest}\n").as_bytes(), &kept].concat();
    fs::write(file(repo), sealed).unwrap();
}

/// What follows the name of the integration branch: `unowned: deny`, and `unowned: allow`.
const DENY: &[u8] = b"gate/integration\0";
const ALLOW: &[u8] = b"gate/integration\x02";

/// Whether the answer is the forged one.
fn is_believed(repo: &TestRepo) -> bool {
    let answer = repo.gate(&["who", "nobodys"]).expect(0).stdout;
    let (deny, allow) = (
        answer.contains("`unowned: deny`"),
        answer.contains("`unowned: allow`"),
    );
    assert_ne!(deny, allow, "{answer}");
    allow
}

#[test]
fn every_answer_is_the_same_from_memory() {
    let repo = repo();
    let commands: [&[&str]; 5] = [
        &["who", "one/a", "two/b", "ownership.yaml"],
        &["check", "branch", "agent/a"],
        &["check", "branch", "agent/a", "--format", "json"],
        &["check", "branch", "--all", "--format", "sarif"],
        &["plan"],
    ];
    for command in commands {
        _ = fs::remove_file(file(&repo));
        let first = repo.gate(command);
        assert!(file(&repo).exists(), "{command:?}");
        let second = repo.gate(command);
        let said = |run: &Run| (run.code, run.stdout.clone(), run.stderr.clone());
        assert_eq!(said(&first), said(&second), "{command:?}");
    }
    // It is what answers.
    assert!(!is_believed(&repo));
    forge(&repo, DENY, ALLOW);
    assert!(is_believed(&repo));
}

#[test]
fn another_manifest_is_read_and_takes_the_place_of_the_first() {
    let mut repo = repo();
    repo.gate(&["who", "two/b"]).expect(0);
    forge(&repo, DENY, ALLOW);
    repo.commit(Commit::on("main").file("ownership.yaml", &manifest("red/")));
    assert!(!is_believed(&repo));
    let asked = |path| repo.gate(&["who", path]).expect(0);
    asked("red/b").says("owned by b");
    asked("two/b").says("claimed by nobody");
    // One manifest is kept: the first one is read anew.
    repo.git(&["update-ref", "refs/heads/main", "main~1"]);
    assert!(!is_believed(&repo));
}

#[test]
fn what_is_damaged_or_of_another_program_is_not_believed() {
    let repo = repo();
    repo.gate(&["who", "two/b"]).expect(0);
    let whole = fs::read(file(&repo)).unwrap();
    forge(&repo, DENY, ALLOW);
    let forged = fs::read(file(&repo)).unwrap();
    for place in [0, forged.len() / 2, forged.len() - 1] {
        let mut damaged = forged.clone();
        damaged[place] ^= 1;
        fs::write(file(&repo), damaged).unwrap();
        assert!(!is_believed(&repo), "byte {place}");
        assert_eq!(fs::read(file(&repo)).unwrap(), whole, "kept again");
    }
    let program = fs::metadata(env!("CARGO_BIN_EXE_gate")).unwrap();
    let (size, time) = (program.len(), program.mtime());
    for (old, new) in [
        (
            format!("\n{}\n", env!("CARGO_PKG_VERSION")),
            "\n0.0.0\n".into(),
        ),
        ("/gate ".into(), "/goat ".into()),
        (format!(" {size} "), format!(" {} ", size + 1)),
        (format!(" {time}."), format!(" {}.", time - 1)),
    ] {
        fs::write(file(&repo), &forged).unwrap();
        forge(&repo, old.as_bytes(), new.as_bytes());
        assert!(!is_believed(&repo), "{old:?}");
    }
    fs::write(file(&repo), &forged).unwrap();
    assert!(is_believed(&repo), "without any of that");
}

#[test]
fn where_nothing_can_be_kept_nothing_is_missing() {
    let repo = repo();
    let folder = repo.path().join(".git/gate");
    fs::write(&folder, "in the way").unwrap();
    for _ in 0..2 {
        let run = repo.gate(&["who", "two/b"]).expect(0);
        let run = run.says("owned by b");
        assert_eq!(run.stderr, "");
    }
    assert_eq!(fs::read(&folder).unwrap(), b"in the way");
}

#[test]
fn what_nobody_may_judge_by_is_not_kept() {
    let mut repo = repo();
    let wrong = manifest("two/").replace("version: 1", "version: 1\ntarget: trunk");
    for (manifest, says) in [
        (manifest("one/"), "overlap"),
        (manifest("[two"), "invalid-pattern"),
        (wrong, "other-target"),
    ] {
        repo.commit(Commit::on("main").file("ownership.yaml", &manifest));
        let run = repo.gate(&["who", "two/b"]).expect(2);
        assert!(
            run.stderr.contains(says) || run.stdout.contains(says),
            "{says}"
        );
        assert!(!file(&repo).exists(), "{says}");
    }
    // Nor what is still being written.
    repo.commit(Commit::on("main").delete("ownership.yaml"));
    repo.write("ownership.yaml", &manifest("two/"));
    repo.gate(&["who", "two/b"]).expect(0);
    assert!(!file(&repo).exists());
}

#[test]
fn whoever_checks_the_manifest_has_it_proven_anew() {
    let mut repo = repo();
    repo.gate(&["who", "two/b"]).expect(0);
    let id = |repo: &TestRepo| repo.git(&["rev-parse", "main:ownership.yaml"]);
    let disjoint = id(&repo);
    repo.commit(Commit::on("main").file("ownership.yaml", &manifest("one/")));
    let overlapping = id(&repo);
    forge(&repo, disjoint.as_bytes(), overlapping.as_bytes());
    repo.gate(&["who", "two/b"]).expect(0);
    repo.gate(&["check", "manifest"]).expect(2).says("overlap");
}

#[test]
fn a_short_manifest_is_not_kept() {
    let short = manifest("two/").replace("# Nothing is said here.\n", "");
    let repo = TestRepo::new(&short, &[]);
    repo.gate(&["who", "two/b"]).expect(0);
    assert!(!file(&repo).exists());
}
