//! Verify commands: what they start ends with them, and who is to blame for what.

use crate::support::{Commit, Run, TestRepo, clean_command};
use std::fs;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const MANIFEST: &str = r"version: 1
agents:
  core:
    branch: agent/core
    owns: [core/]
    verify: VERIFY
";

/// A repository with a branch whose verification is `verify`, as the manifest writes it.
pub(crate) fn repo(verify: &str) -> TestRepo {
    let manifest = MANIFEST.replace("VERIFY", verify);
    let mut repo = TestRepo::new(&manifest, &[("core/a.rs", "a")]);
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    fs::create_dir(temporary(&repo)).unwrap();
    repo
}

/// The temporary folder of the programs that a test runs.
pub(crate) fn temporary(repo: &TestRepo) -> PathBuf {
    repo.path().parent().unwrap().join("temporary")
}

pub(crate) fn gate(repo: &TestRepo, arguments: &[&str]) -> Command {
    let mut command = repo.gate_command(&repo.path(), arguments);
    command.env("TMPDIR", temporary(repo));
    command
}

pub(crate) fn integrate(repo: &TestRepo) -> Run {
    Run::of(&mut gate(
        repo,
        &["integrate", "--land", "--format", "full"],
    ))
}

/// The same for commands that have business outside of their own folders.
pub(crate) fn integrate_without_sandbox(repo: &TestRepo) -> Run {
    let arguments = [
        "integrate",
        "--land",
        "--format",
        "full",
        "--sandbox",
        "off",
    ];
    Run::of(&mut gate(repo, &arguments))
}

/// `sleep` for a number of seconds that nobody else on this machine sleeps.
pub(crate) fn sleep(salt: u32) -> String {
    format!("sleep {}", 1_000_000 + 10 * std::process::id() + salt)
}

/// Waits until `condition` holds.
#[track_caller]
fn eventually(what: &str, condition: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !condition() {
        assert!(Instant::now() < deadline, "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) fn runs(line: &str) -> bool {
    let output = clean_command("ps").args(["-eo", "args"]).output().unwrap();
    String::from_utf8_lossy(&output.stdout).contains(line)
}

/// Nothing is left of a run but its logs and passes: no folder of a checkout and no quarantine.
#[track_caller]
pub(crate) fn nothing_is_left(repo: &TestRepo) {
    let names = |folder: PathBuf| -> Vec<_> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name()).collect()
    };
    let mut kept = repo.kept_by_gate();
    // The logs of verify commands and what passed are kept.
    kept.retain(|name| !["logs", "passes"].contains(&name.as_str()));
    assert_eq!(kept, ["lock", "quarantines"]);
    assert_eq!(names(temporary(repo)), [""; 0]);
}

#[test]
#[cfg(target_os = "linux")]
fn what_leaves_the_group_ends_with_the_command() {
    for (salt, line, code, end) in [
        (
            0,
            "setsid SLEEP & true",
            "verify-left-processes",
            "left a process behind",
        ),
        (
            1,
            "setsid sh -c 'SLEEP & SLEEP' & exit 0",
            "verify-left-processes",
            "left 3 processes behind",
        ),
        (
            2,
            "setsid SLEEP & exit 3",
            "verify-failed",
            "ended with exit code 3",
        ),
        (
            3,
            "setsid SLEEP & sleep 100",
            "verify-timeout",
            "did not end within 1 second\n",
        ),
        (
            4,
            "trap '' TERM; (SLEEP; true) & setsid SLEEP & exit 0",
            "verify-left-processes",
            "left 3",
        ),
    ] {
        let sleep = sleep(salt);
        let line = line.replace("SLEEP", &sleep);
        let repo = repo(&format!("[{{ run: \"{line}\", timeout: 1s }}]"));
        let run = integrate(&repo).expect(1);
        let said = run.stdout.replace("\n  │ ", " ");
        assert!(said.contains(&format!("refused[{code}]")), "{line}: {said}");
        assert!(said.contains(end), "{line}: {said}");
        assert!(!runs(&sleep), "{line}");
        nothing_is_left(&repo);
    }
}

#[test]
fn what_is_left_in_the_group_fails_the_command() {
    let sleep = sleep(5);
    let repo = repo(&format!("[\"{sleep} & true\"]"));
    integrate(&repo).expect(1).says("[verify-left-processes]");
    assert!(!runs(&sleep));
}

#[test]
fn what_ends_a_moment_later_is_not_left_behind() {
    integrate(&repo("[\"sleep 0.1 & true\"]")).expect(0);
}

/// Whether a command has printed `started`.
fn has_started(repo: &TestRepo) -> bool {
    let entries = |folder: PathBuf| fs::read_dir(folder).into_iter().flatten().flatten();
    let runs = entries(repo.path().join(".git/gate/logs"));
    let mut logs = runs.flat_map(|run| entries(run.path()));
    logs.any(|log| fs::read(log.path()).is_ok_and(|text| text.starts_with(b"started\n")))
}

/// Starts a landing whose command says `started` and then sleeps, and waits until it does.
fn started(repo: &TestRepo) -> Child {
    let mut command = gate(repo, &["integrate", "--land", "--format", "json"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null());
    let child = child.spawn().unwrap();
    eventually("the command runs", || has_started(repo));
    child
}

#[test]
fn a_signal_ends_everything_that_was_begun() {
    let signals = [(2, "INT"), (15, "TERM"), (1, "HUP")];
    // What is ignored here, as under nohup, is ignored by whatever is started from here.
    for (number, signal) in signals
        .into_iter()
        .filter(|(number, _)| !is_ignored(*number))
    {
        let sleep = sleep(10 + number);
        // In two processes: the one that gate starts, and a child of it.
        let line = format!("echo started; {sleep}; true");
        let repo = repo(&format!("[\"{line}\"]"));
        let before = repo.refs();
        let child = started(&repo);
        let pid = child.id().to_string();
        let name = format!("-{signal}");
        assert!(
            clean_command("kill")
                .args([&name, &pid])
                .status()
                .unwrap()
                .success()
        );
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        let code = i32::try_from(128 + number).unwrap();
        assert_eq!(output.status.code(), Some(code), "{said}");
        assert!(said.contains(&format!("\"exit_code\":{code},")), "{said}");
        assert!(said.contains("\"code\":\"interrupted\""), "{said}");
        assert!(!runs(&sleep), "{signal}");
        nothing_is_left(&repo);
        assert_eq!(before, repo.refs());
    }
}

/// Whether this process ignores a signal; where nothing tells, it does not.
fn is_ignored(number: u32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.map(|mask| u64::from_str_radix(mask.trim(), 16).unwrap());
    mask.is_some_and(|mask| mask >> (number - 1) & 1 == 1)
}

#[test]
#[cfg(target_os = "linux")]
fn a_signal_that_is_ignored_stays_ignored() {
    let repo = repo("[\"echo started; sleep 0.3\"]");
    let gate = gate(&repo, &[]);
    let mut shell = clean_command("sh");
    let line = format!(
        "trap '' HUP; exec {:?} integrate --land",
        gate.get_program()
    );
    shell
        .args(["-c", &line])
        .current_dir(repo.path())
        .env("TMPDIR", temporary(&repo));
    let child = shell
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    eventually("the command runs", || has_started(&repo));
    let pid = child.id().to_string();
    assert!(
        clean_command("kill")
            .args(["-HUP", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
}

#[test]
fn if_gate_is_killed_the_command_ends_and_the_next_run_cleans_up() {
    let sleep = sleep(30);
    let line = format!("echo started; {sleep}; true");
    let mut repo = repo(&format!("[\"{line}\"]"));
    let mut child = started(&repo);
    child.kill().unwrap();
    child.wait().unwrap();
    eventually("the command ends", || !runs(&sleep));
    let folders = fs::read_dir(temporary(&repo)).unwrap();
    let folders: Vec<_> = folders.map(|entry| entry.unwrap().file_name()).collect();
    // The checkout, and the temporary folder of the command.
    assert_eq!(folders.len(), 2);
    for folder in &folders {
        assert!(folder.to_string_lossy().starts_with("gate-"), "{folder:?}");
    }
    let manifest = MANIFEST.replace("VERIFY", "[\"true\"]");
    repo.commit(Commit::on("main").file("ownership.yaml", &manifest));
    repo.git(&["reset", "-q", "--hard"]);
    // Wherever the next run has its temporary folder.
    repo.gate(&["integrate", "--land"]).expect(0);
    nothing_is_left(&repo);
}

#[test]
fn git_finds_the_throw_away_repository_and_no_other() {
    let line = "cd core && git rev-parse HEAD && cd .. && rm -rf .git && ! git rev-parse HEAD";
    let repo = repo(&format!("[\"{line}\"]"));
    // A temporary folder that lies inside the repository.
    let inside = repo.path().join("inside");
    fs::create_dir(&inside).unwrap();
    fs::write(repo.path().join(".git/info/exclude"), "inside/\n").unwrap();
    let mut command = gate(&repo, &["integrate", "--land"]);
    Run::of(command.env("TMPDIR", &inside)).expect(0);
}

#[test]
fn a_command_that_cannot_be_started_is_an_outage() {
    let mut repo = repo("[\"true\", no-such-program]");
    repo.git(&["branch", "agent/other", "agent/core"]);
    let said = integrate(&repo).expect(1);
    said.says("undecided[verify-not-started]")
        .says("out through an outage, nobody's fault: agent/core");
    // The same command, taken away by the branch.
    let manifest = MANIFEST.replace("VERIFY", "[core/check]") + "    trusted_with: [core/check]\n";
    let first = Commit::on("main").file("ownership.yaml", &manifest);
    repo.commit(first.entry("core/check", "100755", b"#!/bin/sh\n"));
    repo.git(&["reset", "-q", "--hard"]);
    repo.commit(Commit::on("agent/core").from("main").delete("core/check"));
    integrate(&repo)
        .expect(1)
        .says("refused[verify-failed]")
        .says("out through their own fault: agent/core");
}

#[test]
fn the_end_of_an_output_is_one_block() {
    let repo = repo("[\"seq 1 50; printf 'a\\\\033[2Jb\\\\n'; false\"]");
    let run = integrate(&repo).expect(1);
    let block: Vec<_> = (32..=50).map(|number| format!("  | {number}\n")).collect();
    let block = format!(
        "  output: (31 lines left out)\n{}  | a\\x1b[2Jb\n",
        block.concat()
    );
    assert!(run.stdout.contains(&block), "{block}{}", run.stdout);
    let json = Run::of(&mut gate(&repo, &["integrate", "--format", "json"]));
    json.says("\"output\":{\"left_out\":31,\"lines\":[\"32\",");
    let github = Run::of(&mut gate(&repo, &["integrate", "--format", "github"]));
    github.says("%0Aoutput: (31 lines left out)%0A32%0A");
}

#[test]
fn uncommitted_work_in_the_way_is_no_outage() {
    let repo = repo("[\"true\"]");
    repo.write("core/b.rs", "precious");
    let run = integrate(&repo).expect(3);
    assert!(!run.stdout.contains("outage"), "{}", run.stdout);
    run.says("in the way of landing: work-tree-dirty");
}

#[test]
fn a_command_whose_file_cannot_be_told_is_remarked_upon() {
    for (verify, remarked) in [("'\"$DIR/run.sh\"'", true), ("cd core && ./a.rs", false)] {
        let repo = repo(&format!("[{verify}]"));
        let run = repo
            .gate(&["check", "manifest", "--format", "concise"])
            .expect(0);
        assert_eq!(
            run.stdout.contains("warning[unclear-command]"),
            remarked,
            "{}",
            run.stdout
        );
    }
    let mut repo = repo("[cd core && ./a.rs]");
    repo.commit(Commit::on("agent/core").file("core/a.rs", "b"));
    repo.gate(&["check", "branch", "--all"])
        .expect(1)
        .says("refused[protected]");
}
