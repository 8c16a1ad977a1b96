//! The workflow that `docs/many-machines.md` shows, played: each job on a machine of its own, with the
//! commands as they stand there.

use super::{Machine, Project};
use crate::support::{Commit, Run};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

const PAGE: &str = include_str!("../../docs/many-machines.md");

/// The commands of a job, a text for each of its steps that has some.
fn commands(job: &str) -> Vec<String> {
    let (_, workflow) = PAGE.split_once("```yaml\n").unwrap();
    let (workflow, _) = workflow.split_once("```").unwrap();
    let (_, job) = workflow.split_once(&format!("\n  {job}:\n")).unwrap();
    let is_inside = |line: &&str| line.is_empty() || line.starts_with("   ");
    let mut lines = job.lines().take_while(is_inside).peekable();
    let mut texts = Vec::new();
    while let Some(line) = lines.next() {
        let Some((before, command)) = line.split_once("run: ") else {
            continue;
        };
        if command != "|" {
            texts.push(command.to_owned());
            continue;
        }
        let is_below =
            |line: &&str| line.len() > before.len() && line[..=before.len()].trim().is_empty();
        let mut text = String::new();
        while let Some(line) = lines.next_if(is_below) {
            text.push_str(line);
            text.push('\n');
        }
        texts.push(text);
    }
    assert!(!texts.is_empty(), "{PAGE}");
    texts
}

/// Plays a job on a new machine, as far as its first step that fails.
fn play(project: &Project, job: &str, name: &str, matrix: &str) -> (Machine, Run) {
    let machine = project.empty_machine(name);
    let (origin, folder) = (project.origin(), &machine.folder);
    let clone = ["clone", "-q", "--no-local"];
    let places = [origin.to_str().unwrap(), folder.to_str().unwrap()];
    project.seed.git(&[&clone[..], &places].concat());
    let programs = Path::new(env!("CARGO_BIN_EXE_gate")).parent().unwrap();
    let path = std::env::var("PATH").unwrap();
    let mut last = None;
    for text in commands(job) {
        let text = text.replace("${{ matrix.steps }}", matrix);
        let mut shell = machine.command("bash");
        shell
            .args(["-e", "-c", &text])
            .env("PATH", format!("{}:{path}", programs.display()))
            .env("GITHUB_OUTPUT", machine.home.join("output"));
        let run = Run::of(&mut shell);
        let has_failed = run.code != 0;
        last = Some(run);
        if has_failed {
            break;
        }
    }
    (machine, last.unwrap())
}

/// How a job ended, and what it ran.
type Played = (i32, Vec<String>);

/// What each job of the whole workflow runs: the plan, then every step on its own, then the landing; and
/// how the last one ends.
fn play_all(project: &Project) -> (Vec<Played>, Vec<String>, Run) {
    let (planner, run) = play(project, "plan", "plan", "");
    run.expect(0);
    assert_eq!(planner.ran(), [""; 0]);
    let output = fs::read_to_string(planner.home.join("output")).unwrap();
    let matrix = output.strip_prefix("matrix=").unwrap();
    let matrix: serde_json::Value = serde_json::from_str(matrix).unwrap();
    let jobs = matrix["include"].as_array().unwrap().iter();
    let verified = jobs.enumerate().map(|(number, job)| {
        let name = format!("verify-{number}");
        let steps = job["steps"].as_str().unwrap();
        let (machine, run) = play(project, "verify", &name, steps);
        (run.code, machine.ran())
    });
    let verified = verified.collect();
    let (lander, run) = play(project, "land", "land", "");
    (verified, lander.ran(), run)
}

fn ran(code: i32, name: &str) -> Played {
    (code, vec![name.to_owned()])
}

#[test]
fn every_job_runs_its_step_and_the_last_one_lands_without_running_any() {
    let project = Project::new();
    let before = project.refs();
    let (verified, again, run) = play_all(&project);
    let steps = ["core", "checkpoint", "ui", "whole"];
    assert_eq!(verified, steps.map(|name| ran(0, name)));
    assert_eq!(again, [""; 0]);
    run.expect(0)
        .says("4 verifications not run, trusted to have passed by what origin says");
    let after = project.refs();
    assert_ne!(after["refs/heads/main"], before["refs/heads/main"]);
    // The same commits as on one machine.
    project.seed.gate(&["integrate", "--land"]).expect(0);
    assert_eq!(after["refs/heads/main"], project.seed.id("main"));
}

#[test]
fn a_job_that_fails_leaves_its_branch_out_and_the_others_land() {
    let mut project = Project::new();
    let bad = Commit::on("agent/core").from("main");
    project.deliver(bad.file("core/a", "BAD\n"));
    let (verified, again, run) = play_all(&project);
    let codes: Vec<_> = verified.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, [1, 0, 0, 0]);
    // What comes after the failure comes to other trees: it was verified by nobody.
    assert_eq!(again, ["core", "checkpoint", "whole"]);
    run.expect(1);
    let landed = project.refs()["refs/heads/main"].clone();
    let origin = project.origin();
    let show = [
        "-C",
        origin.to_str().unwrap(),
        "ls-tree",
        "-r",
        "--name-only",
        &landed,
    ];
    let files = project.seed.git(&show);
    assert_eq!(
        files.lines().collect::<Vec<_>>(),
        ["README", "docs/a", "ownership.yaml"]
    );
}

#[test]
fn a_server_with_the_hook_takes_what_the_workflow_pushes() {
    let project = Project::new();
    let hook = project.origin().join("hooks/pre-receive");
    let gate = env!("CARGO_BIN_EXE_gate");
    fs::write(&hook, format!("#!/bin/sh\nexec '{gate}' check receive\n")).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    let (verified, again, run) = play_all(&project);
    assert_eq!(verified.len(), 4);
    assert!(verified.iter().all(|(code, _)| *code == 0), "{verified:?}");
    assert_eq!(again, [""; 0]);
    run.expect(0);
    assert_eq!(project.passes().len(), 4);
}

#[test]
fn what_tidies_up_removes_every_pass_and_nothing_else() {
    let project = Project::new();
    let before = project.refs();
    let machine = project.machine("one");
    machine
        .gate(&["verify", "whole", "--push", "origin"])
        .expect(0);
    assert_eq!(project.passes().len(), 1);
    let (_, block) = PAGE.split_once("```console\n$ ").unwrap();
    let (command, _) = block.split_once("\n```").unwrap();
    for _ in 0..2 {
        Run::of(machine.command("sh").args(["-e", "-c", command])).expect(0);
        assert_eq!(project.refs(), before);
    }
}
