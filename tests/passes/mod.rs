//! Passes that a clone remembers: what need not be run again, counted by what is run.

mod contradicted;
mod odd;

use crate::support::{Commit, Run, TestRepo};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

/// A command that leaves a line in a file beside the repository whenever it is run, and then does `then`.
pub(crate) fn counted(name: &str, then: &str) -> String {
    format!("echo {name} >> \\\"$HOME/ran\\\"; {then}")
}

/// What was run since this was asked last, in order.
pub(crate) fn ran(repo: &TestRepo) -> Vec<String> {
    let file = repo.path().parent().unwrap().join("ran");
    let text = fs::read_to_string(&file).unwrap_or_default();
    _ = fs::remove_file(&file);
    text.lines().map(str::to_owned).collect()
}

pub(super) fn folder(repo: &TestRepo) -> PathBuf {
    repo.path().join(".git/gate/passes")
}

/// Two agents with commands of their own, that of core as the manifest has it, and a command for the whole.
pub(super) fn repo_with(core: &str) -> TestRepo {
    let manifest = format!(
        "version: 1
agents:
  core:
    branch: agent/core
    owns: [core/]
    verify: [{core}]
  ui:
    branch: agent/ui
    owns: [ui/]
    verify: [\"{}\"]
verify: [\"{}\"]
",
        counted("ui", "test -d ui"),
        counted("whole", "true")
    );
    let mut repo = TestRepo::new(&manifest, &[("README", "text\n")]).without_sandbox();
    for name in ["core", "ui"] {
        let (branch, path) = (format!("agent/{name}"), format!("{name}/a"));
        repo.commit(Commit::on(&branch).from("main").file(&path, "new\n"));
    }
    repo
}

fn repo() -> TestRepo {
    repo_with(&format!("\"{}\"", counted("core", "test -d core")))
}

#[track_caller]
fn integrate(repo: &TestRepo, arguments: &[&str], code: i32) -> Run {
    let mut command = vec!["integrate", "--format", "concise"];
    command.extend(arguments);
    repo.gate(&command).expect(code)
}

#[test]
fn what_passed_is_not_run_again_and_the_report_says_so() {
    let repo = repo();
    let first = integrate(&repo, &["--dry-run"], 0);
    assert_eq!(ran(&repo), ["core", "ui", "whole"]);
    assert!(!first.stdout.contains("not run"), "{}", first.stdout);
    for arguments in [&["--dry-run"][..], &[], &["--land"]] {
        let said = "3 verifications not run again, passed before on the same tree: agent/core, \
                    agent/ui, the whole; ";
        integrate(&repo, arguments, 0).says(said);
        assert_eq!(ran(&repo), [""; 0], "{arguments:?}");
    }
}

#[test]
fn documents_are_the_same_in_every_clone() {
    let repo = repo();
    let integrate = || {
        let arguments = ["integrate", "--dry-run", "--format", "json"];
        repo.gate(&arguments).expect(0).stdout
    };
    let first = integrate();
    assert_eq!(integrate(), first);
    assert_eq!(ran(&repo), ["core", "ui", "whole"]);
}

#[test]
fn fresh_runs_everything_and_takes_back_what_fails_then() {
    let core = "test ! -e \\\"$HOME/broken\\\"";
    let repo = repo_with(&format!("\"{}\"", counted("core", core)));
    integrate(&repo, &["--dry-run"], 0);
    ran(&repo);
    integrate(&repo, &["--dry-run", "--fresh"], 0);
    assert_eq!(ran(&repo), ["core", "ui", "whole"]);
    let broken = repo.path().parent().unwrap().join("broken");
    fs::write(&broken, "").unwrap();
    integrate(&repo, &["--dry-run"], 0);
    assert_eq!(ran(&repo), [""; 0]);
    integrate(&repo, &["--dry-run", "--fresh"], 1);
    ran(&repo);
    // What has failed since is not known to pass any longer.
    integrate(&repo, &["--dry-run"], 1);
    assert_eq!(ran(&repo)[0], "core");
    integrate(&repo, &["--dry-run"], 1);
    assert_eq!(ran(&repo)[0], "core", "failures are never remembered");
}

#[test]
fn the_value_of_a_variable_counts() {
    let core = format!(
        "{{ run: \"{}\", environment: [CC] }}",
        counted("core", "true")
    );
    let repo = repo_with(&core);
    let with = |name: &str, value: &str| {
        let mut command = repo.gate_command(&repo.path(), &["integrate", "--dry-run"]);
        Run::of(command.env(name, value)).expect(0);
        ran(&repo)
    };
    assert_eq!(with("CC", "gcc"), ["core", "ui", "whole"]);
    assert_eq!(with("CC", "clang"), ["core"]);
    assert_eq!(with("CC", "gcc"), [""; 0]);
    // Not one that no command sees.
    with("CC", "gcc");
    assert_eq!(with("LANG", "C"), ["core", "ui", "whole"]);
    assert_eq!(with("OTHER", "x"), ["core"], "CC is not set");
    assert_eq!(with("OTHER", "y"), [""; 0]);
}

#[test]
fn a_pass_after_a_failure_is_not_remembered() {
    let flaky = "test -e \\\"$HOME/second\\\" || { touch \\\"$HOME/second\\\"; false; }";
    let core = format!("{{ run: \"{}\", retries: 1 }}", counted("core", flaky));
    let repo = repo_with(&core);
    let run = integrate(&repo, &["--dry-run"], 0);
    assert!(run.stdout.contains("1 flaky pass"), "{}", run.stdout);
    assert_eq!(ran(&repo), ["core", "core", "ui", "whole"]);
    integrate(&repo, &["--dry-run"], 0);
    assert_eq!(ran(&repo), ["core"]);
    integrate(&repo, &["--dry-run"], 0);
    assert_eq!(ran(&repo), [""; 0]);
}

#[test]
fn the_record_does_not_tell_who_remembered_something() {
    let (one, two) = (repo(), repo());
    for repo in [&one, &two] {
        assert_eq!(repo.id("agent/ui"), one.id("agent/ui"));
    }
    integrate(&one, &["--dry-run"], 0);
    for repo in [&one, &two] {
        integrate(repo, &["--land"], 0);
    }
    assert_eq!(ran(&two), ["core", "ui", "whole"]);
    assert_eq!(one.refs(), two.refs());
    assert!(one.refs().contains_key("refs/gate/last-run"));
    two.gate(&["integrate", "--replay", "last"]).expect(0);
}

/// So many agents in the order of the plan, of which the branch of the one with the number 40 fails.
fn crowd(count: usize) -> TestRepo {
    let mut manifest = String::from("version: 1\nagents:\n");
    for number in 0..count {
        writeln!(
            manifest,
            "  a{number:02}: {{ branch: agent/{number:02}, owns: [\"d{number:02}/\"], verify: [\"{}\"] }}",
            counted(&format!("{number:02}"), &format!("! grep -rq BAD d{number:02}"))
        )
        .unwrap();
    }
    writeln!(manifest, "verify: [\"{}\"]", counted("whole", "true")).unwrap();
    let mut repo = TestRepo::new(&manifest, &[("README", "text\n")]).without_sandbox();
    for number in 0..count {
        let branch = format!("agent/{number:02}");
        let text = if number == 40 { "BAD\n" } else { "good\n" };
        let path = format!("d{number:02}/a");
        repo.commit(Commit::on(&branch).from("main").file(&path, text));
    }
    repo
}

#[test]
fn after_one_of_64_was_mended_only_what_comes_after_it_is_run() {
    let mut repo = crowd(64);
    integrate(&repo, &[], 1);
    assert_eq!(ran(&repo).len(), 65);
    // Nothing has changed: what failed is tried again, and nothing else.
    integrate(&repo, &[], 1);
    assert_eq!(ran(&repo), ["40"]);
    let mended = Commit::on("agent/40").from("main");
    repo.commit(mended.file("d40/a", "good\n"));
    integrate(&repo, &["--land"], 0).says("40 verifications not run again");
    let mut after: Vec<_> = (40..64).map(|number| format!("{number:02}")).collect();
    after.push("whole".to_owned());
    assert_eq!(ran(&repo), after);
}
