//! Who breaks what all branches have to pass together, and how many runs it takes to find out.

use crate::support::{Commit, Run, TestRepo};
use std::fmt::Write as _;
use std::fs;

/// Agents `a10` to `a21`, whose files hold `contents`; the whole is verified by `line`, which writes down how
/// many of them are in.
fn repo(contents: impl Fn(usize) -> &'static str, line: &str) -> TestRepo {
    let mut manifest = "version: 1\nagents:\n".to_owned();
    let agents = || (10..22).map(|number| (number, format!("a{number}")));
    for (_, agent) in agents() {
        _ = writeln!(
            manifest,
            "  {agent}: {{ branch: agent/{agent}, owns: [{agent}/] }}"
        );
    }
    _ = writeln!(
        manifest,
        "verify: [\"ls -d a* 2>&- | wc -l >> $CARGO_HOME/log; {line}\"]"
    );
    let mut repo = TestRepo::new(&manifest, &[("README", "a")]);
    for (number, agent) in agents() {
        let (branch, file) = (format!("agent/{agent}"), format!("{agent}/file"));
        repo.commit(
            Commit::on(&branch)
                .from("main")
                .file(&file, contents(number)),
        );
    }
    repo
}

/// Integrates and then replays; also how many branches were in what was verified, run by run.
#[track_caller]
fn integrate(repo: &TestRepo, code: i32) -> (Run, Vec<u32>) {
    let log = repo.path().join("log");
    let arguments = ["integrate", "--land", "--format", "concise"];
    let mut command = repo.gate_command(&repo.path(), &arguments);
    let run = Run::of(
        command
            .env("CARGO_HOME", repo.path())
            .env("GATE_SANDBOX", "off"),
    )
    .expect(code);
    let runs = fs::read_to_string(&log).unwrap();
    if code < 2 {
        repo.gate(&["integrate", "--replay", "last"]).expect(0);
    }
    let runs = runs.lines().map(|line| line.trim().parse().unwrap());
    (run, runs.collect())
}

const IS_GOOD: &str = "! grep -rqs BROKEN a*";

#[test]
fn a_culprit_is_found_in_few_runs_and_what_follows_is_verified_with_what_passes() {
    let broken = |number| if number == 17 { "BROKEN" } else { "good" };
    let (run, runs) = integrate(&repo(broken, IS_GOOD), 1);
    run.says("a17 breaks the verification of the whole")
        .says("agent/a21: merged");
    // All twelve, the prefixes around the eighth, and then the rest without it.
    assert_eq!(runs, [12, 4, 7, 9, 8, 11]);
}

#[test]
fn where_many_fail_they_are_verified_one_by_one() {
    let (run, runs) = integrate(&repo(|_| "BROKEN", IS_GOOD), 1);
    run.says("12 ejected");
    assert_eq!(runs[runs.len() - 6..], [1; 6]);
    assert!(runs.len() <= 20, "{runs:?}");
}

#[test]
fn what_a_later_branch_mends_is_nobodys_fault() {
    let content = |number| match number {
        12 => "BROKEN",
        18 => "MENDED",
        _ => "good",
    };
    let line = "! grep -rqs BROKEN a* || grep -rqs MENDED a*";
    let (_, runs) = integrate(&repo(content, line), 0);
    assert_eq!(runs, [12]);
}

#[test]
fn a_target_that_the_first_branch_mends_does_not_hide_who_breaks_it_again() {
    let content = |number| match number {
        10 => "MENDED",
        14 => "BROKEN",
        _ => "good",
    };
    let line = "grep -rqs MENDED a* && ! grep -rqs BROKEN a*";
    let (run, _) = integrate(&repo(content, line), 1);
    run.says("a14 breaks the verification of the whole")
        .says("agent/a10: merged");
}

#[test]
fn what_cannot_be_run_is_tried_on_the_target_at_once() {
    let (run, runs) = integrate(&repo(|_| "good", "no-such-program"), 3);
    run.says("cannot be verified");
    assert_eq!(runs, [12, 0]);
}
