//! What gate says of wrong input: all of it at once, by its name, with the one thing to do.

use crate::support::{Commit, Run, TestRepo};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

const MANIFEST: &str = r#"version: 1
agents:
  core:
    branch: agent/core
    owns: ["core/"]
"#;

fn repo() -> TestRepo {
    TestRepo::new(MANIFEST, &[("core/a.rs", "a")])
}

/// What is said of a manifest in the work tree, in lines.
fn said(manifest: &str) -> String {
    let repo = repo();
    repo.write("new.yaml", manifest);
    let arguments = ["check", "manifest", "new.yaml", "--format", "concise"];
    repo.gate(&arguments).expect(2).stdout
}

#[track_caller]
fn all_of(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "no {part:?} in:\n{text}");
    }
}

#[test]
fn patterns_and_overlaps_are_reported_with_every_other_problem() {
    let rest = "\n  b: {branch: agent/b, owns: [x/], depends_on: [a]}\n";
    let agent = |text: &str| format!("version: 1\nagents:\n  a: {{branch: agent/a, {text}}}{rest}");
    let text = said(&agent("owns: [a//b, x/y], brunch: c, depends_on: [b]"));
    let codes = [
        "unknown-key",
        "dependency-cycle",
        "invalid-pattern",
        "overlap",
    ];
    all_of(&text, &codes);
    let text = said(&agent("owns: [x/, x/]"));
    all_of(&text, &["stands twice", "overlap"]);
    // Two agents with one branch are reported once.
    let text = said(&format!(
        "{MANIFEST}  b: {{branch: agent/core, owns: [core/x]}}\n"
    ));
    assert_eq!(text.matches("branch-overlap").count(), 1, "{text}");
    all_of(&text, &["[overlap]"]);
    // An entry that is no agent leaves a gap; patterns are read all the same.
    let text = said(&agent("owns: [a//b]").replace("a: {branch", "c: 5\n  a: {branch"));
    all_of(&text, &["must be a mapping", "invalid-pattern"]);
}

#[test]
fn what_may_be_nothing_but_a_consequence_is_not_reported() {
    for set in [
        "{paths: [x/], exept: [x/y]}",
        "{paths: [x/], except: [x//y]}",
        "{paths: [x/], except: [5]}",
    ] {
        let text = said(&format!(
            "version: 1\nagents:\n  a: {{branch: a, owns: {set}}}\n  b: {{branch: b, owns: [x/y]}}\n"
        ));
        assert!(!text.contains("overlap"), "{set}: {text}");
    }
    let text = said(&format!("{MANIFEST}target: 5\n"));
    assert_eq!(text.lines().count(), 1, "{text}");
    let text = said(&format!("{MANIFEST}target: 5\nintegration: main\n"));
    assert_eq!(text.lines().count(), 1, "{text}");
    all_of(&said("---\n"), &["the manifest is empty"]);
}

#[test]
fn a_search_that_is_given_up_says_so() {
    let agents = (0..300).map(|n| format!("  a{n}: {{branch: x/{n}, owns: [src/]}}\n"));
    let text = said(&format!(
        "version: 1\nagents:\n{}",
        agents.collect::<String>()
    ));
    let more = [
        "after 200 such errors the search was given up",
        "has more than 200 problems",
    ];
    all_of(&text, &more);
}

#[test]
fn a_manifest_that_is_no_file() {
    let mut repo = repo();
    let check = |file: &str| repo.gate(&["check", "manifest", file]).expect(2);
    check("nope.yaml").says("does not exist").says("help:");
    check("nope/x.yaml").says("does not exist");
    check("core").says("is a directory").says("help:");
    check("/dev/zero").says("more than 16777216 bytes");
    std::os::unix::fs::symlink("ownership.yaml", repo.path().join("link.yaml")).unwrap();
    check("link.yaml").says("is a symbolic link");
    repo.commit(
        Commit::on("main")
            .delete("ownership.yaml")
            .file("ownership.yaml/x", "x"),
    );
    repo.gate(&["check", "manifest"])
        .expect(2)
        .says("ownership.yaml of the target is a directory");
    let target = repo.path().join("elsewhere.yaml");
    std::fs::write(target, MANIFEST).unwrap();
    repo.commit(Commit::on("main").delete("ownership.yaml/x"));
    repo.git(&["reset", "-q", "--hard"]);
    std::os::unix::fs::symlink("elsewhere.yaml", repo.path().join("ownership.yaml")).unwrap();
    repo.gate(&["check", "branch", "--all"])
        .expect(2)
        .says("is a symbolic link");
}

#[test]
fn a_branch_that_brings_no_good_manifest_is_refused_with_the_reason() {
    let trusting = format!("{MANIFEST}    trusted_with: [ownership.yaml]\n");
    let mut repo = TestRepo::new(&trusting, &[]);
    let refused = |repo: &TestRepo| {
        let run = repo.gate(&["check", "branch", "agent/core", "--format", "concise"]);
        run.expect(1)
    };
    let worse = "version: 2\nagents: {}\nunowned: maybe\n";
    repo.commit(
        Commit::on("agent/core")
            .from("main")
            .file("ownership.yaml", worse),
    );
    refused(&repo)
        .says("not valid: line 1: this gate reads")
        .says("(and 1 more)");
    let link = Commit::on("agent/core").from("main");
    repo.commit(link.entry("ownership.yaml", "120000", b"core/x"));
    refused(&repo).says("is not a regular file");
}

#[test]
fn a_commit_is_named_once() {
    let mut repo = repo();
    let touch = Commit::on("agent/core").from("main").file("README.md", "x");
    let commit = repo.commit(touch);
    let arguments = ["check", "branch", "agent/core", "--format", "concise"];
    let says = format!(
        "refused[unowned] in commit {}: agent/core added",
        &commit[..10]
    );
    repo.gate(&arguments).expect(1).says(&says);
    let commit = repo.commit(Commit::on("agent/core").delete("README.md"));
    let run = repo.gate(&arguments).expect(1);
    assert_eq!(
        run.stdout.matches(&commit[..10]).count(),
        1,
        "{}",
        run.stdout
    );
}

#[test]
fn sums_read_well_where_there_is_one_of_each() {
    let text = TestRepo::new(MANIFEST, &[])
        .gate(&["check", "manifest"])
        .stdout;
    all_of(&text, &["1 of 1 file claimed"]);
    assert!(!text.contains("pairs"), "{text}");
}

#[test]
fn the_format_of_the_environment() {
    let repo = repo();
    let run = |format: &str, arguments: &[&str]| {
        let mut command = repo.gate_command(&repo.path(), arguments);
        Run::of(command.env("GATE_FORMAT", format))
    };
    let check = ["check", "manifest"];
    assert_eq!(run("", &check).expect(0).stdout, repo.gate(&check).stdout);
    run("json", &check).expect(0).says("{\"version\":1");
    let wrong = run("xml", &check).expect(2);
    assert!(!wrong.stdout.contains("--format"), "{}", wrong.stdout);
    wrong.says("GATE_FORMAT").says("use one of: full");
    run("junit", &check).expect(2).says("[not-supported-yet]");
    run("xml", &["check", "manifest", "--format", "concise"]).expect(0);
}

#[test]
fn the_help_names_every_format() {
    let help = repo().gate(&["--help"]).expect(0);
    let listed = repo().gate(&["check", "manifest", "--format", "xml"]);
    let hint = listed.stderr.lines().chain(listed.stdout.lines());
    let names: Vec<_> = hint
        .filter_map(|line| line.split_once("use one of: "))
        .flat_map(|(_, names)| names.split(", "))
        .collect();
    assert!(names.len() > 3, "{}{}", listed.stdout, listed.stderr);
    for name in names {
        assert!(help.stdout.contains(name), "{name}: {}", help.stdout);
    }
}

#[test]
fn a_log_of_findings_is_nothing_for_questions() {
    for question in [&["who", "core/a"][..], &["explain", "protected"]] {
        let run = repo().gate(&[question, &["--format", "sarif"]].concat());
        run.expect(2).says("here nothing is looked for");
    }
}

#[test]
fn columns_say_how_wide_the_other_end_is() {
    let repo = repo();
    let check = ["check", "manifest", "--target", "mian"];
    let mut command = repo.gate_command(&repo.path(), &check);
    let run = Run::of(command.env("COLUMNS", "200"));
    let wide = "once with `git config gate.target main`, or each time with";
    run.says(wide);
    assert!(!repo.gate(&check).stdout.contains(wide));
}

#[test]
fn requests_and_grants_are_refused_by_name() {
    for command in ["request", "requests", "grant", "grants"] {
        let run = repo().gate(&[command, "x"]).expect(2);
        run.says(&format!("`{command}` is not supported yet"));
    }
}

#[test]
fn full_names_stand_for_branches_and_never_for_tags() {
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    let check = ["check", "branch", "refs/heads/agent/core"];
    repo.gate(&check).expect(0).says("accepted");
    repo.gate(&[&check[..], &["--target", "refs/heads/main"]].concat())
        .expect(0);
    repo.git(&["config", "gate.target", "refs/heads/main"]);
    repo.gate(&check).expect(0).says("accepted");
    repo.git(&["tag", "v1", "main"]);
    repo.gate(&["check", "branch", "--all", "--target", "refs/tags/v1"])
        .expect(2);
}

#[test]
fn names_that_are_empty_or_no_text_are_refused() {
    let repo = repo();
    for arguments in [
        &["check", "branch", ""][..],
        &["check", "branch", "--target", ""],
        &["check", "branch", "--remote", ""],
    ] {
        let run = repo.gate(arguments).expect(2);
        assert!(run.stderr.contains("it is empty"), "{}", run.stderr);
    }
    let mut command = repo.gate_command(&repo.path(), &["check", "branch"]);
    let run = Run::of(command.arg(OsStr::from_bytes(b"agent/\xff"))).expect(2);
    assert!(
        run.stderr.contains(r#""agent/\377" is not UTF-8"#),
        "{}",
        run.stderr
    );
    repo.git(&["config", "gate.target", ""]);
    repo.gate(&["check", "manifest"])
        .expect(2)
        .says("`gate.target` is empty");
}

#[test]
fn a_branch_whose_name_is_no_text_is_undecided() {
    let manifest = MANIFEST.replace("agent/core", "agent/*");
    let repo = TestRepo::new(&manifest, &[]);
    let refs = repo.path().join(".git/refs/heads/agent");
    std::fs::create_dir_all(&refs).unwrap();
    let name = OsStr::from_bytes(b"\xff");
    std::fs::write(refs.join(name), repo.id("main")).unwrap();
    let run = repo.gate(&["check", "branch", "--all", "--format", "concise"]);
    run.expect(3)
        .says(r#""refs/heads/agent/\377" is not UTF-8"#);
}

#[test]
fn what_is_not_there_is_named_with_what_to_do() {
    let repo = repo();
    repo.gate(&["check", "branch", "--all", "--remote", "nope"])
        .expect(2)
        .says("there is no remote nope");
    repo.git(&["remote", "add", "origin", "."]);
    repo.gate(&["check", "branch", "--all", "--remote", "origin"])
        .expect(2)
        .says("git fetch origin");
    repo.gate(&["-C", "/nonexist", "check", "manifest"])
        .expect(2)
        .says("help: name a folder that exists");
}

#[test]
fn a_target_with_another_name_is_found_by_what_the_manifest_says() {
    let mut repo = TestRepo::empty();
    let manifest = format!("{MANIFEST}target: master\n");
    repo.commit(Commit::on("master").file("ownership.yaml", &manifest));
    repo.git(&["switch", "-q", "master"]);
    repo.gate(&["check", "branch", "--all"])
        .expect(2)
        .says("`git config gate.target master`")
        .says("`--target master`");
    repo.git(&["config", "gate.target", "master"]);
    repo.gate(&["check", "branch", "--all"]).expect(0);
    assert!(include_str!("../README.md").contains("git config gate.target master"));
}
