//! What verify commands can be asked: what they print, which variables they get, how often they are tried,
//! and what is said of those that do not pass.

use crate::support::{Commit, Run, TestRepo};
use crate::verify::{gate, integrate, integrate_without_sandbox, repo, temporary};
use gate::engine::System;
use serde_json::Value;
use std::fs;

/// The document of an integration that ends with `code`.
fn document(repo: &TestRepo, code: i32) -> Value {
    let arguments = ["integrate", "--sandbox", "off", "--format", "json"];
    let run = Run::of(&mut gate(repo, &arguments)).expect(code);
    serde_json::from_str(&run.stdout).unwrap()
}

/// The first finding about the only branch.
fn finding(document: &Value) -> &Value {
    &document["branches"][0]["findings"][0]
}

/// How many lines a command has written beside its checkouts.
fn lines(repo: &TestRepo, name: &str) -> usize {
    let text = fs::read_to_string(temporary(repo).join(name)).unwrap_or_default();
    text.lines().count()
}

#[test]
fn what_is_expected_of_the_output_decides() {
    let count = "expect: { pattern: '^ *([0-9]+)$', at_most: 0 }";
    let coverage = "expect: { pattern: '^TOTAL .* ([0-9.]+)%$', at_least: 80 }";
    for (command, missed) in [
        ("run: echo False, expect: { stdout: 'False' }", None),
        (
            "run: echo True, expect: { stdout: 'False' }",
            Some("`echo True` did not print `False`"),
        ),
        // Standard output alone is looked at.
        (
            "run: echo False >&2, expect: { stdout: 'False' }",
            Some("did not print `False`"),
        ),
        (
            "run: echo ok. 0 passed, expect: { not_stdout: ' 0 passed' }",
            Some("printed ` 0 passed`"),
        ),
        (
            &format!("run: grep -c nothing core/a.rs || true, {count}"),
            None,
        ),
        (
            &format!("run: grep -c a core/a.rs, {count}"),
            Some("printed 1, which is not at most 0"),
        ),
        (&format!("run: echo TOTAL 200 40 80.0%, {coverage}"), None),
        (
            &format!("run: echo TOTAL 200 41 79.5%, {coverage}"),
            Some("printed 79.5, which is not at least 80"),
        ),
        (
            &format!("run: 'true', {coverage}"),
            Some("printed nothing that matches `^TOTAL .* ([0-9.]+)%$`"),
        ),
    ] {
        let repo = repo(&format!("[{{ {command} }}]"));
        let document = document(&repo, i32::from(missed.is_some()));
        let Some(missed) = missed else { continue };
        let finding = finding(&document);
        assert_eq!(finding["code"], "verify-expectation", "{command}");
        let message = finding["message"].as_str().unwrap();
        assert!(message.contains(missed), "{message}");
        assert_eq!(finding["verification"]["cause"], "expectation");
        assert_eq!(finding["verification"]["blame"], "branch");
    }
    // Whoever fails has failed, whatever is printed.
    let failing = repo("[{ run: echo False; exit 1, expect: { stdout: 'False' } }]");
    integrate(&failing).expect(1).says("refused[verify-failed]");
}

#[test]
fn a_command_gets_the_variables_that_are_named_and_few_others() {
    let line = r#"env; test "$CC" = tcc && test -z "$SECRET$UNSET" && test -z "$GIT_DIR""#;
    let named = format!("[{{ run: '{line}', environment: [CC, UNSET] }}]");
    for (verify, code) in [(named, 0), (format!("['{line}']"), 1)] {
        let repo = repo(&verify);
        let mut command = gate(
            &repo,
            &["integrate", "--sandbox", "off", "--format", "concise"],
        );
        command.env("CC", "tcc").env("SECRET", "s3cret");
        Run::of(command.env("GIT_TRACE2", "0")).expect(code);
    }
}

#[test]
fn what_is_remembered_is_remembered_with_all_that_was_asked() {
    let merged = "echo one; echo run >> ../runs";
    for (whole, code, runs) in [
        (format!("[{{ run: '{merged}' }}]"), 0, 1),
        (format!("[{{ run: '{merged}', timeout: 29m }}]"), 0, 2),
        (format!("[{{ run: '{merged}', retries: 1 }}]"), 0, 2),
        (
            format!("[{{ run: '{merged}', environment: [GREETING] }}]"),
            0,
            2,
        ),
        // On the merged tree, then on the target, which fails as well.
        (
            format!("[{{ run: '{merged}', expect: {{ stdout: two }} }}]"),
            3,
            3,
        ),
    ] {
        let mut repo = repo(&format!("['{merged}']"));
        let manifest = repo.git(&["show", "main:ownership.yaml"]) + "\nverify: " + &whole;
        repo.commit(Commit::on("main").file("ownership.yaml", &manifest));
        repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
        let mut command = gate(&repo, &["integrate", "--sandbox", "off"]);
        Run::of(command.env("GREETING", "hello")).expect(code);
        assert_eq!(lines(&repo, "runs"), runs, "{whole}");
    }
}

/// Fails the first time; the checkout must be a new one each time.
const FLAKY: &str = "test ! -e mark && touch mark && echo try >> ../tries && echo said && \
     { test -e ../flag || { touch ../flag; exit 7; }; }";

#[test]
fn nothing_is_tried_again_unless_the_manifest_says_so() {
    let repo = repo(&format!("['{FLAKY}']"));
    let document = document(&repo, 1);
    assert_eq!(lines(&repo, "tries"), 1);
    assert_eq!(finding(&document)["verification"]["attempts"], 1);
    assert_eq!(document["flakes"], 0);
}

#[test]
fn a_pass_after_a_failure_is_a_pass_that_is_named() {
    let verify = format!("['echo before >> ../before', {{ run: '{FLAKY}', retries: 3 }}]");
    let flaky = repo(&verify);
    let document = document(&flaky, 0);
    assert_eq!(lines(&flaky, "tries"), 2);
    // In the new checkout there is what comes before it, too.
    assert_eq!(lines(&flaky, "before"), 2);
    assert_eq!(document["flakes"], 1);
    let finding = &document["findings"][0];
    assert_eq!(finding["code"], "verify-flaky");
    assert_eq!(finding["verification"]["attempts"], 2);
    assert_eq!(finding["verification"]["exit_code"], 7);
    assert_eq!(finding["output"]["lines"][0], "said");
    let flaky = repo(&verify);
    integrate_without_sandbox(&flaky)
        .expect(0)
        .says("warning[verify-flaky]")
        .says("is flaky: it passed at attempt 2")
        .says("; 1 flaky pass\n")
        .says("landed: main");
}

#[test]
fn whoever_never_passes_has_failed_as_often_as_it_may() {
    let repo = repo("[{ run: echo try >> ../tries; exit 7, retries: 2 }]");
    let run = integrate_without_sandbox(&repo).expect(1);
    run.says("refused[verify-failed]")
        .says("it was tried 3 times");
    assert_eq!(lines(&repo, "tries"), 3);
    assert_eq!(finding(&document(&repo, 1))["verification"]["attempts"], 3);
}

/// A command, and what is told of it: the code, the cause with its number, who is blamed, and some words.
type Fault = (
    &'static str,
    &'static str,
    &'static str,
    i64,
    &'static str,
    &'static str,
);

const FAULTS: &[Fault] = &[
    (
        "exit 3",
        "verify-failed",
        "exit-code",
        3,
        "branch",
        "ended with exit code 3",
    ),
    (
        "kill -9 $$",
        "verify-failed",
        "signal",
        9,
        "branch",
        "was ended by signal 9",
    ),
    (
        "exit 139",
        "verify-failed",
        "signal",
        11,
        "branch",
        "that signal 11 ended a program",
    ),
    (
        "exit 200",
        "verify-failed",
        "exit-code",
        200,
        "branch",
        "ended with exit code 200",
    ),
    (
        "no-such-program",
        "verify-not-started",
        "not-found",
        0,
        "nobody",
        "was not found",
    ),
    (
        "/dev/null",
        "verify-not-started",
        "not-executable",
        0,
        "nobody",
        "could not be executed",
    ),
    (
        "{ run: sleep 60, timeout: 1s }",
        "verify-timeout",
        "timeout",
        0,
        "branch",
        "did not end",
    ),
    (
        "sleep 60 & true",
        "verify-left-processes",
        "left-processes",
        0,
        "branch",
        "left a process",
    ),
    (
        "cp: No space left on device; exit 1",
        "disk-full",
        "disk-full",
        0,
        "nobody",
        "there is no space left on the disk",
    ),
    (
        "test $(ls core | wc -l) = 1 || { echo No space left on device; exit 1; }",
        "verify-failed",
        "disk-full",
        0,
        "branch",
        "although there is enough without this branch",
    ),
];

#[test]
fn faults_and_outages_are_told_apart() {
    for &(command, code, cause, number, blame, said) in FAULTS {
        let verify = match command {
            mapping if mapping.starts_with("{ run") => format!("[{mapping}]"),
            line => format!("['{}']", line.replace("cp: ", "echo cp: ")),
        };
        let repo = repo(&verify);
        let document = document(&repo, 1);
        let finding = finding(&document);
        assert_eq!(finding["code"], code, "{command}");
        let verification = &finding["verification"];
        assert_eq!(verification["cause"], cause, "{command}");
        assert_eq!(verification["blame"], blame, "{command}");
        let told = [&verification["exit_code"], &verification["signal"]];
        let told: i64 = told.iter().filter_map(|number| number.as_i64()).sum();
        assert_eq!(told, number, "{command}");
        let message = finding["message"].as_str().unwrap();
        assert!(message.contains(said), "{message}");
    }
}

#[test]
fn the_target_is_blamed_only_for_what_is_its_own() {
    for (whole, code, cause, blame, group) in [
        (
            "exit 3",
            "target-fails",
            "exit-code",
            "target",
            "the target itself fails, no branch's fault: target-fails",
        ),
        (
            "no-such-program",
            "verify-not-started",
            "not-found",
            "nobody",
            "an outage, nobody's fault: verify-not-started",
        ),
        (
            "echo No space left on device; exit 1",
            "disk-full",
            "disk-full",
            "nobody",
            "an outage, nobody's fault: disk-full",
        ),
    ] {
        let mut repo = repo("['true']");
        let manifest = repo.git(&["show", "main:ownership.yaml"]) + "\nverify: ['" + whole + "']\n";
        repo.commit(Commit::on("main").file("ownership.yaml", &manifest));
        repo.git(&["reset", "-q", "--hard"]);
        repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
        let document = document(&repo, 3);
        let finding = &document["findings"][0];
        assert_eq!(finding["code"], code);
        assert_eq!(finding["verification"]["cause"], cause);
        assert_eq!(finding["verification"]["blame"], blame);
        integrate(&repo).expect(3).says(group);
    }
}

#[test]
fn what_a_command_prints_is_in_its_log() {
    let repo = repo("['echo one', 'seq 1 100; echo oops >&2; false']");
    let document = document(&repo, 1);
    let output = &finding(&document)["output"];
    let place = output["log"].as_str().unwrap();
    let run = &document["run"].as_str().unwrap()[..10];
    let folder = repo.path().join(".git/gate/logs").join(run);
    assert_eq!(place, folder.join("002-agent-core.log").to_str().unwrap());
    let log = fs::read_to_string(place).unwrap();
    assert!(log.contains("1\n2\n") && log.contains("100\n") && log.contains("oops\n"));
    let first = fs::read_to_string(folder.join("001-agent-core.log")).unwrap();
    assert_eq!(first, "one\n");
    // The same run again does not write over it; people are told the place as well.
    let run = integrate(&repo).expect(1);
    let said = run.stdout.replace(['\n', ' '], "");
    let again = place.replace(&folder.to_str().unwrap().replace(' ', ""), "");
    let again = format!("{}-2{again}", folder.to_str().unwrap());
    assert!(said.contains(&format!("log:{again}")), "{}", run.stdout);
    assert_eq!(fs::read_to_string(&again).unwrap().len(), log.len());
}

#[test]
fn progress_says_how_many_commands_are_to_come() {
    let mut repo = repo("['true', 'exit 0']");
    let manifest = repo.git(&["show", "main:ownership.yaml"]) + "\nverify: ['exit 0;']\n";
    repo.commit(Commit::on("main").file("ownership.yaml", &manifest));
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    let run = Run::of(&mut gate(&repo, &["integrate", "--sandbox", "off"])).expect(0);
    let told: Vec<_> = run
        .stderr
        .lines()
        .filter(|line| line.starts_with("verifying"))
        .collect();
    assert_eq!(
        told,
        [
            "verifying agent/core: true (2 to come)",
            "verifying agent/core: exit 0 (1 to come)",
            "verifying the whole: exit 0;",
        ]
    );
}

#[test]
fn the_values_that_bulletproof_asks_for_are_looked_at() {
    for (branch, path, content, missed) in [
        (
            "agent/2-errors",
            "src/providers/local.py",
            "try:\n    pass\nexcept:\n    pass\n",
            "printed 1, which is not at most 0",
        ),
        (
            "agent/3-testing",
            "tests/test_nothing.py",
            "def test_nothing():\n    pass\n",
            "printed 75, which is not at least 80",
        ),
        (
            "agent/4-architecture",
            "src/tools/registry.py",
            "from src.bootstrap import wire\n",
            "did not print `False`",
        ),
    ] {
        let mut repo = TestRepo::unmade();
        let system = System::named("bulletproof").unwrap();
        system.build(&repo.path(), &[]).unwrap();
        repo.commit(Commit::on(branch).file(path, content));
        repo.gate(&["integrate", "--format", "concise"])
            .expect(1)
            .says(&format!("{branch}: refused[verify-expectation]: "))
            .says(missed);
    }
}
