//! What is not exactly as gate wrote it is not there, and what cannot be kept is no matter.

use super::{folder, integrate, ran, repo};
use crate::support::{Run, TestRepo};
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// What somebody makes of a file.
type Damage = fn(&[u8]) -> Vec<u8>;

/// Whether everything is run again, and kept again.
#[track_caller]
fn runs_everything(repo: &TestRepo, what: &str) {
    integrate(repo, &["--dry-run"], 0);
    assert_eq!(ran(repo), ["core", "ui", "whole"], "{what}");
    integrate(repo, &["--dry-run"], 0);
    assert_eq!(ran(repo), [""; 0], "{what}");
}

#[test]
fn passes_that_somebody_touched_are_none() {
    let repo = repo();
    integrate(&repo, &["--dry-run"], 0);
    ran(&repo);
    let passes = || -> Vec<_> {
        let entries = fs::read_dir(folder(&repo)).unwrap();
        entries.map(|entry| entry.unwrap().path()).collect()
    };
    assert_eq!(passes().len(), 3);
    let damages: [(&str, Damage); 5] = [
        ("empty", |_| Vec::new()),
        ("cut", |whole| whole[..whole.len() - 1].to_vec()),
        ("longer", |whole| [whole, b"\n"].concat()),
        ("other platform", |whole| {
            let text = String::from_utf8_lossy(whole);
            text.replace("platform ", "platform other-").into_bytes()
        }),
        ("no text", |_| vec![0xff; 1000]),
    ];
    for (what, damage) in damages {
        for path in passes() {
            let whole = fs::read(&path).unwrap();
            fs::write(&path, damage(&whole)).unwrap();
        }
        runs_everything(&repo, what);
    }
    // One in the place of another.
    let contents: Vec<_> = passes()
        .iter()
        .map(|path| fs::read(path).unwrap())
        .collect();
    for (at, path) in passes().iter().enumerate() {
        fs::write(path, &contents[(at + 1) % 3]).unwrap();
    }
    runs_everything(&repo, "swapped");
}

#[test]
fn where_no_pass_can_be_kept_all_goes_on() {
    let repo = repo();
    integrate(&repo, &["--dry-run"], 0);
    ran(&repo);
    fs::remove_dir_all(folder(&repo)).unwrap();
    fs::write(folder(&repo), "a file").unwrap();
    for _ in 0..2 {
        integrate(&repo, &["--dry-run"], 0);
        assert_eq!(ran(&repo), ["core", "ui", "whole"]);
    }
}

#[test]
fn what_ends_while_gate_is_asked_to_end_is_not_kept() {
    // The command itself asks, and passes.
    let ask = "kill -TERM $(ps -o ppid= -p $PPID); sleep 0.3";
    let repo = super::repo_with(&format!("\"{}\"", super::counted("core", ask)));
    let mut command = repo.gate_command(&repo.path(), &["integrate", "--dry-run"]);
    Run::of(&mut command).expect(143);
    assert_eq!(ran(&repo), ["core"]);
    assert!(!folder(&repo).exists());
}

#[test]
fn a_secret_is_not_in_what_is_kept() {
    let repo = super::repo_with("{ run: \"true\", environment: [TOKEN] }");
    let mut command = repo.gate_command(&repo.path(), &["integrate", "--dry-run"]);
    Run::of(command.env("TOKEN", "hush-hush")).expect(0);
    for entry in fs::read_dir(folder(&repo)).unwrap() {
        let text = fs::read_to_string(entry.unwrap().path()).unwrap();
        assert!(text.starts_with("gate pass 1\nplatform "), "{text}");
        assert!(!text.contains("hush"), "{text}");
    }
    let mode = fs::metadata(folder(&repo)).unwrap().permissions().mode();
    assert_eq!(mode & 0o700, 0o700);
}
