//! What a clone remembers of the manifest, where gate is killed or fails while it writes that down.

use super::calls::Call;
use super::tracer::{self, Blow};
use crate::kept::{file, manifest, repo};
use crate::support::{Commit, TestRepo};
use nix::errno::Errno;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn paths(folder: &Path, found: &mut BTreeSet<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            paths(&path, found);
        }
        found.insert(path);
    }
}

fn all_paths(repo: &TestRepo) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    paths(&repo.path(), &mut found);
    found
}

#[test]
fn whatever_happens_meanwhile_nothing_else_is_left_and_the_next_answer_is_right() {
    let mut repo = repo();
    // What was kept before is longer: its end has to be cut off.
    let third = "agents:\n  third:\n    branch: [agent/third, agent/fourth]\n";
    let longer = manifest("two/").replace("agents:\n", third);
    repo.commit(Commit::on("main").file("ownership.yaml", &longer));
    repo.gate(&["who", "two/b"]).expect(0);
    let (before, old) = (all_paths(&repo), fs::read(file(&repo)).unwrap());
    repo.commit(Commit::on("main").file("ownership.yaml", &manifest("red/")));
    let with_objects = all_paths(&repo);
    assert!(with_objects.is_superset(&before));
    let asking = || repo.gate_command(&repo.path(), &["who", "two/b"]);
    let undisturbed = tracer::run(&asking(), None, true);
    let new = fs::read(file(&repo)).unwrap();
    assert!(old.len() > new.len());
    let is_about_it = |call: &Call| {
        call.paths
            .iter()
            .any(|path| path.ends_with("gate/manifest"))
    };
    let numbers = 0..undisturbed.calls.len();
    let numbers: Vec<_> = numbers
        .filter(|number| is_about_it(&undisturbed.calls[*number]))
        .collect();
    assert!(numbers.len() >= 3, "opened, written, and cut: {numbers:?}");
    for number in numbers {
        for blow in [
            Blow::KillAllBefore,
            Blow::KillAllAfter,
            Blow::Fail(Errno::ENOSPC),
        ] {
            fs::write(file(&repo), &old).unwrap();
            let run = tracer::run(&asking(), Some((number, blow)), false);
            assert!(run.struck.is_some_and(|call| is_about_it(&call)));
            if matches!(blow, Blow::Fail(_)) {
                assert_eq!((run.code, &run.stdout), (Some(0), &undisturbed.stdout));
            }
            assert_eq!(all_paths(&repo), with_objects, "{blow:?} at {number}");
            let next = repo.gate(&["who", "two/b"]).expect(0);
            assert_eq!(next.stdout, undisturbed.stdout);
            assert_eq!(fs::read(file(&repo)).unwrap(), new, "{blow:?} at {number}");
        }
    }
}
