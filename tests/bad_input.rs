//! Bad input: a clear message, the right exit code, and nothing changed.

use crate::support::{Commit, Run, TestRepo, clean_command};

const MANIFEST: &str = r#"version: 1
agents:
  core:
    branch: agent/core
    owns: ["core/"]
    verify: ["true"]
"#;

fn repo() -> TestRepo {
    let mut repo = TestRepo::new(MANIFEST, &[("core/a.rs", "a")]);
    repo.commit(Commit::on("agent/core").from("main").file("core/b.rs", "b"));
    repo
}

/// Runs every command that has results and expects each to end with `code` and to change nothing.
#[track_caller]
fn everything_ends_with(repo: &TestRepo, code: i32, says: &str) {
    for command in [
        &["check", "branch", "--all"][..],
        &["check", "manifest"],
        &["integrate", "--land"],
        &["who", "core/a.rs"],
    ] {
        for format in ["full", "concise", "json", "github"] {
            let before = repo.refs();
            let run = repo
                .gate(&[command, &["--format", format]].concat())
                .expect(code);
            assert!(
                run.stdout.contains(says),
                "{command:?} as {format}: {}",
                run.stdout
            );
            assert_eq!(before, repo.refs(), "{command:?}");
        }
    }
}

#[test]
fn no_repository() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = clean_command(env!("CARGO_BIN_EXE_gate"));
    command
        .current_dir(folder.path())
        .args(["check", "branch", "--all", "--format", "concise"]);
    Run::of(&mut command).expect(2).says("[no-repository]");
}

#[test]
fn a_bare_repository_works() {
    let repo = repo();
    let bare = repo.path().join("bare.git");
    repo.git(&["clone", "-q", "--bare", ".", "bare.git"]);
    repo.gate_in(&bare, &["check", "branch", "--all"]).expect(0);
    repo.gate_in(&bare, &["integrate", "--land"]).expect(0);
}

#[test]
fn an_unborn_target() {
    everything_ends_with(&TestRepo::empty(), 2, "no-target");
}

#[test]
fn a_missing_manifest() {
    let mut repo = TestRepo::empty();
    repo.commit(Commit::on("main").file("a", "a"));
    everything_ends_with(&repo, 2, "no-manifest");
}

#[test]
fn a_manifest_that_is_not_committed_yet_is_a_preview() {
    let mut repo = TestRepo::empty();
    repo.commit(Commit::on("main").file("core/a.rs", "a"));
    repo.commit(Commit::on("agent/core").from("main").file("README.md", "x"));
    repo.git(&["reset", "-q", "--hard"]);
    repo.write("ownership.yaml", MANIFEST);
    let run = repo
        .gate(&["check", "branch", "--all", "--format", "concise"])
        .expect(1);
    run.says("[manifest-preview]").says("[unowned]");
    repo.gate(&["check", "manifest", "--format", "concise"])
        .expect(0)
        .says("[manifest-preview]");
    repo.gate(&["integrate", "--format", "concise"])
        .expect(2)
        .says("[no-manifest]");
}

#[test]
fn a_broken_manifest_reports_every_problem_at_once() {
    let broken = "version: 3\ntarget: main\nagents:\n  core:\n    brunch: agent/core\n    owns: [\"a//b\", \"\"]\n    depends_on: [nobody]\n";
    let repo = TestRepo::new(broken, &[("core/a.rs", "a")]);
    everything_ends_with(&repo, 2, "version");
    let run = repo
        .gate(&["check", "manifest", "--format", "concise"])
        .expect(2);
    run.says("brunch").says("nobody").says("[missing-key]");
    repo.gate(&["check", "manifest"])
        .expect(2)
        .says("did you mean `branch`?");
}

#[test]
fn an_overlap_stops_everything() {
    let overlap =
        format!("{MANIFEST}  other:\n    branch: agent/other\n    owns: [\"core/*.rs\"]\n");
    let repo = TestRepo::new(&overlap, &[("core/a.rs", "a")]);
    let run = repo
        .gate(&["check", "manifest", "--format", "concise"])
        .expect(2);
    run.says("[overlap]").says("core/a.rs");
    repo.gate(&["integrate", "--land"]).expect(2);
}

#[test]
fn a_target_that_does_not_exist() {
    let repo = repo();
    let run = repo.gate(&[
        "check", "branch", "--all", "--target", "mian", "--format", "concise",
    ]);
    run.expect(2).says("[no-target]");
    let run = repo.gate(&[
        "check", "branch", "--all", "--remote", "origin", "--format", "concise",
    ]);
    run.expect(2).says("[no-target]");
}

#[test]
fn a_target_that_the_manifest_does_not_mean() {
    let repo = repo();
    repo.git(&["branch", "other"]);
    let run = repo.gate(&[
        "check", "branch", "--all", "--target", "other", "--format", "concise",
    ]);
    let run = run.expect(2).says("[other-target]");
    // It names none, so no line of it is to blame.
    assert!(!run.stdout.contains("ownership.yaml:1:1"), "{}", run.stdout);
}

#[test]
fn an_unknown_branch() {
    let run = repo().gate(&["check", "branch", "agent/cor"]).expect(2);
    run.says("[unknown-branch]")
        .says("did you mean `agent/core`?");
}

#[test]
fn a_branch_of_nobody() {
    let mut repo = repo();
    repo.commit(Commit::on("people/fix").from("main").file("README.md", "x"));
    repo.gate(&["check", "branch", "people/fix", "--format", "concise"])
        .expect(3);
    repo.gate(&["check", "branch", "people/fix", "--if-agent"])
        .expect(0);
    let strict = MANIFEST.replace("version: 1", "version: 1\nothers: deny");
    repo.commit(Commit::on("main").file("ownership.yaml", &strict));
    let run = repo.gate(&[
        "check",
        "branch",
        "people/fix",
        "--if-agent",
        "--format",
        "concise",
    ]);
    run.expect(1).says("[others-denied]");
}

#[test]
fn a_shallow_clone_that_cannot_tell() {
    let mut repo = repo();
    for content in ["1", "2", "3"] {
        repo.commit(Commit::on("main").file("README.md", content));
    }
    repo.commit(Commit::on("agent/core").file("core/c.rs", "c"));
    let url = format!("file://{}", repo.path().display());
    repo.git(&[
        "clone",
        "-q",
        "--depth",
        "1",
        "--no-single-branch",
        &url,
        "shallow",
    ]);
    let shallow = repo.path().join("shallow");
    repo.gate_in(
        &shallow,
        &["check", "branch", "--all", "--remote", "origin"],
    )
    .expect(3)
    .says("git fetch --unshallow");
}

#[test]
fn verify_commands_that_fail_hang_or_do_not_exist() {
    for (command, code) in [
        ("exit 3", "verify-failed"),
        ("no-such-program", "verify-not-started"),
        ("kill -9 $$", "verify-failed"),
    ] {
        let mut repo = repo();
        let manifest = MANIFEST.replace("[\"true\"]", &format!("[\"{command}\"]"));
        repo.commit(Commit::on("main").file("ownership.yaml", &manifest));
        let before = repo.id("main");
        let run = repo.gate(&["integrate", "--format", "concise"]).expect(1);
        run.says(&format!("[{code}]")).says(command);
        assert_eq!(before, repo.id("main"));
    }
}

#[test]
fn a_command_that_hangs_is_ended_with_its_children() {
    let mut repo = repo();
    // A number that no other program on this machine sleeps for.
    let sleep = format!("sleep 98{}", std::process::id());
    let hangs = format!("[{{ run: '{sleep} & {sleep}', timeout: 1s }}]");
    let manifest = MANIFEST.replace("[\"true\"]", &hangs);
    repo.commit(Commit::on("main").file("ownership.yaml", &manifest));
    repo.gate(&["integrate", "--format", "concise"])
        .expect(1)
        .says("[verify-timeout]");
    let processes = clean_command("ps").args(["-eo", "args"]).output().unwrap();
    let processes = String::from_utf8_lossy(&processes.stdout).into_owned();
    assert!(!processes.contains(&sleep), "{processes}");
}

#[test]
fn commands_and_formats_that_are_not_there_yet_are_refused_by_name() {
    let repo = repo();
    for arguments in [
        &["hooks", "install"][..],
        &["check", "push"],
        &["completions", "bash"],
        &["man"],
        &["check", "branch", "--all", "--format", "junit"],
        &["check", "branch", "--all", "--format", "junit"],
    ] {
        let run = repo.gate(arguments).expect(2);
        assert!(
            (run.stdout + &run.stderr).contains("not supported yet"),
            "{arguments:?}"
        );
    }
}

#[test]
fn a_disk_that_is_full_while_integrating() {
    // A limit on the size of files is what a full disk looks like to a program.
    let mut repo = repo();
    repo.commit(Commit::on("agent/core").file("core/large.txt", &"large\n".repeat(100_000)));
    let before = repo.refs();
    let gate = env!("CARGO_BIN_EXE_gate");
    let mut command = repo.gate_command(&repo.path(), &[]);
    let line =
        format!("trap '' XFSZ; ulimit -f 1; exec '{gate}' integrate --land --format concise");
    let mut shell = clean_command("bash");
    shell
        .current_dir(command.get_current_dir().unwrap())
        .args(["-c", &line]);
    command = shell;
    Run::of(&mut command).expect(3);
    assert_eq!(before, repo.refs());
    repo.git(&["fsck", "--strict"]);
    repo.gate(&["integrate", "--land"]).expect(0);
}

#[test]
fn the_schema_is_printed_as_it_is_kept() {
    for format in ["full", "json", "github"] {
        let mut command = clean_command(env!("CARGO_BIN_EXE_gate"));
        command.args(["schema", "--format", format]);
        let run = Run::of(&mut command).expect(0);
        assert_eq!(run.stdout, include_str!("../ownership.schema.json"));
    }
}

#[test]
fn a_branch_in_the_way_of_the_integration_branch_is_named_before_anything_runs() {
    let mut repo = TestRepo::new(
        "version: 1\nagents:\n  core:\n    branch: agent/core\n    owns: [core/]\n    verify: 'false'\n",
        &[("core/a", "old")],
    );
    repo.commit(Commit::on("agent/core").from("main").file("core/a", "new"));
    for taken in ["gate", "gate/integration/old"] {
        repo.git(&["branch", taken]);
        let run = repo.gate(&["integrate", "--land", "--format", "concise"]);
        run.expect(3)
            .says("in the way of refs/heads/gate/integration: git");
        repo.git(&["branch", "-D", taken]);
    }
}
