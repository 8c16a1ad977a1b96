//! `--jobs N`: the same result with several verifications at a time, and nothing left of those that were
//! in vain.

use crate::support::{Commit, Run, TestRepo, clean_command};
use crate::verify::{gate, nothing_is_left, runs, sleep, temporary};
use std::fmt::Write as _;
use std::fs;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// How many branches there are.
const BRANCHES: usize = 8;

/// Agents `a0` to `a7`, each with its file, whose content is `contents`; `verify` is that of each, `rest`
/// comes behind them.
fn repo(contents: &[&str; BRANCHES], verify: &str, rest: &str) -> TestRepo {
    let mut manifest = "version: 1\nagents:\n".to_owned();
    for number in 0..BRANCHES {
        _ = write!(
            manifest,
            "  a{number}:\n    branch: agent/a{number}\n    owns: [a{number}/]\n    verify: {}\n",
            verify.replace("OWN", &format!("a{number}"))
        );
    }
    let mut repo = TestRepo::new(&(manifest + rest), &[("README", "a")]);
    for (number, content) in contents.iter().enumerate() {
        let (branch, file) = (format!("agent/a{number}"), format!("a{number}/file"));
        repo.commit(Commit::on(&branch).from("main").file(&file, content));
    }
    fs::create_dir(temporary(&repo)).unwrap();
    repo
}

const GOOD: [&str; BRANCHES] = ["good"; BRANCHES];

fn integrate(repo: &TestRepo, jobs: &str, format: &str) -> Run {
    let arguments = [
        "integrate",
        "--sandbox",
        "off",
        "--fresh",
        "--jobs",
        jobs,
        "--format",
        format,
    ];
    Run::of(
        gate(repo, &arguments)
            .env("CARGO_HOME", repo.path())
            .env("GATE_SANDBOX", "off"),
    )
}

/// The logs of the last run, each with its content.
fn logs(repo: &TestRepo) -> Vec<(String, String)> {
    let home = repo.path().join(".git/gate/logs");
    let mut logs = Vec::new();
    for folder in fs::read_dir(home).unwrap() {
        for log in fs::read_dir(folder.unwrap().path()).unwrap() {
            let log = log.unwrap();
            let name = log.file_name().into_string().unwrap();
            logs.push((name, fs::read_to_string(log.path()).unwrap()));
        }
    }
    logs.sort();
    logs
}

#[test]
fn the_result_the_record_and_the_logs_are_those_of_one_at_a_time() {
    let rest = "checkpoints:\n  - after: [a1, a3]\n    verify: [\"echo point; ! grep -rqs CLASH a*\"]\n\
                verify: [\"echo all; ! grep -rqs BROKEN a*\"]\n";
    let verify = "[\"echo OWN; ! grep -rqs FAIL OWN\", { run: \"grep -rqs FLAKY OWN || exit 0; test \
                  -e $CARGO_HOME/tried || { touch $CARGO_HOME/tried; exit 1; }\", retries: 1 }]";
    let some = [
        "good", "good", "CLASH", "FLAKY", "BROKEN", "FAIL", "good", "BROKEN",
    ];
    for (on_failure, several) in [("eject", ["1", "8"]), ("stop", ["1", "3"])] {
        let rest = format!("{rest}on_failure: {on_failure}\n");
        let repo = repo(&some, verify, &rest);
        let mut first = None;
        for jobs in several {
            let _ = fs::remove_dir_all(repo.path().join(".git/gate/logs"));
            let _ = fs::remove_file(repo.path().join("tried"));
            let run = integrate(&repo, jobs, "json");
            let record = repo.id("refs/gate/last-run");
            let found = (run.code, run.stdout, record, logs(&repo));
            let first = first.get_or_insert_with(|| found.clone());
            assert_eq!(found, *first, "{on_failure}, {jobs} at a time");
            repo.gate(&["integrate", "--replay", "last"]).expect(0);
        }
        // The same where passes are remembered: what is known is told, and not run again.
        let all = first.map(|(.., logs)| logs.len());
        let again = ["1", "8"].map(|jobs| {
            let _ = fs::remove_dir_all(repo.path().join(".git/gate/logs"));
            let _ = fs::remove_file(repo.path().join("tried"));
            let mut command = gate(&repo, &["integrate", "--jobs", jobs, "--format", "full"]);
            let run = Run::of(
                command
                    .env("CARGO_HOME", repo.path())
                    .env("GATE_SANDBOX", "off"),
            );
            let (record, logs) = (repo.id("refs/gate/last-run"), logs(&repo));
            assert!(Some(logs.len()) < all);
            (run.code, run.stdout, record, logs)
        });
        assert_eq!(again[0], again[1], "{on_failure}, remembered");
    }
}

#[test]
fn several_run_at_a_time_and_no_more_than_that() {
    // Each waits until four have been there, and says so where there are more than four.
    let verify = "[{ run: \"cd $CARGO_HOME/met; mkdir now/$$ ever/$$; i=0; while [ $(ls ever | wc -l) \
                  -lt 4 ]; do i=$((i+1)); [ $i -lt 500 ] || exit 1; sleep 0.02; done; [ $(ls now | \
                  wc -l) -le 4 ] || touch many; sleep 0.1; rmdir now/$$\", timeout: 30s }]";
    let repo = repo(&GOOD, verify, "");
    let met = repo.path().join("met");
    for folder in ["now", "ever"] {
        fs::create_dir_all(met.join(folder)).unwrap();
    }
    integrate(&repo, "4", "concise").expect(0);
    assert!(!met.join("many").exists());
}

#[test]
fn a_wrong_guess_is_ended_with_all_its_processes() {
    // The others would wait for ever on top of the first one, which fails.
    let sleep = sleep(70);
    let verify = format!(
        "[\"test -d a0 || exit 0; test OWN != a0 || {{ sleep 0.5; exit 1; }}; setsid {sleep}\"]"
    );
    let repo = repo(&GOOD, &verify, "");
    let run = integrate(&repo, "8", "concise").expect(1);
    run.says("agent/a0: ejected").says("agent/a7: merged");
    assert!(!runs(&sleep));
    nothing_is_left(&repo);
    assert_eq!(logs(&repo).len(), BRANCHES);
}

#[test]
fn none_at_a_time_is_refused() {
    let repo = repo(&GOOD, "[\"true\"]", "");
    for jobs in ["0", "-1", "many"] {
        let run = integrate(&repo, jobs, "concise").expect(2);
        assert!(run.stderr.contains("--jobs"), "{}", run.stderr);
    }
    repo.gate(&["integrate", "--replay", "last", "--jobs", "2"])
        .expect(2);
}

/// Starts an integration of which eight commands say that they run and then sleep; returns once they do.
fn started(repo: &TestRepo) -> Child {
    let mut command = gate(
        repo,
        &[
            "integrate",
            "--sandbox",
            "off",
            "--jobs",
            "8",
            "--format",
            "json",
        ],
    );
    command
        .env("CARGO_HOME", repo.path())
        .env("GATE_SANDBOX", "off");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::null());
    let child = child.spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(20);
    while fs::read_dir(repo.path().join("met")).unwrap().count() < BRANCHES {
        assert!(Instant::now() < deadline, "not all of them run");
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

/// Eight that sleep, in two processes each, one of which leaves its group.
fn sleeping(sleep: &str) -> TestRepo {
    let verify = format!("[\"touch $CARGO_HOME/met/$$; setsid {sleep} & {sleep}; true\"]");
    let repo = repo(&GOOD, &verify, "");
    fs::create_dir(repo.path().join("met")).unwrap();
    repo
}

#[test]
fn a_signal_ends_all_of_them() {
    let sleep = sleep(71);
    let repo = sleeping(&sleep);
    let before = repo.refs();
    let child = started(&repo);
    let pid = child.id().to_string();
    let kill = clean_command("kill").args(["-TERM", &pid]).status();
    assert!(kill.unwrap().success());
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(143), "{said}");
    assert!(said.contains("\"code\":\"interrupted\""), "{said}");
    assert!(!runs(&sleep));
    nothing_is_left(&repo);
    assert_eq!(before, repo.refs());
}

#[test]
#[cfg(target_os = "linux")]
fn if_gate_is_killed_all_of_them_end() {
    let sleep = sleep(72);
    let repo = sleeping(&sleep);
    let mut child = started(&repo);
    child.kill().unwrap();
    child.wait().unwrap();
    let deadline = Instant::now() + Duration::from_secs(10);
    while runs(&sleep) {
        assert!(Instant::now() < deadline, "some are left");
        std::thread::sleep(Duration::from_millis(20));
    }
    // The next run takes away what is left of the folders.
    let mut repo = repo;
    repo.commit(Commit::on("main").delete("ownership.yaml"));
    repo.commit(Commit::on("main").file(
        "ownership.yaml",
        "version: 1\nagents:\n  a0: { branch: agent/a0, owns: [a0/] }\n",
    ));
    repo.git(&["reset", "-q", "--hard"]);
    integrate(&repo, "8", "concise").expect(0);
    nothing_is_left(&repo);
}

#[test]
fn each_of_them_is_told_on_a_line_of_its_own() {
    let repo = repo(&GOOD, "[\"true\"]", "verify: [\"true\", \"exit 0\"]\n");
    let run = integrate(&repo, "3", "concise").expect(0);
    let mut told: Vec<_> = run.stderr.lines().map(str::to_owned).collect();
    assert_eq!(told.pop().unwrap(), "verifying the whole: exit 0");
    told.sort();
    // How much is to come depends on who was faster.
    let begins =
        |line: &str, number: usize| line.starts_with(&format!("verifying agent/a{number}: true"));
    for (number, line) in told[..BRANCHES].iter().enumerate() {
        assert!(begins(line, number), "{told:?}");
    }
    assert_eq!(told[BRANCHES..], ["verifying the whole: true (1 to come)"]);
}

#[test]
fn milestones_are_verified_several_at_a_time_as_one_by_one() {
    let manifest = "version: 1
agents:
  core: { branch: agent/core, owns: [core/], verify: [\"! grep -rqs FAIL core\"] }
  ui: { branch: agent/ui, owns: [ui/], depends_on: [core@api], verify: [\"! grep -rqs FAIL ui\"] }
  docs: { branch: agent/docs, owns: [docs/], depends_on: [core@io], verify: ['true'] }
verify: [\"! grep -rqs BROKEN core ui docs\"]
";
    for (whole, ui, io) in [
        ("FAIL", "good", "good"),
        ("BROKEN", "FAIL", "good"),
        ("good", "good", "BROKEN"),
    ] {
        let mut repo = TestRepo::new(manifest, &[("README", "a")]);
        let core = Commit::on("agent/core").from("main");
        repo.commit(core.file("core/api", "good"));
        repo.gate(&["publish", "core", "--milestone", "api"])
            .expect(0);
        repo.commit(Commit::on("agent/core").file("core/io", io));
        repo.gate(&["publish", "core", "--milestone", "io"])
            .expect(0);
        repo.commit(Commit::on("agent/core").file("core/all", whole));
        for (name, text) in [("ui", ui), ("docs", "good")] {
            let branch = format!("agent/{name}");
            let commit = Commit::on(&branch).from("refs/gate/milestones/core/api");
            repo.commit(commit.file(&format!("{name}/file"), text));
        }
        fs::create_dir(temporary(&repo)).unwrap();
        let [one, four] = ["1", "4"].map(|jobs| {
            let _ = fs::remove_dir_all(repo.path().join(".git/gate/logs"));
            let run = integrate(&repo, jobs, "json");
            let record = repo.id("refs/gate/last-run");
            (run.code, run.stdout, record, logs(&repo))
        });
        assert!(one.1.contains("core@io"), "{}", one.1);
        assert_eq!(one, four, "{whole}, {ui}, {io}");
    }
}
